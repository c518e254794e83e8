"""The explorer's Python half: what it takes, what it says to others, the figures being those of the commands."""

import json
import time
from dataclasses import replace

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, OppnbError, UsageError
from oppnb.locale import Formats, Words
from oppnb.reports.card_tables import CardTables
from oppnb.scoring import tell_deals
from oppnb.scoring.what_if import what_if_all
from oppnb.tables import Tables
from oppnb.widgets import ScoreExplorer, Selection
from oppnb.widgets.score_explorer.deal import rows_of
from tests.widgets.scored import many, small_explorer, small_scores, with_names, without_tables

HARMFUL = "<img src=x onerror='window.hacked = true'>"


def first(explorer, place=0):
    return str(explorer.scores.frame["opportunity_id"].iloc[place])


def changeable(explorer):
    """A deal that two things at least would change."""
    for deal in explorer.scores.frame["opportunity_id"]:
        explorer.deal = deal
        if len(explorer._actions) >= 2:
            return deal
    raise AssertionError("no such deal")


def test_the_table_is_the_score_table_in_its_order():
    explorer = small_explorer()
    pd.testing.assert_frame_equal(explorer.to_table(), small_scores().frame)
    shares = [row[3] for row in explorer.state["table"]["rows"]]
    assert shares == [Formats("en").share(p) for p in small_scores().frame["win_probability"].head(50)]


def test_filters_and_order_from_python_are_those_of_the_headers():
    explorer, seen = small_explorer(), []
    explorer.observe(lambda change: seen.append(change.new), names="selected_ids")
    explorer.filters = {"win_probability": "> 30"}
    explorer.sort_by = "-amount_base"
    found = explorer.to_table()
    assert (found["win_probability"] > 0.3).all()
    assert found["amount_base"].is_monotonic_decreasing
    assert seen[-1] == explorer.selected_ids == tuple(sorted(found["opportunity_id"]))
    explorer.filter_rows("deals", "win_probability", "")
    assert explorer.filters == {}
    explorer.sort_rows("deals", "grade", descending=True)
    assert explorer.sort_by == "-grade"
    order = explorer.to_table()["grade"].map({"hot": 2, "warm": 1, "cold": 0}).dropna()
    assert order.is_monotonic_decreasing


def test_values_as_python_has_them_are_found_in_every_language():
    english, chinese = small_explorer(), small_explorer(locale="zh_CN")
    frame = small_scores().frame
    for column in ("grade", "stage", "owner_id"):
        value = str(frame[column].dropna().iloc[0])
        found = []
        for explorer in (english, chinese):
            explorer.filters = {column: value}
            found.append(set(explorer.to_table()["opportunity_id"]))
        assert found[1] == set(frame.loc[frame[column].astype("str") == value, "opportunity_id"])
        assert found[0] >= found[1]
    chinese.filters = {"grade": "热"}
    assert set(chinese.to_table()["grade"]) <= {"hot"}


def test_an_unknown_column_says_which_there_are():
    with pytest.raises(ColumnMissingError, match="There are: name, priority_rank, win_probability"):
        small_explorer().sort_by = "xyzzy"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("filters", {"win_probabilty": "> 30"}, ColumnMissingError),
        ("filters", {"win_probability": "a lot"}, UsageError),
        ("sort_by", "-amuont_base", ColumnMissingError),
        ("deal", "nobody", UsageError),
        ("selected_ids", ("nobody",), UsageError),
        ("what_if", ("meetng",), UsageError),
        ("what_if", ("meeting",), UsageError),  # no deal is open
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_changes(name, value, error):
    explorer = small_explorer()
    before, state = getattr(explorer, name), explorer.state
    with pytest.raises(error):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before
    assert explorer.state == state


def test_an_unknown_keyword_names_the_nearest():
    with pytest.raises(TypeError, match=r"no 'locle'\. Did you mean 'locale'"):
        ScoreExplorer(small_scores(), locle="en")
    with pytest.raises(TypeError, match="no 'model'"):
        ScoreExplorer(small_scores(), model="x")


def test_a_deal_is_told_as_the_command_tells_it():
    explorer = small_explorer()
    explorer.deal = first(explorer)
    told = tell_deals(small_scores(), [explorer.deal], background=explorer.scored.background)[0]
    assert explorer.told.to_dict() == told.to_dict()
    state = explorer.state["deal"]
    curve = [
        [Formats("en").share(point[name]) for name in ("won", "lost", "open")]
        for point in told.curve.to_dict("records")
    ]
    assert [row[1:] for row in state["curve"]["told"]] == curve
    assert len(state["more"]["similar"]["rows"]) == len(told.similar)


def test_reasons_sum_up_exactly_from_the_typical_deal_to_this_one():
    explorer = small_explorer()
    for place in range(5):
        explorer.deal = first(explorer, place)
        bars = explorer.state["deal"]["why"]["bars"]
        steps = bars[1:-1]
        assert bars[0]["to"] + sum(bar["to"] - bar["from"] for bar in steps) == pytest.approx(bars[-1]["to"], abs=1e-8)
        points = sum(reason.points for reason in explorer.told.explanation.reasons)
        assert points == round(100 * bars[-1]["to"]) - round(100 * bars[0]["to"])
        assert bars[-1]["to"] == pytest.approx(explorer.told.score["win_probability"], abs=1e-12)


def test_what_is_tried_is_what_the_model_says():
    explorer = small_explorer()
    deal = changeable(explorer)
    one, two = explorer._actions["action"].head(2)
    explorer.what_if = (one,)
    alone = explorer._actions["win_probability_if"].iloc[0]
    assert explorer.state["deal"]["more"]["what_if"]["result"]["after"] == pytest.approx(alone)
    explorer.choose_what_if([two, one])
    assert set(explorer.what_if) == {one, two}
    scores, past = small_scores(), explorer.scored.background.past
    both = what_if_all(
        scores.scorer, rows_of(explorer.scored, deal), [one, two], among=past, workspace=scores.opened.workspace
    )
    assert explorer.state["deal"]["more"]["what_if"]["result"]["after"] == both[0]
    explorer.deal = None
    assert explorer.what_if == ()


def test_the_card_shows_the_figures_of_the_card():
    explorer = small_explorer()
    card = small_scores().scorer.card
    tables = CardTables(card, words=Words("en"), formats=Formats("en"))
    shown = explorer.state["card"]["models"]["rows"]
    known = tables.models()
    known = known[known["log_loss"] != "–"]
    assert [row["cells"][0] for row in shown] == known["model"].tolist()
    assert [row["cells"][1] for row in shown] == known["kind_of_model"].tolist()
    assert all(text.startswith(row["cells"][3]) for row, text in zip(shown, known["log_loss"], strict=True))
    dots = explorer.state["reliability"]["chart"]["dots"]
    assert [(dot["x"], dot["y"], dot["low"], dot["high"]) for dot in dots] == [
        tuple(row) for row in tables.reliability("reliability")[["stated", "observed", "low", "high"]].to_numpy()
    ]


def test_an_open_deal_and_filters_narrow_the_others_and_their_choice_narrows_the_table():
    chosen = Selection()
    one, other = small_explorer(selection=chosen), small_explorer(selection=chosen)
    one.deal = first(one, 3)
    assert chosen.opportunity_ids == one.selected_ids == (first(one, 3),)
    assert other.to_table()["opportunity_id"].tolist() == [first(one, 3)]
    assert other.state["following"]["n"] == "1"
    other.show_all()
    assert chosen.opportunity_ids is None
    assert len(other.to_table()) == len(one.scores.frame)
    one.deal = None
    one.selected_ids = [first(one, 2), first(one, 1)]
    assert chosen.opportunity_ids == one.selected_ids == tuple(sorted([first(one, 1), first(one, 2)]))
    one.clear_filters()
    assert chosen.opportunity_ids is None


def test_what_an_export_does_not_have_is_said_in_a_line():
    explorer = small_explorer(without_tables("contacts", "evidence", "opportunity_history", "activities"))
    explorer.scored.__dict__.pop("timelines")
    explorer.deal = first(explorer)
    deal = explorer.state["deal"]
    assert deal["people"]["note"] == "The export has no contacts."
    assert deal["evidence"]["note"] == "The export has no qualification evidence."
    assert "no history of its deals" in deal["more"]["timeline"]["note"]
    assert "no activities" in deal["more"]["timeline"]["note"]
    card = {**small_scores().scorer.card, "reliability": [], "evaluation": []}
    bare = replace(small_scores(), scorer=replace(small_scores().scorer, card=card))
    state = small_explorer(bare).state
    assert state["reliability"]["chart"] is None
    assert "too little past" in state["reliability"]["note"]
    assert state["card"]["models"] is None


@pytest.mark.parametrize("n", [0, 1])
def test_no_deal_and_one_deal_look_right(n):
    explorer = small_explorer(replace(small_scores(), frame=small_scores().frame.head(n)))
    assert explorer.state["table"]["n"] == n
    assert explorer.state["header"]["title"] == ("No open deal", "One open deal")[n]
    data, _ = explorer._repr_mimebundle_()
    assert ("No rows" in data["text/html"]) == (n == 0)


def test_a_day_without_an_open_deal_is_said_and_no_error():
    deals = pd.DataFrame(
        {
            "opportunity_id": ["1"],
            "stage": ["Won"],
            "created_at": pd.to_datetime(["2024-01-02"]),
            "closed_at": pd.to_datetime(["2024-02-02"]),
            "outcome": ["won"],
        }
    )
    explorer = ScoreExplorer(Tables({"opportunities": deals}), as_of="2024-03-01")
    assert explorer.scores is None
    assert explorer.is_ready
    assert "No deal was open" in explorer.state["header"]["warnings"][0]
    assert explorer.selected_ids == ()
    assert explorer.to_table().empty


def test_a_hundred_thousand_deals_are_paged_and_little_is_sent():
    explorer = small_explorer(many(100_000))
    assert explorer.state["table"]["n"] == 100_000
    assert len(json.dumps(explorer.state)) < 60_000
    page = explorer.read_rows("deals", 99_990, 50)
    assert [row[0] for row in page["rows"]][-1] == "D099999"
    start = time.perf_counter()
    explorer.filters = {"win_probability": "> 30"}
    assert time.perf_counter() - start < 20  # seconds; a guard against rows that are written one by one
    assert len(explorer.selected_ids) == explorer.state["table"]["n"] > 0


def test_a_faulty_command_is_told_in_words():
    explorer, sent = small_explorer(), []
    explorer.send = sent.append
    explorer._on_message(explorer, {"do": "choose_deal", "call": 1, "with": {"deal": "nobody"}}, [])
    assert "No open deal has the id" in explorer.error
    assert sent == [{"answer": 1, "failed": True}]
    explorer._on_message(explorer, {"do": "choose_tab", "call": 2, "with": {"tab": "crad"}}, [])
    assert "Did you mean 'card'" in explorer.error
    with pytest.raises(OppnbError):
        explorer.choose_deal("nobody")


def test_without_a_kernel_figure_and_table_are_left_and_text_is_text():
    explorer = small_explorer(with_names(HARMFUL))
    for deal in (None, first(explorer)):
        explorer.deal = deal
        data, _ = explorer._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in data
        assert "data:image/svg+xml" in data["text/html"]
        assert "&lt;img" in data["text/html"]
        assert "<img src" not in data["text/html"]


def test_without_waiting_there_are_no_deals_until_it_was_scored(monkeypatch):
    scores, kept = small_scores(), []
    monkeypatch.setattr(ScoreExplorer, "work", lambda _, make, then, **__: kept.append((make, then)))
    monkeypatch.setattr("oppnb.widgets.score_explorer.source.score_pipeline", lambda *_, **__: scores)
    explorer = ScoreExplorer("exports/", wait=False)
    assert not explorer.is_ready
    assert explorer.state["table"] is None
    assert explorer.to_figure() is None
    explorer._repr_mimebundle_()
    make, then = kept[0]
    from oppnb.widgets.work import Watch

    told = []
    then(make(Watch(told.append)))
    assert explorer.is_ready
    assert told[-1] == 1.0
    assert explorer.state["table"]["n"] == len(scores.frame)


def test_says_it_in_chinese():
    explorer = small_explorer(locale="zh_CN")
    explorer.deal = first(explorer)
    assert "个未结商机" in explorer.state["header"]["title"]
    assert explorer.state["deal"]["why"]["bars"][-1]["label"] == "本商机"
    assert explorer.texts["why_title"] == "原因"
