"""What the hand does while earlier work goes on: with a loop that delivers when the test says so."""

import queue
import shutil
from pathlib import Path

import pytest

from oppnb.widgets import PipelineBridge, StageConfigurator
from oppnb.workspace import read_workspace
from tests.widgets.configured import SAMPLE, configured_review
from tests.widgets.conftest import small_review


class Loop:
    """As the kernel's: callbacks of threads run when the loop comes to them."""

    def __init__(self):
        self.calls = queue.Queue()

    def add_callback(self, call, *given):
        self.calls.put((call, given))

    def run_until(self, is_done):
        while not is_done():
            call, given = self.calls.get(timeout=60)
            call(*given)


@pytest.fixture
def loop(monkeypatch):
    made = Loop()
    monkeypatch.setattr("oppnb.widgets.base.kernel_loop", lambda: made)
    return made


def by_hand(widget, do, **arguments):
    widget._on_message(widget, {"do": do, "call": 1, "with": arguments}, [])


def answers(widget):
    said = []
    widget.send = lambda content, buffers=None: said.append(content)  # noqa: ARG005
    return said


@pytest.fixture
def configurator(tmp_path):
    return StageConfigurator(configured_review(), path=Path(shutil.copy(SAMPLE, tmp_path / "oppnb.yaml")))


def keys(configurator):
    return {one.stage.name: one.key for one in configurator.draft.processes[configurator.process]}


def test_what_is_written_after_a_rename_waits_for_it_and_is_saved_with_it(loop, configurator, tmp_path):
    said = answers(configurator)
    key = keys(configurator)["Proposal"]
    by_hand(configurator, "rename_stage", stage=key, name="Quote")
    by_hand(configurator, "write_stage", stage=key, field="time_limit_days", text="33")
    by_hand(configurator, "write_stage", stage=key, field="exit_criteria", text="signed by two")
    by_hand(configurator, "save")
    assert configurator.busy
    assert len(said) == 1  # the others are answered when they are done
    loop.run_until(lambda: len(said) == 4 and not configurator.busy)
    stages = read_workspace(tmp_path / "oppnb.yaml").processes[0].stages
    quote = next(one for one in stages if one.name == "Quote")
    assert (quote.time_limit_days, quote.exit_criteria, quote.aliases[-1:]) == (33, ["signed by two"], ["Proposal"])
    assert configurator.diff == ""


def test_python_builds_on_what_the_hand_has_asked_for(loop, configurator):
    by_hand(configurator, "rename_stage", stage=keys(configurator)["Proposal"], name="Quote")
    configurator.set_odds("Quote", 0.4)
    quote = next(one for one in configurator.stages[configurator.process] if one.name == "Quote")
    assert (quote.odds, configurator.busy) == (0.4, False)


def test_what_waits_goes_on_after_work_that_was_stopped(loop, configurator):
    said = answers(configurator)
    names = keys(configurator)
    by_hand(configurator, "rename_stage", stage=names["Proposal"], name="Quote")
    by_hand(configurator, "write_stage", stage=names["Proposal"], field="odds", text="40")
    by_hand(configurator, "cancel")
    loop.run_until(lambda: len(said) == 3 and not configurator.busy)
    proposal = next(one for one in configurator.stages[configurator.process] if one.name == "Proposal")
    assert proposal.odds == 0.4


def test_questions_asked_one_after_the_other_add_up(loop):
    bridge = PipelineBridge(small_review())
    by_hand(bridge, "choose_days", start="2024-12-31")
    by_hand(bridge, "choose_period", period="all")
    by_hand(bridge, "choose_slice", column="region", value="East")
    loop.run_until(lambda: not bridge.busy)
    assert (bridge.start.isoformat(), bridge.period, bridge.slice) == ("2024-12-31", "all", {"region": "East"})
