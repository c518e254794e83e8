"""Queries keep inside what gave the same answer on every engine."""

import ast
from datetime import date
from pathlib import Path

import ibis
import pytest
from ibis.expr.operations import Node

import oppnb.history
from oppnb.history import open_source
from oppnb.history.coverage import read_coverage
from oppnb.history.day_rows import day_rows
from oppnb.history.fence import ALLOWED_OPERATIONS, ratio
from oppnb.history.snapshots import snapshot_expression
from oppnb.history.spells import spell_expression
from tests.random_pipeline import awkward_pipeline, awkward_workspace

FOLDER = Path(oppnb.history.__file__).parent
DAYS = [date(2024, 3, 31), date(2024, 9, 30)]


def operations(expression) -> set[str]:
    return {type(node).__name__ for node in expression.op().find(Node)}


@pytest.fixture(scope="module")
def parts():
    source, workspace = open_source(awkward_pipeline(3)), awkward_workspace()
    return source, read_coverage(source, workspace), workspace


@pytest.mark.parametrize("days", [DAYS[:1], DAYS])
@pytest.mark.parametrize("only_open", [True, False])
def test_a_snapshot_uses_allowed_operations_only(parts, days, only_open):
    source, coverage, workspace = parts
    used = operations(snapshot_expression(source, coverage, days, workspace, only_open=only_open))
    assert used - ALLOWED_OPERATIONS == set()
    assert len(used) > 20


def test_spells_use_allowed_operations_only(parts):
    source, coverage, workspace = parts
    calendar = day_rows(DAYS[:1], coverage=coverage, workspace=workspace)
    assert operations(spell_expression(source, coverage, calendar, workspace)) - ALLOWED_OPERATIONS == set()


def test_every_window_with_an_order_is_ordered_by_a_unique_key(parts):
    source, coverage, workspace = parts
    expression = snapshot_expression(source, coverage, DAYS, workspace)
    orders = {
        tuple(key.arg.name for key in node.order_by)
        for node in expression.op().find(ibis.expr.operations.WindowFunction)
        if node.order_by
    }
    assert orders == {("changed_at", "seq"), ("from_day",)}


# Modules that divide frames which a query has given, never an expression.
DIVIDE_FRAMES = {
    "account_facts.py",
    "close_pace.py",
    "contact_facts.py",
    "ends.py",
    "landmarks.py",
    "records.py",
    "usual.py",
}


def test_no_udf_no_asof_join_and_no_division_outside_ratio():
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"udf", "asof_join", "delta"}, path.name
        divisions = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]
        if path.name in DIVIDE_FRAMES:
            assert "ibis" not in names | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}, path.name
        else:
            assert len(divisions) == (1 if path.name == "fence.py" else 0), path.name


def test_a_ratio_of_counts_is_a_fraction_and_null_over_nothing():
    table = ibis.memtable({"won": [1, 1], "closed": [3, 0]}, schema={"won": "int64", "closed": "int64"})
    source = open_source(awkward_pipeline(1))
    found = source.frame(table.select(rate=ratio(table.won, table.closed)))["rate"]
    assert found.iloc[0] == 1 / 3
    assert found.isna().tolist() == [False, True]
