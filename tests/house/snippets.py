"""Blocks of a documentation page, and how each is run.

What a page may say above a block, as a comment that readers do not see:

    <!-- file: shop/deals.csv -->    the block is written to that file
    <!-- not run: why -->            the block is only shown
    <!-- kernel -->                  the block starts a Jupyter kernel: run in the slow test only
    <!-- exit code: 2 -->            the last command of the block ends with that code
    <!-- small -->                   the page's `exports/` is a synthetic pipeline of 90 deals: models are trained on it

Blocks marked `python` and `console` are run in order, page by page, in a folder where `exports/` is the sample pipeline
and `oppnb.yaml` its workspace. A `text` block right after a Python block is what it shows; in a console block the lines
after a command are what it prints. `…` stands for anything. `yaml` blocks must be workspaces, or parts of one.
"""

import ast
import contextlib
import doctest
import io
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oppnb.cli import main

__all__ = ["Block", "blocks_of", "run_console", "run_python"]

FENCE = re.compile(
    r"(?P<marks>(?:^[ ]*<!-- [^\n]*? -->\n)*)^(?P<indent>[ ]*)```(?P<kind>[\w{}-]*)\n(?P<body>.*?)^[ ]*```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, what the page says about it, and the output shown after it."""

    page: str
    line: int
    kind: str
    text: str
    marks: dict[str, str]
    shown: str | None = None

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    blocks = []
    for place, match in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        is_output = (
            after is not None
            and after["kind"] == "text"
            and not after["marks"]
            and not text[match.end() : after.start()].strip()
        )
        blocks.append(
            Block(
                page=page.name,
                line=text.count("\n", 0, match.start("kind")) + 1,
                kind=match["kind"],
                text=re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE),
                marks=_marks(match["marks"]),
                shown=after["body"] if after is not None and is_output else None,
            )
        )
    return blocks


def _marks(text: str) -> dict[str, str]:
    said = re.findall(r"<!-- (.*?) -->", text)
    return {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in said)}


def run_python(block: Block, names: dict[str, Any]) -> None:
    """Run a Python block as a notebook cell: what its last expression gives is shown, unless it is None."""
    tree = ast.parse(block.text, filename=block.where)
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, block.where, "exec"), names)
        value = None if last is None else eval(compile(last, block.where, "eval"), names)
        if value is not None:
            print(value)
    if block.shown is not None:
        check_output(block, block.shown, out.getvalue())


def run_console(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the `$ oppnb …` lines of a console block in this process."""
    sessions = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    for place, session in enumerate(sessions):
        joined = session.replace("\\\n", " ")
        command, _, shown = joined.partition("\n")
        code = int(block.marks.get("exit code", "0")) if place == len(sessions) - 1 else 0
        printed = _run(shlex.split(command, comments=True), code=code, block=block, monkeypatch=monkeypatch)
        if shown.strip():
            check_output(block, shown, printed)


def _run(words: list[str], *, code: int, block: Block, monkeypatch: pytest.MonkeyPatch) -> str:
    assert words[0] == "oppnb", f"{block.where}: only oppnb's own commands can be run, not '{words[0]}'"
    target = Path(words[words.index(">") + 1]) if ">" in words else None
    monkeypatch.setattr(sys, "argv", words[: words.index(">")] if target else words)
    both = io.StringIO()
    out = io.StringIO() if target else both
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(both), pytest.raises(SystemExit) as stop:
        main()
    assert int(stop.value.code or 0) == code, f"{block.where}: {' '.join(words)}\n{both.getvalue()}"
    if target:
        target.write_text(out.getvalue(), encoding="utf-8")
    return both.getvalue()


def check_output(block: Block, shown: str, printed: str) -> None:
    wanted, got = shown.replace("…", "...").strip() + "\n", printed.replace("…", "...").strip() + "\n"
    is_so = doctest.OutputChecker().check_output(wanted, got, FLAGS)
    assert is_so, f"{block.where} shows\n{shown}\nbut it is\n{printed}"
