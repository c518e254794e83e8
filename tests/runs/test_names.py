from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from oppnb.runs.names import folder_names, safe_name

NASTY = [
    "..",
    "../../etc",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\x",
    "con",
    "NUL.txt",
    "runs",
    "",
    " ",
    ".",
    "a\0b",
    "x" * 500,
]


@given(st.text())
def test_a_slice_never_leaves_the_folder(name):
    folder = safe_name(name)
    assert folder
    assert Path(folder).name == folder
    assert folder not in (".", "..")
    assert not set(folder) & set('/\\:*?"<>|\0')
    assert len(folder.encode()) <= 100
    assert (Path("/out") / folder).resolve().parent == Path("/out")


@given(st.lists(st.text(max_size=4)))
def test_two_slices_never_share_a_folder_whatever_their_order(names):
    found = folder_names(names)
    assert len({folder.casefold() for folder in found.values()}) == len(set(names))
    assert folder_names(reversed(names)) == found


def test_malicious_names_stay_in_place(tmp_path):
    for folder in folder_names(NASTY).values():
        (tmp_path / "out" / folder).mkdir(parents=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert len(list((tmp_path / "out").iterdir())) == len(NASTY)
