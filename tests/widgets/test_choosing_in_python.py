"""What Python chooses is what the hand would: told where it cannot be."""

import pytest

from oppnb.errors import UsageError
from oppnb.widgets import FunnelExplorer, PipelineBridge, StageConfigurator
from tests.widgets.conftest import small_review


@pytest.fixture(scope="module")
def opened():
    return small_review("en")


@pytest.mark.parametrize("made", [PipelineBridge, FunnelExplorer])
def test_deals_are_chosen_and_an_unknown_one_is_told(opened, made):
    widget = made(opened)
    every = widget.selected_ids
    widget.selected_ids = [every[0]]
    assert widget.selected_ids == (every[0],) == widget.selection.opportunity_ids
    with pytest.raises(UsageError, match="1 of 2 deals are not shown here: nobody"):
        widget.selected_ids = [every[1], "nobody"]
    assert widget.selected_ids == (every[0],)
    widget.selected_ids = None
    assert widget.selected_ids == every


@pytest.mark.parametrize("made", [PipelineBridge, FunnelExplorer])
def test_one_deal_chosen_in_the_table_is_told_to_others_by_its_name(opened, made):
    widget = made(opened)
    deal = widget.selected_ids[0]
    widget.selected_ids = [deal]
    names = opened.snapshot.set_index("opportunity_id")["name"]
    assert widget.selection.label == names[deal]


@pytest.mark.parametrize("made", [PipelineBridge, FunnelExplorer, StageConfigurator])
def test_what_a_review_says_already_is_not_said_again(opened, made):
    with pytest.raises(TypeError, match="give it to open_review"):
        made(opened, locale="zh_CN")


def test_a_callback_of_the_notebook_is_not_called_a_fault_of_ours(opened):
    bridge = PipelineBridge(opened)
    bridge.send = lambda *_, **__: None
    cell = {"__name__": "__main__"}
    exec("def own(change):\n    raise ValueError('my own')", cell)
    bridge.observe(cell["own"], names="chosen_bar")
    bridge._on_message(bridge, {"do": "choose_bar", "call": 1, "with": {"bar": "won"}}, [])
    assert bridge.error == "A callback of this notebook failed: ValueError: my own"
