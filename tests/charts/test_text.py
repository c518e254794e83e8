import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.charts import plain, text_width, wrapped


@given(st.text(max_size=80))
def test_plain_text_says_the_same_letters_and_no_markup(text):
    made = plain(text)
    assert not set("<>$") & set(made)
    assert html.unescape(made) == " ".join(text.split())


@given(st.text(max_size=120), st.integers(6, 40), st.integers(1, 3))
def test_wrapped_text_keeps_to_its_lines_and_width(text, width, lines):
    rows = [html.unescape(row) for row in wrapped(text, width=width, lines=lines).split("<br>")]
    assert len(rows) <= lines
    assert all(text_width(row) <= width + 5 for row in rows)


@pytest.mark.parametrize("text", ["<br>", "<b>x</b>", "<a href='javascript:x'>y</a>", "$\\alpha$", "&lt;"])
def test_wrapping_never_lets_markup_of_the_data_through(text):
    assert html.unescape(wrapped(text, width=60)) == text


def test_what_was_cut_ends_in_an_ellipsis():
    assert wrapped("one two three four five six", width=8, lines=2) == "one two<br>three f…" or wrapped(
        "one two three four five six", width=8, lines=2
    ).endswith("…")


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one():
    rows = wrapped("每个商机都有首个阶段（商机）", width=24).split("<br>")
    assert not any(row[0] in "）」，。" or row[-1] in "（「" for row in rows)
    assert len(rows) == 2
