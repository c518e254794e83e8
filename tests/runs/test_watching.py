"""What a run says while a report takes its time."""

import json
from pathlib import Path

import pytest

from oppnb.locale import LOCALES, Words
from oppnb.runs import watching as module
from oppnb.runs.plan import Job
from oppnb.runs.watching import Watch, watching
from tests.notebooks import make_notebook

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def make_job(folder: Path, slice_: str | None = None) -> Job:
    file = folder / "weekly.ipynb"
    file.write_text(json.dumps(make_notebook("a = 1", "b = 2", parameters='data: str = "x"')), encoding="utf-8")
    return Job("key", str(file), slice_, str(folder), {}, {})


def test_a_quick_report_is_not_told_of(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    watch = Watch(lambda key, _: told.append(key), 1)
    with watch.at(make_job(tmp_path)):
        clock.now += 4.9
        watch.look()
    clock.now += 100
    watch.look()
    assert told == []


def test_a_slow_one_is_told_of_soon_and_then_now_and_again_with_the_part_that_is_at_work(
    tmp_path: Path, clock: Clock
) -> None:
    told = []
    watch = Watch(lambda _, values: told.append(dict(values)), 7)
    with watch.at(make_job(tmp_path, "North")) as step:
        for second in range(70):
            clock.now = 100.0 + second
            if second == 20:
                step(3, 4)
            watch.look()
    assert [one["seconds"] for one in told] == [5, 35, 65]
    assert [(one["part"], one["parts"]) for one in told] == [(1, 4), (4, 4), (4, 4)]
    assert {(one["place"], one["total"], one["name"]) for one in told} == {(1, 7, "weekly · North")}


def test_it_looks_by_itself_and_ends_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    heard = threading.Event()
    monkeypatch.setattr(module, "FIRST_SECONDS", 0.0)
    with watching(lambda *_: heard.set(), 1) as watch:
        assert watch is not None
        with watch.at(make_job(tmp_path)):
            assert heard.wait(20)
    assert not [one for one in threading.enumerate() if one.name == "oppnb-watch"]


def test_nobody_listens_and_nothing_looks(tmp_path: Path) -> None:
    with watching(None, 3) as watch:
        assert watch is None


def test_parts_that_have_words_of_their_own_are_cells_of_the_templates() -> None:
    cells = {
        path.stem: {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
        for path in TEMPLATES.glob("*.ipynb")
    }
    known = {f"{name}_{cell}" for name, found in cells.items() for cell in found}
    known |= {cell for found in cells.values() for cell in found} | {"injected-parameters"}
    assert set(Words("en").keys("run_part")) <= known
    assert all(
        "{" not in Words(locale)(f"run_part.{key}") for locale in LOCALES for key in Words(locale).keys("run_part")
    )
