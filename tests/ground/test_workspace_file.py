"""`oppnb.yaml` is written whole or not at all, and never over what somebody else wrote."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import WorkspaceFile


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "oppnb.yaml"
    path.write_bytes(b"currency: EUR # ours\n")
    return path


def test_writes_and_leaves_nothing_else_in_the_folder(file):
    file.chmod(0o640)
    after = WorkspaceFile.read(file).write("currency: USD # ours\n")
    assert file.read_text() == after.text == "currency: USD # ours\n"
    assert after.is_as_read
    assert [one.name for one in file.parent.iterdir()] == ["oppnb.yaml"]
    assert file.stat().st_mode & 0o777 == 0o640


def test_refuses_what_was_changed_removed_or_made_meanwhile(file):
    held = WorkspaceFile.read(file)
    file.write_text("currency: GBP\n")
    with pytest.raises(WorkspaceError, match="changed by somebody else since it was read"):
        held.write("currency: USD\n")
    assert file.read_text() == "currency: GBP\n"
    file.unlink()
    absent = WorkspaceFile.read(file)
    with pytest.raises(WorkspaceError, match="changed by somebody else"):
        held.write("currency: USD\n")
    file.write_text("currency: GBP\n")
    with pytest.raises(WorkspaceError, match="changed by somebody else"):
        absent.write("currency: USD\n")


@pytest.mark.parametrize(
    "text", ["currencee: EUR\n", "a: [\n", "processes: [{name: p, stages: [{name: a}, {name: A}]}]\n"]
)
def test_never_writes_what_does_not_validate(file, text):
    with pytest.raises(WorkspaceError):
        WorkspaceFile.read(file).write(text)
    assert file.read_bytes() == b"currency: EUR # ours\n"
    assert [one.name for one in file.parent.iterdir()] == ["oppnb.yaml"]


def test_line_breaks_byte_order_mark_and_links_stay(file):
    file.write_bytes("\ufeffcurrency: EUR # 我们\r\nlocale: en\r\n".encode())
    link = file.parent / "link.yaml"
    link.symlink_to(file)
    held = WorkspaceFile.read(link)
    assert held.text == "currency: EUR # 我们\nlocale: en\n"
    held.write(held.text.replace("EUR", "CNY"))
    assert file.read_bytes() == "\ufeffcurrency: CNY # 我们\r\nlocale: en\r\n".encode()
    assert link.is_symlink()


def test_a_write_that_fails_leaves_the_file_as_it_was(file, monkeypatch):
    held = WorkspaceFile.read(file)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(WorkspaceError, match="No space left"):
        held.write("currency: USD\n")
    assert file.read_bytes() == b"currency: EUR # ours\n"
    assert [one.name for one in file.parent.iterdir()] == ["oppnb.yaml"]
