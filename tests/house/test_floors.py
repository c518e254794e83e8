"""The floors of the house: a room imports only from floors below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "oppnb"
FLOORS = [
    {"errors", "periods", "workspace", "locale"},
    {"tables", "charts", "store"},
    {"sources", "history", "metrics"},
    {"stages"},
    {"scoring", "forecasting", "review"},
    {"opening"},
    {"widgets", "reports", "delivery"},
    {"projects", "runs"},
    {"cli", "lab"},
    {"__main__"},
]
FLOOR_OF = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# The ground is one floor whose parts build on each other in this order.
GROUND_ORDER = ["errors", "periods", "workspace", "locale"]


def imported_rooms(source: str, *, module: str = "oppnb") -> set[str]:
    """Every room named by an import, wherever it stands: lazy and typing-only ones too."""
    rooms = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
            if node.module == "oppnb":
                names = [f"oppnb.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith(f"{module}.")} - {"__version__"}
    return rooms


def relative_imports(source: str) -> int:
    return sum(isinstance(node, ast.ImportFrom) and node.level > 0 for node in ast.walk(ast.parse(source)))


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def may_import(room: str, other: str) -> bool:
    if other == room:
        return True
    if room in GROUND_ORDER and other in GROUND_ORDER:
        return GROUND_ORDER.index(other) < GROUND_ORDER.index(room)
    return FLOOR_OF[other] < FLOOR_OF[room]


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_room_imports_only_from_floors_below(file: Path) -> None:
    room = room_of(file)
    assert room in FLOOR_OF, f"{room} stands on no floor: give it one in this test and in docs/design.md"
    wrong = {other for other in imported_rooms(file.read_text(encoding="utf-8")) if not may_import(room, other)}
    assert not wrong, f"{room} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_are_absolute_so_that_the_floors_can_be_read(file: Path) -> None:
    assert relative_imports(file.read_text(encoding="utf-8")) == 0


def test_the_test_of_the_floors_sees_lazy_and_typing_only_imports() -> None:
    lazy = "def f():\n    from oppnb.review import x\n"
    typing_only = "if TYPE_CHECKING:\n    import oppnb.cli.main\n"
    source = lazy + typing_only + "from oppnb import stages\n"
    assert imported_rooms(source) == {"review", "cli", "stages"}


def test_the_rooms_of_one_floor_do_not_know_each_other() -> None:
    assert not may_import("scoring", "review")
    assert not may_import("history", "sources")
    assert not may_import("widgets", "reports")
    assert not may_import("reports", "widgets")
    assert may_import("widgets", "opening")
    assert not may_import("opening", "reports")
    assert may_import("widgets", "review")
    assert may_import("review", "history")
