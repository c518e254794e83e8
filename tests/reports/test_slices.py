"""A report of a slice holds nothing of another one."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from oppnb.errors import ParameterError, UsageError
from oppnb.locale import Words
from oppnb.reports import run_report, run_review
from oppnb.reports.slices import slice_in_words, slice_title

DAY = date(2024, 5, 31)


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    """140 deals as files, with a workspace; deals without a region of their own have their seller's."""
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml

    folder = tmp_path_factory.mktemp("export")
    settings = SyntheticSettings(n_opportunities=140, end=date(2024, 6, 30))
    (folder / "data").mkdir()
    for name, frame in make_pipeline(settings).tables.items():
        frame.to_csv(folder / "data" / f"{name}.csv", index=False)
    (folder / "oppnb.yaml").write_text(workspace_yaml(settings), encoding="utf-8")
    return folder


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """All that a reader or a machine can find in a report, file by file; the page without plotly's own program."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path, read_only=True)
            cells = (str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
            yield path.name, "\n".join(cells)
        elif path.suffix == ".html":
            whole = path.read_text(encoding="utf-8")
            yield path.name, re.sub(r"<script>.*?</script>", "", whole, flags=re.DOTALL)
        elif path.suffix in (".ipynb", ".json", ".csv"):
            yield path.name, path.read_text(encoding="utf-8-sig")


def foreign(data: Path, region: str) -> set[str]:
    """Names, ids and amounts that stand only in rows of other regions."""
    read = {path.stem: pd.read_csv(path, dtype=str) for path in data.glob("*.csv")}
    deals, owners, history = (read[name] for name in ("opportunities", "owners", "opportunity_history"))
    own = deals["region"] == region
    sellers = {
        *deals.loc[own, "owner_id"],
        *history[history["opportunity_id"].isin(deals.loc[own, "opportunity_id"])]["owner_id"],
    }
    others = owners[~owners["owner_id"].isin(sellers) & (owners["region"] != region)]
    accounts = read["accounts"][~read["accounts"]["account_id"].isin(deals.loc[own, "account_id"])]
    found = {*deals.loc[~own, "name"], *others["name"], *others["team"].dropna(), *accounts["name"]}
    found |= {*others["owner_id"], *(f"{text!s}" for text in deals.loc[~own, "opportunity_id"])}
    mine = {*deals.loc[own, "name"], *owners[owners["owner_id"].isin(sellers)][["name", "team"]].to_numpy().ravel()}
    found |= set(deals.loc[~own, "region"].dropna())
    return {text for text in found if isinstance(text, str) and text} - mine


def is_in(text: str, word: str) -> bool:
    """Whether a word stands in a text as a whole, not as a part of a longer id or number."""
    return word in text and re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text) is not None


@pytest.mark.kernel
def test_no_name_id_or_figure_of_another_region_is_anywhere_in_the_report(export, tmp_path):
    asked = {"as_of": DAY, "workspace": export / "oppnb.yaml", "forecast": "off", "out": tmp_path}
    result = run_review(export / "data", only={"region": "East"}, **asked)
    texts = dict(texts_of(result.folder))
    assert {"report.html", "report.ipynb", "report.xlsx", "figures.json", "manifest.json"} <= texts.keys()
    words = foreign(export / "data", "East")
    assert len(words) > 100
    assert {(name, word) for name, text in texts.items() for word in words if is_in(text, word)} == set()
    manifest = json.loads(texts["manifest.json"])
    assert manifest["only"] == manifest["parameters"]["only"] == {"region": "East"}
    assert "<title>Pipeline review · Region: East · 2024-05-31</title>" in texts["report.html"]
    from oppnb.review import open_review

    of_others = open_review(export / "data", as_of=DAY, workspace=export / "oppnb.yaml", only={"region": "South"})
    sums = ("open_amount", "won_amount", "weighted_amount")
    amounts = {one["value"] for one in of_others.figures() if one["id"] in sums and one["value"] and one["value"] > 1e5}
    own = {one["value"] for one in json.loads(texts["figures.json"])}
    assert len(amounts) > 1
    assert not amounts & own


@pytest.mark.parametrize(
    ("only", "said"),
    [({"regoin": "East"}, "Did you mean 'region'"), ({"region": "Est"}, "Did you mean 'East'")],
)
def test_a_misspelt_slice_is_said_before_a_kernel_starts(export, tmp_path, monkeypatch, only, said):
    monkeypatch.setattr("oppnb.reports.run.execute", lambda *_, **__: pytest.fail("the kernel was started"))
    with pytest.raises(ParameterError, match=said):
        run_review(export / "data", workspace=export / "oppnb.yaml", only=only, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("only", [{"region": 7}, ["region"], "region", '{"region": [1]}', "{not json"])
def test_a_slice_that_is_no_texts_by_name_is_refused(tmp_path, only):
    with pytest.raises(ParameterError, match="a column and its value, such as region=North"):
        run_report("pipeline_review", {"data": "x", "only": only}, out=tmp_path)


def test_a_slice_is_said_in_the_readers_words():
    assert (
        slice_in_words({"owner_id": "u1"}, words=Words("zh_CN"), labels={"owner_id": {"u1": "周建国"}})
        == "负责人：周建国"
    )
    assert slice_title("Review", {"region": ""}, words=Words("en")) == "Review · Region: (none)"
    assert slice_title("Review", {}, words=Words("en")) == "Review"


def test_the_command_line_refuses_what_is_no_column_and_value():
    from oppnb.cli.arguments import read_only

    assert read_only(["region=North=East", "product="]) == {"region": "North=East", "product": ""}
    assert read_only(None) is None
    for given, said in ((["region"], "write COLUMN=VALUE"), (["a=1", "a=2"], "twice")):
        with pytest.raises(UsageError, match=said):
            read_only(given)
