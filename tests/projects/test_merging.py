"""Three versions become one: laws first, then notebooks, which must always open."""

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import UsageError
from oppnb.projects import merge_notebooks, merge_text

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "{", "中"]), max_size=6).map(lambda rows: "\n".join(rows).encode())


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_a_change_on_one_side_only_is_that_side(before: bytes, after: bytes) -> None:
    assert merge_text(before, after, before).content == after
    assert merge_text(before, before, after).content == after
    assert merge_text(before, after, after) == merge_text(after, after, after)


@settings(max_examples=25, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_every_line_of_yours_that_is_new_is_still_there(before: bytes, yours: bytes, newer: bytes) -> None:
    merged = merge_text(before, yours, newer).content.splitlines()
    assert all(line in merged for line in set(yours.splitlines()) - set(before.splitlines()))


def test_changes_in_different_places_are_both_kept() -> None:
    merged = merge_text(b"a\nb\nc\nd\n", b"A\nb\nc\nd\n", b"a\nb\nc\nD\n")
    assert (merged.content, merged.n_conflicts) == (b"A\nb\nc\nD\n", 0)


def test_the_same_line_changed_on_both_sides_is_shown_as_git_shows_it() -> None:
    merged = merge_text(b"odds: 1\n", b"odds: 2\n", b"odds: 3\n", label="oppnb 9")
    assert merged.content == b"<<<<<<< yours\nodds: 2\n=======\nodds: 3\n>>>>>>> oppnb 9\n"
    assert merged.n_conflicts == 1


def test_line_ends_of_windows_are_no_change_and_stay() -> None:
    merged = merge_text(b"a\nb\nc\nd\n", b"A\r\nb\r\nc\r\nd\r\n", b"a\nb\nc\nD\n")
    assert (merged.content, merged.n_conflicts) == (b"A\r\nb\r\nc\r\nD\r\n", 0)


def test_what_is_no_text_stays_yours_and_is_told() -> None:
    merged = merge_text(b"\0a", b"\0b", b"\0c")
    assert (merged.content, merged.n_conflicts) == (b"\0b", 1)


def test_without_git_the_message_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="needs git"):
        merge_text(b"a", b"b", b"c")


def notebook(*cells: tuple[str, str], **more: Any) -> bytes:
    made = [
        {"cell_type": "code", "id": name, "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for name, text in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def sources(text: bytes) -> dict[str, str]:
    read = nbformat.reads(text.decode(), as_version=4)
    nbformat.validate(read)
    return {cell["id"]: cell["source"] for cell in read["cells"]}


BEFORE = notebook(("a", "1"), ("b", "2"), ("c", "3"))


def test_cells_changed_on_different_sides_are_both_kept() -> None:
    yours = notebook(("a", "my own"), ("b", "2"), ("c", "3"))
    merged = merge_notebooks(BEFORE, yours, notebook(("a", "1"), ("b", "2"), ("c", "three")))
    assert sources(merged.content) == {"a": "my own", "b": "2", "c": "three"}
    assert merged.n_conflicts == 0


def test_a_conflict_stands_in_its_cell_and_the_notebook_opens() -> None:
    merged = merge_notebooks(
        BEFORE,
        notebook(("a", "x"), ("b", "2"), ("c", "3")),
        notebook(("a", "y"), ("b", "2"), ("c", "3")),
        label="oppnb 9",
    )
    assert sources(merged.content)["a"] == "<<<<<<< yours\nx\n=======\ny\n>>>>>>> oppnb 9"
    assert merged.n_conflicts == 1


def test_a_new_cell_stands_after_the_one_it_follows_and_your_order_stays() -> None:
    yours = notebook(("c", "3"), ("a", "1"), ("mine", "m"), ("b", "2"))
    merged = merge_notebooks(BEFORE, yours, notebook(("a", "1"), ("new", "n"), ("b", "2"), ("c", "3")))
    assert list(sources(merged.content)) == ["c", "a", "new", "mine", "b"]


def test_a_cell_you_removed_stays_away_unless_it_has_changed_since() -> None:
    yours = notebook(("a", "1"), ("c", "3"))
    same = merge_notebooks(BEFORE, yours, notebook(("a", "one"), ("b", "2"), ("c", "3")))
    assert sources(same.content) == {"a": "one", "c": "3"}
    changed = merge_notebooks(BEFORE, yours, notebook(("a", "1"), ("b", "two"), ("c", "3")))
    assert changed.n_conflicts == 1
    assert "two" in sources(changed.content)["b"]


def test_a_cell_the_package_dropped_goes_unless_you_changed_it() -> None:
    newer = notebook(("a", "1"), ("c", "3"))
    assert list(sources(merge_notebooks(BEFORE, notebook(("a", "z"), ("b", "2"), ("c", "3")), newer).content)) == [
        "a",
        "c",
    ]
    kept = merge_notebooks(BEFORE, notebook(("a", "1"), ("b", "mine"), ("c", "3")), newer)
    assert "mine" in sources(kept.content)["b"]
    assert kept.n_conflicts == 1


def test_your_outputs_are_no_change_of_the_text_and_stay() -> None:
    tree = json.loads(BEFORE)
    tree["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    merged = merge_notebooks(BEFORE, json.dumps(tree).encode(), notebook(("a", "1"), ("b", "2"), ("c", "three")))
    assert json.loads(merged.content)["cells"][0]["outputs"]
    assert sources(merged.content)["c"] == "three"


def test_what_is_no_notebook_is_merged_as_text() -> None:
    assert merge_notebooks(b"a\nb\nc\nd", b"A\nb\nc\nd", b"a\nb\nc\nD").n_conflicts == 0
