import os
import shutil
import subprocess
import sys
import threading
import time
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


@pytest.mark.parametrize("day", ["2017-09-30", "a-day-abcdefabcdef"])
def test_a_report_moved_aside_by_a_run_that_was_killed_is_put_back_by_the_next(tmp_path, monkeypatch, day):
    publish(staged(tmp_path, "last good"), tmp_path / day)
    os.utime(tmp_path / day, (0, 0))
    fresh = staged(tmp_path, "new")
    rename = Path.rename

    def kill(self: Path, target: Path) -> Path:
        if self == fresh and not target.exists():
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", kill)
    with pytest.raises(KeyboardInterrupt):
        publish(fresh, tmp_path / day)
    monkeypatch.setattr(Path, "rename", rename)
    assert not (tmp_path / day).exists()
    for aside in tmp_path.glob(".old-*"):
        os.utime(aside, (0, 0))  # nobody came by for days
    make_staging(tmp_path)
    assert (tmp_path / day / "a.txt").read_text(encoding="utf-8") == "last good"
    assert list(tmp_path.glob(".old-*")) == []


def test_a_report_that_is_being_replaced_survives_a_run_that_starts_meanwhile(tmp_path, monkeypatch):
    publish(staged(tmp_path, "last good"), tmp_path / "day")
    os.utime(tmp_path / "day", (0, 0))
    fresh = staged(tmp_path, "new")
    rename = Path.rename
    seen = []

    def another_run_starts(self: Path, target: Path) -> Path:
        if self == fresh and not target.exists() and not seen:
            make_staging(tmp_path)
            seen.append((target / "a.txt").read_text(encoding="utf-8"))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", another_run_starts)
    publish(fresh, tmp_path / "day")
    assert seen == ["last good"]
    assert (tmp_path / "day" / "a.txt").read_text(encoding="utf-8") == "new"
    assert list(tmp_path.glob(".old-*")) == []


def test_of_several_reports_moved_aside_the_latest_is_put_back(tmp_path):
    for hours, token in ((3, "a" * 12), (1, "b" * 12), (2, "c" * 12)):
        aside = tmp_path / f".old-day-{token}"
        aside.mkdir()
        (aside / "a.txt").write_text(f"{hours} hours ago", encoding="utf-8")
        moved = time.time() - hours * 3600
        os.utime(aside, (moved, moved))
    make_staging(tmp_path)
    assert (tmp_path / "day" / "a.txt").read_text(encoding="utf-8") == "1 hours ago"
    assert len(list(tmp_path.glob(".old-day-*"))) == 2


def test_a_replaced_report_is_swept_after_a_day_and_not_before(tmp_path):
    publish(staged(tmp_path, "new"), tmp_path / "day")
    old, fresh = tmp_path / f".old-day-{'a' * 12}", tmp_path / f".old-day-{'b' * 12}"
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (0, 0))
    make_staging(tmp_path)
    assert list(tmp_path.glob(".old-*")) == [fresh]


def test_what_a_killed_run_left_is_cleared_by_the_next_and_what_a_live_one_has_stays(tmp_path):
    code = "import os, sys; from pathlib import Path; from oppnb.reports.publishing import make_staging; "
    code += "make_staging(Path(sys.argv[1])); os._exit(9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob(".tmp-*"))) == 1
    alive = make_staging(tmp_path)
    other = make_staging(tmp_path)
    assert set(tmp_path.glob(".tmp-*")) == {alive, other}
