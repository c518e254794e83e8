"""The walk-throughs of `notebooks/`: they run from top to bottom, in both languages, on a small pipeline."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oppnb.reports import in_normal_form

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def name_of(path: Path) -> str:
    return path.stem


def cells_of(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def code_of(path: Path) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == "code"}


DRAWN = {
    "scoring": ("losses", "reliability", "lift", "spread", "reasons", "curve"),
    "forecast": ("distribution", "parts", "models-drawn", "backtest", "roll-drawn", "causes"),
}
EXACT = {"scoring": ("exact",), "forecast": ("parts-exact", "roll-exact", "scenarios-same", "causes-exact")}
KEPT = {"scoring": {"card.html", "deals.oppnb"}, "forecast": {"forecast.csv", "store"}}
QUICK = {"scoring": {"n_origins": 1}, "forecast": {"weeks": 66}}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic pipeline of 90 deals, `pipeline/`, with its workspace."""
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml
    from oppnb.sources.synthetic.writing import write_tables

    settings = SyntheticSettings(n_opportunities=90, start=date(2024, 1, 1), end=date(2025, 12, 31))
    folder = tmp_path_factory.mktemp("small")
    write_tables(folder / "pipeline", dict(make_pipeline(settings).tables))
    (folder / "oppnb.yaml").write_text(workspace_yaml(settings), encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_walk_through_lies_in_its_normal_form_without_outputs(path: Path) -> None:
    assert in_normal_form(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem.endswith("_zh")], ids=name_of)
def test_the_chinese_twin_runs_the_same_code(path: Path) -> None:
    twin = path.with_stem(path.stem.removesuffix("_zh"))
    code, same = code_of(path), code_of(twin)
    assert [cell["id"] for cell in cells_of(path)] == [cell["id"] for cell in cells_of(twin)]
    assert code.pop("parameters").replace('"zh_CN"', '"en"') == same.pop("parameters")
    assert code == same


@pytest.mark.kernel
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if not path.stem.startswith("widgets_")], ids=name_of)
def test_a_walk_through_runs_from_top_to_bottom(path: Path, small: Path, tmp_path: Path) -> None:
    import papermill

    subject = path.stem.removesuffix("_zh")
    asked = {
        "data": str(small / "pipeline"),
        "workspace": str(small / "oppnb.yaml"),
        "out": str(tmp_path / "kept"),
        **QUICK[subject],
    }
    ran = papermill.execute_notebook(
        path, tmp_path / "ran.ipynb", asked, cwd=tmp_path, kernel_name="python3", progress_bar=False, log_output=False
    )
    shown = {cell["id"]: cell["outputs"] for cell in ran["cells"] if cell["cell_type"] == "code"}
    assert all("application/vnd.plotly.v1+json" in shown[name][-1]["data"] for name in DRAWN[subject])
    assert all(shown[name][-1]["data"]["text/plain"] == "True" for name in EXACT[subject])
    assert not [out for outputs in shown.values() for out in outputs if out["output_type"] == "stream"]
    assert {file.name for file in (tmp_path / "kept").iterdir()} == KEPT[subject]
