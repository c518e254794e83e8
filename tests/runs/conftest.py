"""A small client: deals of three regions, a light template, a run over the regions."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.notebooks import make_notebook

DEALS = """opportunity_id,stage,name,region,amount,currency,created_at,closed_at,outcome
1,Demo,Ä,North,100,EUR,2024-01-02,,open
2,Demo,B,South,200,EUR,2024-01-03,,open
3,Won,C,East,300,EUR,2024-01-04,2024-02-04,won
4,Won,D,West,400,EUR,2019-01-04,2019-02-04,won
5,Demo,E,,500,EUR,2024-01-05,,open
"""
SETTINGS = """
currency: EUR
sources: {exported_on: 2024-03-01}
processes:
  - name: sales
    stages: [{name: Demo, odds: 0.5}, {name: Won, outcome: won, odds: 1}, {name: Lost, outcome: lost, odds: 0}]
"""
RUN = """
reports:
  weekly:
    data: data
    templates: [light]
    for_each: region
"""
PARAMETERS = """data: str = "data"  # The export
workspace: str | None = None  # Settings
factor: int = 1  # Times
only: dict[str, str] | None = None  # A slice"""
LIGHT = """
import csv
from pathlib import Path
from oppnb.locale import Formats, Words
from oppnb.reports import Page, input_path

words = Words("en")
page = Page(words=words, formats=Formats("en", currency="EUR"), title="Light", only=only)
rows = list(csv.DictReader(Path(input_path(data), "deals.csv").open(encoding="utf-8")))
mine = [row for row in rows if not only or row["region"] == only["region"]]
"""
FINISH = """
import pandas as pd
total = factor * sum(float(row["amount"]) for row in mine)
page.table("deals", pd.DataFrame({"name": [row["name"] for row in mine]}))
page.finish(
    figures=[{"id": "open_amount", "value": total, "unit": "money", "slice": None}], facts={"as_of": "2024-03-01"}
)
"""


class Client:
    """A workspace in a folder, whose parts a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file, self.out = folder, folder / "oppnb.yaml", folder / "reports"
        (folder / "data").mkdir()
        (folder / "templates").mkdir()
        self.write_deals(DEALS)
        self.write(RUN)
        self.write_template(LIGHT, FINISH)

    def write(self, run: str, *, settings: str = SETTINGS) -> None:
        self.file.write_text(settings + run, encoding="utf-8")

    def write_deals(self, text: str) -> None:
        (self.folder / "data" / "deals.csv").write_text(text, encoding="utf-8")

    def write_template(self, *cells: str, name: str = "light", parameters: str = PARAMETERS) -> None:
        tree = make_notebook(*cells, parameters=parameters)
        (self.folder / "templates" / f"{name}.ipynb").write_text(json.dumps(tree), encoding="utf-8")

    def files(self) -> dict[str, int]:
        """Every file of the reports with the moment it was written."""
        found = [path for path in self.out.rglob("*") if path.is_file() and path.name != ".lock"]
        return {path.relative_to(self.out).as_posix(): path.stat().st_mtime_ns for path in found}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Reports without kernels: `run_report` writes what a report holds at once; gives the folders it was asked for."""
    from oppnb.reports import ReportResult

    def use(*, fails: Callable[[Path], Exception | None] = lambda _: None) -> list[str]:
        asked: list[str] = []

        def fake(
            template: Path, parameters: dict[str, object], *, folder: Path, pdf: bool = False, progress: object = None
        ) -> ReportResult:
            asked.append(folder.name)
            error = fails(folder)
            if error is not None:
                raise error
            day = folder / "2024-03-01"
            day.mkdir(parents=True, exist_ok=True)
            figures = [{"id": "open_amount", "value": 7.0, "unit": "money", "slice": None}]
            manifest = {"as_of": day.name, "model_id": None, "python": "3", "versions": {"oppnb": "0"}}
            manifest["only"] = parameters.get("only")
            (day / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
            (day / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
            for name in ("report.html", "report.ipynb", "report.xlsx", *(["report.pdf"] if pdf else [])):
                (day / name).write_text("x", encoding="utf-8")
            return ReportResult(day, 0.1)

        monkeypatch.setattr("oppnb.runs.jobs.run_report", fake)
        return asked

    return use
