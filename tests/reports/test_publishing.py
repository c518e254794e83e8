import os
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from oppnb.errors import UsageError
from oppnb.reports.publishing import make_staging, publish, set_failed


def staged(parent: Path, text: str) -> Path:
    folder = make_staging(parent)
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_complete_folder_takes_its_place(tmp_path):
    publish(staged(tmp_path, "new"), tmp_path / "day")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day"]


def test_a_report_of_the_same_day_is_replaced_as_a_whole(tmp_path):
    publish(staged(tmp_path, "old"), tmp_path / "day")
    (tmp_path / "day" / "rejected.csv").write_text("left over", encoding="utf-8")
    publish(staged(tmp_path, "new"), tmp_path / "day")
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["a.txt", "b.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day"]


def test_many_runs_at_once_never_mix(tmp_path):
    folders = [staged(tmp_path, f"run {number}") for number in range(12)]
    threads = [threading.Thread(target=publish, args=(folder, tmp_path / "day")) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = {path.read_text(encoding="utf-8") for path in (tmp_path / "day").iterdir()}
    assert len(said) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day"]


def test_the_old_report_comes_back_when_the_new_one_cannot_be_moved(tmp_path, monkeypatch):
    publish(staged(tmp_path, "old"), tmp_path / "day")
    fresh = staged(tmp_path, "new")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == fresh and not target.exists():
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="No space"):
        publish(fresh, tmp_path / "day")
    assert (tmp_path / "day" / "a.txt").read_text(encoding="utf-8") == "old"


def test_a_full_disk_is_said_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    with pytest.raises(UsageError, match="has 1 MB left"):
        make_staging(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_cannot_be_written_is_said_before_anything_starts(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=f"cannot be written.*{os.strerror(20)}"):
        make_staging(tmp_path / "file" / "reports")


def test_failed_runs_of_one_moment_keep_apart(tmp_path):
    kept = [set_failed(staged(tmp_path, "x"), tmp_path, "day") for _ in range(2)]
    assert [folder.name for folder in kept] == ["day", "day-2"]


def test_what_a_killed_run_left_is_swept_after_a_day(tmp_path):
    old, fresh = tmp_path / ".tmp-old", tmp_path / ".tmp-fresh"
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (0, 0))
    made = make_staging(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([fresh, made])
