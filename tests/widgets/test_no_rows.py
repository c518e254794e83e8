"""An export with headers and no rows: the widgets are there, empty, and say why."""

from pathlib import Path

import pytest

from oppnb.errors import DataError, NoRowsError, NothingToReadError
from oppnb.locale import Words
from oppnb.review import open_review
from oppnb.sources.files import look_at
from oppnb.widgets import FunnelExplorer, PipelineBridge, ScoreExplorer, StageConfigurator
from oppnb.widgets.no_rows import no_tables
from tests.widgets.configured import SAMPLE

HEADERS = (SAMPLE.parent / "pipeline" / "opportunities.csv").read_text(encoding="utf-8").splitlines()[0]


@pytest.fixture
def headers(tmp_path: Path) -> Path:
    path = tmp_path / "opportunities.csv"
    path.write_text(f"{HEADERS}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("widget", [FunnelExplorer, PipelineBridge, StageConfigurator])
def test_headers_without_rows_are_an_empty_widget_that_says_so(headers, widget, locale):
    shown = widget(headers, workspace=SAMPLE, locale=locale)
    assert shown.error == Words(locale)("widgets.headers_alone")
    assert shown.review.as_of.isoformat() == "2025-12-31"  # the workspace says when it was exported
    assert "text/html" in shown._repr_mimebundle_()[0]


def test_of_no_rows_no_deal_is_scored_and_nothing_is_bridged(headers):
    assert ScoreExplorer(headers, workspace=SAMPLE).to_table().empty
    bridge = PipelineBridge(headers)  # without a workspace, too
    assert bridge.bridge.bars["n"].sum() == 0
    assert bridge.to_table().empty
    assert PipelineBridge(no_tables(), as_of="2025-12-31").selected_ids == ()


def test_a_report_of_nothing_is_still_refused_and_an_empty_file_is_no_export(headers, tmp_path):
    with pytest.raises(NoRowsError, match="a header without rows"):
        open_review(headers)
    with pytest.raises(DataError, match="nothing to review"):
        open_review(no_tables(), as_of="2025-12-31")
    empty = tmp_path / "other" / "deals.csv"
    empty.parent.mkdir()
    empty.write_text("", encoding="utf-8")
    with pytest.raises(NothingToReadError) as raised:
        look_at(empty)
    assert not isinstance(raised.value, NoRowsError)
    with pytest.raises(NothingToReadError):
        PipelineBridge(tmp_path / "other")
