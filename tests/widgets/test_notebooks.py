"""The walk-throughs of the widgets run from top to bottom in both languages, and show something where no kernel is."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path for path in (ROOT / "notebooks").glob("widgets_*.ipynb") if not path.stem.endswith("_zh"))
VIEW = "application/vnd.jupyter.widget-view+json"
# In one kernel what is slow is learnt once: both languages forecast with the same models and score with the same one.
LEARN_ONCE = """
import oppnb.opening, oppnb.scoring
_forecast, _score, _kept = oppnb.opening.forecast_pipeline, oppnb.scoring.score_pipeline, {}
def _forecast_once(*given, **asked):
    if "forecast" not in _kept:
        _kept["forecast"] = _forecast(*given, **asked)
    return _kept["forecast"]
def _score_once(*given, **asked):
    made = _score(*given, **{**asked, "model": _kept.get("scorer", asked["model"])})
    _kept["scorer"] = made.scorer
    return made
oppnb.opening.forecast_pipeline, oppnb.scoring.score_pipeline = _forecast_once, _score_once
"""

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


def in_both_languages(path: Path, asked: dict[str, str]) -> Any:
    """The walk-through and its Chinese twin one after the other, each with these parameters."""
    import nbformat

    whole = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    whole.cells.append(nbformat.v4.new_code_cell(LEARN_ONCE))
    for locale, file in (("en", path), ("zh", path.with_stem(f"{path.stem}_zh"))):
        for cell in nbformat.read(file, as_version=4).cells:
            is_parameters = "parameters" in cell.metadata.get("tags", [])
            cell.id, cell.metadata = f"{locale}-{cell.id}", {"language": locale}
            whole.cells.append(cell)
            if is_parameters:
                lines = [f"{name} = {value!r}" for name, value in asked.items()]
                whole.cells.append(nbformat.v4.new_code_cell("\n".join(lines)))
    return whole


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_executed_walk_through_is_not_blank_in_our_export_nor_in_plain_nbconvert(path, small, tmp_path):
    import nbformat
    import papermill
    from nbconvert import HTMLExporter

    from oppnb.locale import Words
    from oppnb.reports.exporter import export_html

    asked = {"data": str(small / "pipeline"), "workspace": str(small / "oppnb.yaml")}
    nbformat.write(in_both_languages(path, asked), tmp_path / "both.ipynb")
    ran = papermill.execute_notebook(
        tmp_path / "both.ipynb",
        tmp_path / "ran.ipynb",
        cwd=tmp_path,
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
    )
    bundles = [
        (cell.metadata.get("language"), out["data"])
        for cell in ran["cells"]
        for out in cell.get("outputs", [])
        if "data" in out
    ]
    twins = {locale: [] for locale in ("en", "zh")}
    for locale, data in bundles:
        if "oppnb-twin" in data.get("text/html", ""):
            twins[locale].append(data["text/html"])
    assert len(twins["en"]) == len(twins["zh"]) > 0
    assert not [data for _, data in bundles if VIEW in data]  # a live view would be a blank on the page
    assert all("<script" not in twin for twin in [*twins["en"], *twins["zh"]])
    ours = export_html(ran, title="Bridge", locale="en", words=Words("en"))
    plain, _ = HTMLExporter().from_notebook_node(ran)
    shown = 2 * len(twins["en"])
    assert ours.count('class="oppnb-twin"') == plain.count('class="oppnb-twin"') == shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_widget_has_a_walk_through_in_both_languages(path):
    assert path.with_stem(f"{path.stem}_zh").is_file()
