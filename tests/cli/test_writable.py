"""What cannot be written is said before the work: one error that tells what to do, never a traceback."""

from pathlib import Path

import pytest

from oppnb.cli.writable import check_folder, check_writable
from oppnb.errors import UsageError
from tests.cli.test_commands import Run, run

__all__ = ["run"]

ASKED = {
    "scores": ("score", "{data}", "--out", "{out}.csv"),
    "back into the CRM": ("score", "{data}", "--write-back", "{out}.csv"),
    "judgement": ("score", "{data}", "--judge", "crm_score", "--out", "{out}.csv"),
    "scores of leads": ("score", "{data}", "--leads", "--out", "{out}.csv"),
    "model": ("train", "{data}", "--model-out", "{out}.oppnb"),
    "card of a training": ("train", "{data}", "--card", "{out}.json"),
    "card": ("card", "{data}", "--out", "{out}.html"),
    "rejected rows": ("audit", "{data}", "--out", "{out}"),
    "forecast": ("forecast", "{data}", "--out", "{out}.csv"),
    "backtest": ("backtest", "{data}", "--out", "{out}.csv"),
    "figures of a backtest": ("backtest", "{data}", "--json", "{out}.json"),
    "sample": ("demo", "--out", "{out}"),
}
PLACES = ["in a file", pytest.param("/proc", marks=pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="/proc"))]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("asked", ASKED)
def test_what_cannot_be_written_is_refused_before_anything_is_read(
    run: Run, tmp_path: Path, asked: str, place: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_text("no folder", encoding="utf-8")
    out = f"{file if place == 'in a file' else place}/x"
    told = (word.format(data=tmp_path / "not_there.csv", out=out) for word in ASKED[asked])
    code, _, err = run(*told)
    assert code == 2
    assert err.startswith("UsageError: ")
    assert "written" in err
    assert " another " in err


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_folder_that_takes_no_file_is_refused_whatever_its_rights_say() -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        check_writable(Path("/proc/x.csv"))
    with pytest.raises(UsageError, match="Nothing can be written"):
        check_folder(Path("/proc"))


def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"'[^']*a\.csv' is a file, not a folder"):
        check_writable(tmp_path / "a.csv" / "deep" / "x.csv")


def test_two_results_do_not_go_into_one_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="asked for twice"):
        check_writable(tmp_path / "x.csv", tmp_path / "." / "x.csv")
    check_writable(tmp_path / "x.csv", tmp_path / "y.csv", None)
