"""What was remembered comes back as it was, or not at all; nothing is ever changed or half-written."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oppnb.errors import StoreError
from oppnb.store import STORED, Store, new_run_id, open_store
from oppnb.store.places import Folder


def scores_of(*keys: str, day: str = "2024-03-31", **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"opportunity_id": list(keys), "as_of": pd.Timestamp(day), "win_probability": 0.5})
    return frame.assign(**columns)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store in a folder and one in an object store."""
    return open_store(tmp_path / "store" if request.param == "folder" else f"memory://{tmp_path.name}")


def at(hour: int) -> datetime:
    return datetime(2024, 4, 1, hour, tzinfo=UTC)


def test_a_store_that_nothing_was_written_to_has_no_rows_but_their_columns(store: Store) -> None:
    for name, table in STORED.items():
        rows = store.read(name)
        assert rows.empty
        assert [*table.columns, "run_id", "seen_at"] == list(rows.columns)


def test_what_was_appended_comes_back_with_its_run_and_moment(store: Store) -> None:
    rows = scores_of(
        "007",
        "赢单",
        grade=["hot", None],
        reasons=[["a", "b"], []],
        closed_at=pd.to_datetime(["2024-01-01 10:11", None]),
    )
    assert store.append("scores", rows, run_id="r1", seen_at=at(7)) == "scores/r1.parquet"
    back = store.read("scores")
    assert back["opportunity_id"].tolist() == ["007", "赢单"]
    assert [list(reasons) for reasons in back["reasons"]] == [["a", "b"], []]
    pd.testing.assert_frame_equal(
        back[rows.columns].drop(columns="reasons"), rows.drop(columns="reasons"), check_dtype=False
    )
    assert set(back["run_id"]) == {"r1"}
    assert set(back["seen_at"]) == {pd.Timestamp("2024-04-01 07:00")}


days = st.dates(date(2024, 1, 1), date(2024, 1, 9))


@given(runs=st.lists(st.tuples(days, st.integers(0, 23)), max_size=6), day=days, hour=st.integers(0, 23))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_by_day_and_moment_is_reading_all_and_choosing(
    tmp_path: Path, runs: list[tuple[date, int]], day: date, hour: int
) -> None:
    store = open_store(tmp_path / new_run_id())
    for number, (as_of, written) in enumerate(runs):
        store.append("scores", scores_of("1", "2", day=str(as_of)), run_id=f"r{number}", seen_at=at(written))
    everything = store.read("scores")
    assert len(everything) == 2 * len(runs)
    assert everything["as_of"].is_monotonic_increasing
    moment, as_of = pd.Timestamp(at(hour)).tz_localize(None), pd.Timestamp(day)
    is_later = everything["as_of"] >= as_of
    for filters, chosen in (
        ({"as_of_until": day}, everything["as_of"] <= as_of),
        ({"as_of_before": day}, everything["as_of"] < as_of),
        (
            {"as_of_from": day, "seen_before": at(hour)},
            is_later & (everything["seen_at"] < moment),
        ),
    ):
        found = store.read("scores", **filters)
        assert found["run_id"].tolist() == everything.loc[chosen, "run_id"].tolist()


def test_a_run_writes_once_and_its_second_try_changes_nothing(store: Store) -> None:
    store.append("scores", scores_of("1"), run_id="r")
    with pytest.raises(StoreError, match="run 'r' has already written"):
        store.append("scores", scores_of("2"), run_id="r")
    assert store.read("scores")["opportunity_id"].tolist() == ["1"]


def test_columns_that_came_later_are_null_in_older_rows(store: Store) -> None:
    store.append("scores", scores_of("1"), run_id="a")
    store.append("scores", scores_of("2", grade="hot", day="2024-04-30"), run_id="b")
    store.append("scores", scores_of("3", grade=None, day="2024-05-31"), run_id="c")
    assert store.read("scores")["grade"].isna().tolist() == [True, False, True]
    some = store.read("scores", columns=["grade", "unheard_of"])
    assert list(some.columns) == [*STORED["scores"].columns, "run_id", "seen_at", "grade", "unheard_of"]
    assert some["unheard_of"].isna().all()


def test_moments_with_a_zone_are_kept_in_utc(store: Store) -> None:
    there = timezone(timedelta(hours=8))
    rows = scores_of("1", told_at=pd.to_datetime(["2024-04-01 08:00+08:00"]))
    store.append("scores", rows, run_id="r", seen_at=datetime(2024, 4, 1, 8, tzinfo=there))
    back = store.read("scores").iloc[0]
    assert back["told_at"] == back["seen_at"] == pd.Timestamp("2024-04-01")


def test_other_tools_read_the_same_files(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append("scores", scores_of("1", "2"), run_id="a")
    store.append("scores", scores_of("3"), run_id="b")
    found = duckdb.sql(f"SELECT count(*), min(typeof(opportunity_id)) FROM '{tmp_path}/scores/*.parquet'").fetchall()
    assert found == [(3, "VARCHAR")]


def test_what_a_dying_run_left_behind_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    store.append("scores", scores_of("1"), run_id="a")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "_name", staticmethod(dies))
    with pytest.raises(KeyboardInterrupt):
        store.append("scores", scores_of("2"), run_id="b")
    (tmp_path / "scores" / ".c.parquet.12345678.unfinished").write_bytes(b"PAR1 half of it")
    (tmp_path / "scores" / "notes.txt").write_text("mine", encoding="utf-8")
    assert store.files("scores") == ["a.parquet"]
    assert store.read("scores")["opportunity_id"].tolist() == ["1"]


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "foreign"])
def test_a_damaged_file_is_named_and_the_rest_is_not_read_as_if_it_were_all(tmp_path: Path, damage: str) -> None:
    store = open_store(tmp_path)
    for name in "abc":
        store.append("scores", scores_of(name), run_id=name)
    file = tmp_path / "scores" / "b.parquet"
    content = file.read_bytes()
    if damage == "foreign":
        pd.DataFrame({"x": [1]}).to_parquet(file)
    else:
        file.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "text": b"a,b\n1,2\n"}[damage])
    with pytest.raises(StoreError, match=r"1 of 3 files in 'scores' of the store .*: b\.parquet\."):
        store.read("scores")


def test_a_column_that_changed_its_kind_is_told_and_can_be_left_out(store: Store) -> None:
    store.append("scores", scores_of("1", points=1.5), run_id="a")
    store.append("scores", scores_of("2", points="many"), run_id="b")
    with pytest.raises(StoreError, match="changed its kind"):
        store.read("scores")
    assert len(store.read("scores", columns=[])) == 2


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("score", scores_of("1"), "Did you mean 'scores'"),
        ("scores", scores_of("1").drop(columns="as_of"), "lack the column 'as_of'"),
        ("scores", scores_of("1", "2").assign(opportunity_id=["1", None]), "1 of 2 have no 'opportunity_id'"),
        ("scores", scores_of("1", run_id="x"), "the store fills it"),
        ("scores", scores_of("1", "2", mixed=["a", 1]), "column 'mixed' cannot be kept"),
        ("scores", scores_of("1", own=[object()]), "column 'own' cannot be kept"),
        ("scores", scores_of("1").assign(win_probability="high"), "not of its kind"),
        ("overrides", scores_of("1").assign(figure="f", value=1.0, who="u"), "lack the column 'why'"),
    ],
)
def test_rows_that_cannot_be_kept_are_refused_before_anything_is_written(
    tmp_path: Path, table: str, rows: pd.DataFrame, said: str
) -> None:
    with pytest.raises(StoreError, match=said):
        open_store(tmp_path / "store").append(table, rows)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("run_id", ["../x", "a/b", ".a", "", "a b", "x" * 121, "a\n"])
def test_a_run_cannot_write_outside_its_table(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(StoreError, match="cannot name a run"):
        open_store(tmp_path).append("scores", scores_of("1"), run_id=run_id)


def test_runs_of_several_processes_do_not_disturb_each_other(tmp_path: Path) -> None:
    code = (
        "import sys, pandas as pd\nfrom oppnb.store import open_store\n"
        "rows = pd.DataFrame({'opportunity_id': ['1'], 'as_of': pd.Timestamp('2024-01-01'), 'win_probability': 0.5})\n"
        "for _ in range(15): open_store(sys.argv[1]).append('scores', rows)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    store = open_store(tmp_path)
    while any(process.poll() is None for process in running):
        store.read("scores")  # never sees half a file
    assert [process.returncode for process in running] == [0, 0]
    assert len(store.read("scores")) == 30


def test_a_location_is_filled_in_from_the_environment_and_shown_unfilled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPPNB_TEST_PLACE", str(tmp_path))
    store = open_store("${OPPNB_TEST_PLACE}/deep")
    store.append("runs", pd.DataFrame({"as_of": pd.to_datetime(["2024-01-01"]), "kind": ["review"]}), run_id="r")
    assert (tmp_path / "deep" / "runs" / "r.parquet").exists()
    assert repr(store) == "Store('${OPPNB_TEST_PLACE}/deep')"
    with pytest.raises(StoreError, match="OPPNB_NOT_SET, which is not set"):
        open_store("s3://${OPPNB_NOT_SET}/x")


def test_a_file_is_no_store_and_an_unknown_kind_of_url_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="a store is a folder"):
        open_store(tmp_path / "file")
    with pytest.raises(StoreError, match="does not know"):
        open_store("nonsense://x")


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "scores").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path).append("scores", scores_of("1"))
