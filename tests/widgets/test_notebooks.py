"""The walk-throughs of the widgets run from top to bottom, and show something where no kernel is."""

from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("widgets_*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A synthetic pipeline of 150 deals with its workspace."""
    from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    from oppnb.sources.synthetic.workspace_file import workspace_yaml
    from oppnb.sources.synthetic.writing import write_tables

    settings = SyntheticSettings(n_opportunities=150, start=date(2024, 1, 1), end=date(2025, 12, 31))
    folder = tmp_path_factory.mktemp("small")
    write_tables(folder / "pipeline", dict(make_pipeline(settings).tables))
    (folder / "oppnb.yaml").write_text(workspace_yaml(settings), encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_executed_walk_through_is_not_blank_in_our_export_nor_in_plain_nbconvert(path, small, tmp_path):
    import papermill
    from nbconvert import HTMLExporter

    from oppnb.locale import Words
    from oppnb.reports.exporter import export_html

    asked = {"data": str(small / "pipeline"), "workspace": str(small / "oppnb.yaml")}
    ran = papermill.execute_notebook(
        path,
        tmp_path / "ran.ipynb",
        asked,
        cwd=tmp_path,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
    )
    bundles = [out["data"] for cell in ran["cells"] for out in cell.get("outputs", []) if "data" in out]
    twins = [data["text/html"] for data in bundles if "oppnb-twin" in data.get("text/html", "")]
    assert twins
    assert not [data for data in bundles if VIEW in data]  # a live view would be a blank on the page
    assert all("oppnb-twin" in twin and "<script" not in twin for twin in twins)
    ours = export_html(ran, title="Bridge", locale="en", words=Words("en"))
    plain, _ = HTMLExporter().from_notebook_node(ran)
    assert ours.count('class="oppnb-twin"') == plain.count('class="oppnb-twin"') == len(twins)
