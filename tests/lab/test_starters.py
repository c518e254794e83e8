"""Ready notebooks and workspaces."""

import json

import pytest

from oppnb.errors import UsageError
from oppnb.lab.places import OutsideError
from oppnb.lab.starters import KINDS, make_starter
from oppnb.workspace import read_workspace


def cells_of(root, made):
    tree = json.loads(root.path(made["path"]).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in tree["cells"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_kind_is_a_notebook_of_python_with_the_readers_data(root, kind, locale):
    asked = {"data": "client/amount.txt", "workspace": "client/oppnb.yaml", "locale": locale}
    made = make_starter(root, kind=kind, folder="client/templates", **asked)
    said, head, *steps = cells_of(root, made)
    assert said.startswith("# ")
    assert "'../amount.txt'" in head
    assert "'../oppnb.yaml'" in head
    for source in (head, *steps):
        compile(source, kind, "exec")


def test_nothing_that_is_there_is_written_over(root):
    first, second = (make_starter(root, kind="review")["path"] for _ in range(2))
    assert (first, second) == ("Pipeline review.ipynb", "Pipeline review 2.ipynb")


def test_data_with_quotes_in_its_name_stays_text(root):
    name = "a'); import os  #.csv"
    (root.folder / name).write_text("x", encoding="utf-8")
    found = {}
    exec(cells_of(root, make_starter(root, kind="data", data=name))[1], found)
    assert found["data"] == name


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_new_workspace_can_be_read(root, locale):
    made = make_starter(root, kind="workspace", folder="client", locale=locale)
    assert read_workspace(root.path(made["path"])).locale == locale


def test_what_cannot_be_made_is_said(root):
    with pytest.raises(UsageError, match="Did you mean 'review'"):
        make_starter(root, kind="reveiw")
    with pytest.raises(OutsideError):
        make_starter(root, kind="review", folder="../x")
    with pytest.raises(OutsideError):
        make_starter(root, kind="review", data="/etc/passwd")


def test_without_a_word_the_only_export_and_the_nearest_workspace_are_taken(root):
    (root.folder / "client" / "export").mkdir()
    (root.folder / "client" / "export" / "deals.csv").write_text("x", encoding="utf-8")
    head = cells_of(root, make_starter(root, kind="review", folder="client"))[1]
    assert "data: str = 'export'" in head
    assert "= 'oppnb.yaml'" in head
    (root.folder / "client" / "more.xlsx").write_text("x", encoding="utf-8")
    assert "data: str = 'more.xlsx'" in cells_of(root, make_starter(root, kind="review", folder="client"))[1]
