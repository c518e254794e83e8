"""A client's name is a folder everywhere, or it is refused with a reason."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.errors import UsageError
from oppnb.projects import check_name


@pytest.mark.parametrize(
    "name", ["client-a", "a b", "中文客户", "Müller & Söhne".replace(" & ", " "), "O2", "a.b", "console"]
)
def test_an_ordinary_name_of_any_script_is_taken_as_it_is(name: str) -> None:
    assert check_name(name) == name


REFUSED = {
    "": "empty",
    "   ": "empty",
    "../x": "'/'",
    "..": "begin with '.'",
    "/etc": "'/'",
    "a\\b": "cannot stand",
    "CON": "device",
    "nul.txt": "device",
    "lpt1": "device",
    "-rf": "begin with '-'",
    "~root": "begin with '~'",
    ".hidden": "begin with '.'",
    "a.": "dot",
    " a": "space",
    "a\nb": "U\\+000A",
    "a\u202eb": "U\\+202E",
    "x" * 201: "200 bytes",
    "客" * 67: "200 bytes",
    "a%b": "'%'",
    "$(id)": "cannot stand",
    'a"b': "cannot stand",
}


@pytest.mark.parametrize(("name", "why"), REFUSED.items())
def test_a_name_that_some_system_cannot_hold_is_refused_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_name(name)


@given(st.text(max_size=40))
def test_whatever_is_taken_stays_one_folder_inside_its_parent(name: str) -> None:
    try:
        taken = check_name(name)
    except UsageError:
        return
    assert taken == unicodedata.normalize("NFC", name)
    assert Path("/parent", taken).parent == Path("/parent")
    assert Path("/parent", taken).resolve() == Path("/parent", taken)
