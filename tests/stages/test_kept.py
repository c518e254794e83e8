"""What was read once and kept is what reading gives, or is not used."""

import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.sources import read_tables
from oppnb.stages import open_data, with_presets
from oppnb.stages.kept import FOLDERS, find_kept, keep, key_of, offered
from oppnb.stages.kept_values import from_plain, to_plain
from oppnb.tables import Note
from oppnb.workspace import Workspace

DEALS = """Deal ID,Stage,Deal Name,Region,Amount,Currency,Created,Close Date,Result
001,Demo,Ä,North,100,EUR,2024-01-02,,open
002,Demo,"华东, B",South,not a number,EUR,2024-01-03,,open
002,Demo,"华东, B",South,not a number,EUR,2024-01-03,,open
003,Won,C,East,300.10,EUR,2024-01-04,2024-02-04,won
003,Lost,C,East,300.10,EUR,2024-01-04,2024-02-05,lost
,Demo,no key,North,1,EUR,2024-01-05,,open
005,Demo,E,,500,EUR,2024-01-05,,open
"""
CANONICAL = """opportunity_id,stage,name,region,amount,currency,created_at,closed_at,outcome,is_new
1,Demo,A,North,100,EUR,2024-01-02,,open,
2,Demo,B,South,200,EUR,2024-01-03,,open,yes
2,Demo,B,South,200,EUR,2024-01-03,,open,yes
3,Won,C,East,300,EUR,2024-01-04,2023-02-04,won,no
"""
OWNERS = "owner_id,name,is_active\nU1,Ann,true\nU2,Bo,\n"
SETTINGS = Workspace.model_validate({"sources": {"exported_on": date(2024, 3, 1)}})


@pytest.fixture
def export(tmp_path):
    """Files by the canonical names; a row twice, and one that closed before it began."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "opportunities.csv").write_text(CANONICAL, encoding="utf-8")
    (folder / "owners.csv").write_text(OWNERS, encoding="utf-8")
    return folder


@pytest.fixture
def foreign(tmp_path):
    """A file whose mapping is proposed; with keys that are missing or stand for two deals, and an unreadable amount."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "deals.csv").write_text(DEALS, encoding="utf-8")
    return folder


def kept_in(folder: Path, export: Path, workspace: Workspace = SETTINGS) -> Path:
    opened = open_data(export, workspace=workspace)
    assert opened.reading is not None
    assert keep(key_of(export, with_presets(workspace)), opened.reading, opened.audit, folder)
    return folder


def told(opened) -> tuple:
    """All that was opened, frames aside."""
    reading = opened.reading
    return (
        opened.workspace,
        repr((opened.notes, opened.tables.notes, opened.audit.findings, reading.findings, reading.proposals)),
        (reading.mapping, reading.files, reading.data_hash, opened.as_of, opened.only, opened.tables.exported_on),
    )


def assert_same(one, other) -> None:
    assert told(one) == told(other)
    pairs = [
        (one.tables, other.tables),
        (one.audit.tables, other.audit.tables),
        (one.reading.tables, other.reading.tables),
        ({"rejected": one.audit.rejected}, {"rejected": other.audit.rejected}),
    ]
    for a, b in pairs:
        assert list(a) == list(b)
        for name in a:
            pd.testing.assert_frame_equal(a[name], b[name], check_exact=True)


@pytest.mark.parametrize("only", [None, {"region": "North"}])
@pytest.mark.parametrize("name", ["export", "foreign"])
def test_what_was_kept_is_what_reading_gives_for_all_and_for_a_slice(request, tmp_path, monkeypatch, name, only):
    export = request.getfixturevalue(name)
    plain = open_data(export, workspace=SETTINGS, only=only)
    kept = kept_in(tmp_path / "kept", export)
    monkeypatch.setattr("oppnb.stages.opening.read_tables", lambda *_, **__: pytest.fail("the export was read"))
    with offered(kept):
        assert_same(open_data(export, workspace=SETTINGS, only=only), plain)


def test_the_sample_comes_back_as_it_was(tmp_path):
    sample_folder = Path(__file__).parents[2] / "data" / "sample" / "pipeline"
    plain = open_data(sample_folder, workspace=SETTINGS)
    assert keep(key_of(sample_folder, SETTINGS), plain.reading, plain.audit, tmp_path / "kept")
    with offered(tmp_path / "kept"):
        reading, audit = find_kept(sample_folder, SETTINGS)
    assert_same(type(plain)(plain.workspace, audit.tables, audit, reading, plain.as_of, plain.notes), plain)


def damage_index(place: Path) -> None:
    path = place / "reading.json"
    path.write_bytes(path.read_bytes().replace(b"EUR", b"CNY").replace(b"2024", b"2023"))


def cut_a_table(place: Path) -> None:
    path = next(place.glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-20])


def lose_a_table(place: Path) -> None:
    next(place.glob("*.parquet")).unlink()


def replace_a_table(place: Path) -> None:
    pd.DataFrame({"x": [1]}).to_parquet(next(place.glob("*.parquet")))


def empty_index(place: Path) -> None:
    (place / "reading.json").write_text("")


@pytest.mark.parametrize("damage", [damage_index, cut_a_table, lose_a_table, replace_a_table, empty_index])
def test_where_it_is_damaged_the_export_is_read(export, tmp_path, damage):
    plain = open_data(export, workspace=SETTINGS)
    (place,) = kept_in(tmp_path / "kept", export).iterdir()
    damage(place)
    with offered(tmp_path / "kept"):
        assert find_kept(export, SETTINGS) is None
        assert_same(open_data(export, workspace=SETTINGS), plain)


def test_other_data_settings_or_code_do_not_find_it(export, tmp_path, monkeypatch):
    kept = kept_in(tmp_path / "kept", export)
    with offered(kept):
        assert find_kept(export, SETTINGS) is not None
        for part in ({"currency": "USD"}, {"audit": {"actions": {"row_is_not_repeated": "keep"}}}):
            assert find_kept(export, Workspace.model_validate({**SETTINGS.model_dump(), **part})) is None
        monkeypatch.setattr("oppnb.stages.kept.code_hash", lambda: "newer")
        assert find_kept(export, SETTINGS) is None
        monkeypatch.undo()
        file = next(export.iterdir())
        seen = file.stat()
        file.write_text(file.read_text(encoding="utf-8").replace("100", "900"), encoding="utf-8")
        os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # of the same size and time, but other in content
        assert find_kept(export, SETTINGS) is None


def test_delivery_and_reports_make_no_difference_to_what_is_read(export):
    other = SETTINGS.model_copy(update={"store": "elsewhere"})
    assert key_of(export, other) == key_of(export, SETTINGS)


def test_what_would_not_come_back_is_not_kept_and_a_full_disk_is_no_error(export, tmp_path, monkeypatch):
    reading = read_tables(export, workspace=SETTINGS)
    audit = open_data(export, workspace=SETTINGS).audit
    odd = reading.tables["opportunities"].assign(region=[object()] * len(reading.tables["opportunities"]))
    strange = type(reading)(**{**reading.__dict__, "tables": reading.tables.replace(opportunities=odd)})
    assert not keep("k", strange, audit, tmp_path / "strange")
    noted = type(reading)(**{**reading.__dict__, "findings": ()})
    object.__setattr__(noted, "data_hash", object())
    assert not keep("k", noted, audit, tmp_path / "noted")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert not keep("k", reading, audit, tmp_path / "full")
    for name in ("strange", "noted", "full"):
        assert not list((tmp_path / name).rglob("reading.json"))


def test_only_its_owner_may_look_into_it_and_nothing_in_it_is_a_pickle(export, tmp_path):
    (place,) = kept_in(tmp_path / "kept", export).iterdir()
    assert place.stat().st_mode & 0o077 == 0
    assert {path.suffix for path in place.iterdir()} == {".json", ".parquet"}


def test_a_folder_is_offered_as_long_as_somebody_offers_it(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    with offered(a), offered(b):
        with offered(a):
            pass
        assert json.loads(os.environ[FOLDERS]) == [str(a), str(b)]
    with offered(None):
        assert FOLDERS not in os.environ


def test_values_come_back_in_their_kinds_and_strange_ones_are_refused():
    values = {"n": np.int64(3), "x": np.float64(0.1), "at": (date(2024, 1, 1), None), "p": Path("a/b"), "e": []}
    given = Note("a", values)
    found = from_plain(json.loads(json.dumps(to_plain(given))))
    assert repr(found) == repr(given)
    for strange in ({1: 2}, {"$kind": "Note"}, {1, 2}, object()):
        with pytest.raises(TypeError):
            to_plain(strange)
