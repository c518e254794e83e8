"""Nothing outside of the folder that JupyterLab shows can be named."""

import pytest

from oppnb.errors import NothingToReadError, UsageError
from oppnb.lab.places import OutsideError, workspaces_below


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "..",
        "a\\..\\x",
        "C:/x",
        "a\0b",
        "~root/../../x",
        "link/x",
        "link",
        ".oppnb/jobs",
    ],
)
def test_a_path_that_leads_out_is_refused(root, tmp_path_factory, text):
    (root.folder / "link").symlink_to(tmp_path_factory.mktemp("outside"))
    with pytest.raises(OutsideError):
        root.path(text)


def test_a_path_below_is_found_and_named_alike(root):
    found = root.path("client/amount.txt")
    assert found.read_text(encoding="utf-8") == "7"
    assert root.name(found) == "client/amount.txt"
    with pytest.raises(NothingToReadError, match="There is no 'client/none'"):
        root.path("client/none")
    assert root.path("client/none", must_exist=False).parent == found.parent
    with pytest.raises(OutsideError):
        root.name(root.folder.parent / "x")


def test_workspaces_are_found_but_not_hidden_ones_links_or_what_lies_too_deep(root):
    for folder in (".hidden", "node_modules", "a/b/c", "a/b/c/d/e"):
        (root.folder / folder).mkdir(parents=True)
        (root.folder / folder / "oppnb.yaml").write_text("", encoding="utf-8")
    (root.folder / "linked").symlink_to(root.folder / "client")
    assert workspaces_below(root) == ["a/b/c/oppnb.yaml", "client/oppnb.yaml"]


def test_a_link_inside_of_a_folder_that_leads_out_is_refused_when_it_is_read(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("x", encoding="utf-8")
    assert root.data("client").name == "client"
    (root.folder / "client" / "deals.csv").symlink_to(outside)
    with pytest.raises(OutsideError, match="holds a link that leads out"):
        root.data("client")


def test_a_workspace_is_a_yaml_file(root):
    assert root.workspace("client/oppnb.yaml").is_file()
    for other in ("client", "client/amount.txt"):
        with pytest.raises(UsageError, match="is no workspace"):
            root.workspace(other)
