"""The notebook that each workspace gets runs on the client's data as it is."""

from pathlib import Path
from shutil import copytree

import pytest

from tests.projects.project_made import make_project

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "pipeline"


@pytest.mark.kernel
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_first_look_runs_from_top_to_bottom_beside_the_data(tmp_path: Path, locale: str) -> None:
    import papermill

    project = make_project(tmp_path, locale=locale, currency="CNY")
    copytree(SAMPLE, project / "data" / "export", dirs_exist_ok=True)
    ran = papermill.execute_notebook(
        project / "notebooks" / "first_look.ipynb",
        tmp_path / "ran.ipynb",
        cwd=project / "notebooks",
        kernel_name="python3",
        progress_bar=False,
        log_output=False,
    )
    shown = {cell["id"]: cell["outputs"] for cell in ran["cells"] if cell["cell_type"] == "code"}
    assert all(shown[name] for name in ("read", "open", "audit", "summary", "kpis", "odds", "bridge", "attention"))
    assert "application/vnd.plotly.v1+json" in shown["bridge"][-1]["data"]
    assert ("商机" in shown["summary"][0]["text"]) == (locale == "zh_CN")
