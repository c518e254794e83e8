"""The linter of the stage configuration: each rule on a configuration that breaks it."""

import pandas as pd
import pytest

from oppnb.locale import LOCALES, Words
from oppnb.stages import lint_frame, lint_stages
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace

ENDS = "{name: Won, outcome: won, odds: 1}, {name: Lost, outcome: lost, odds: 0}"


def workspace(stages, ends=ENDS, preset=""):
    return parse_workspace(f"processes: [{{name: p, {preset} stages: [{', '.join(filter(None, [stages, ends]))}]}}]")


def spells_of(stage, days, next_stage="Won"):
    return pd.DataFrame(
        {
            "process": "p",
            "stage": stage,
            "days": days,
            "left_at": pd.Timestamp("2025-01-01"),
            "next_stage": next_stage,
        }
    )


def rules(found):
    return [(finding.rule, finding.stages) for finding in found]


def test_finds_nothing_in_a_good_configuration():
    assert lint_stages(workspace("{name: Demo, odds: 0.2}, {name: Offer, odds: 0.5}")) == ()


@pytest.mark.parametrize(
    ("stages", "ends", "expected"),
    [
        ("{name: A, odds: 0.5}, {name: B, odds: 0.2}", ENDS, ("odds_do_not_fall_along_the_process", ("A", "B"))),
        ("{name: A, odds: 1}", ENDS, ("open_stages_are_neither_won_nor_lost", ("A",))),
        ("{name: A, odds: 0.1}, {name: B}", ENDS, ("odds_are_set_for_all_stages_or_none", ("B",))),
        ("{name: A}", "{name: Won, outcome: won}", ("process_has_a_lost_stage", ())),
        ("{name: A}", "{name: Lost, outcome: lost}", ("process_has_a_won_stage", ())),
        ("{name: A}", "{name: W, outcome: won, odds: 0.9}, {name: L, outcome: lost}", ("won_is_1_and_lost_is_0", ("W",))),  # noqa: E501
        ("{name: Final offer}, {name: Final offers}", ENDS, ("stages_have_names_that_differ", ("Final offer", "Final offers"))),  # noqa: E501
        ("{name: A, odds: 0.3}, {name: B, odds: 0.3}", ENDS, ("neighbouring_stages_differ_in_odds", ("A", "B"))),
    ],
)  # fmt: skip
def test_finds_what_contradicts_itself(stages, ends, expected):
    assert rules(lint_stages(workspace(stages, ends))) == [expected]


def test_finds_stages_that_act_as_one():
    spells = pd.concat([spells_of("A", [1.0] * 20, "B"), spells_of("B", [1.0] * 20)])
    found = lint_stages(workspace("{name: A, odds: 0.3}, {name: B, odds: 0.3}"), spells=spells)
    assert rules(found) == [("neighbouring_stages_differ", ("A", "B"))]
    apart = spells.assign(next_stage="Lost")
    assert lint_stages(workspace("{name: A, odds: 0.3}, {name: B, odds: 0.3}"), spells=apart) == ()


def test_finds_a_stage_that_nobody_uses_and_a_limit_below_the_median():
    spells = spells_of("A", [10.0, 20.0, 30.0] * 7)
    found = lint_stages(workspace("{name: A, odds: 0.1, time_limit_days: 15}, {name: B, odds: 0.3}"), spells=spells)
    assert rules(found) == [("stage_is_used", ("B",)), ("time_limit_is_not_below_the_median_stay", ("A",))]
    assert found[1].values == {"limit": 15.0, "median": 20.0, "n": 21}


def test_finds_odds_far_from_the_observed_ones_but_not_on_a_handful_of_deals():
    odds = pd.DataFrame(
        {
            "process": "p",
            "stage": ["A"],
            "set_odds": 0.9,
            "observed_odds": 0.3,
            "low": 0.2,
            "high": 0.4,
            "n": [100],
            "n_entered": [120],
        }
    )
    config = workspace("{name: A, odds: 0.9}")
    assert rules(lint_stages(config, odds=odds)) == [("set_odds_lie_in_the_observed_interval", ("A",))]
    assert lint_stages(config, odds=odds.assign(n=5)) == ()


def test_finds_deals_in_stages_that_the_configuration_does_not_know():
    deals = pd.DataFrame({"opportunity_id": ["1", "2", "3"], "stage": ["demo ", "Poc", "Poc"]})
    (found,) = lint_stages(workspace("{name: Demo}"), tables=Tables({"opportunities": deals}))
    assert (found.stages, found.values) == (("Poc",), {"n": 2})


def test_reminds_that_a_presets_odds_are_not_ones_own():
    text = ", ".join(f"{{name: S{i}, odds: {odds}}}" for i, odds in enumerate([0.1, 0.3, 0.5, 0.8]))
    found = lint_stages(workspace(text, preset="preset: set_odds_10_30_50_80,"))
    assert rules(found) == [("odds_are_your_own", ())]


@pytest.mark.parametrize("locale", LOCALES)
def test_says_each_finding_in_both_languages(locale):
    config = workspace("{name: A, odds: 1}, {name: B, odds: 0.2, time_limit_days: 1}, {name: C}", ends="")
    odds = pd.DataFrame(
        {"process": "p", "stage": ["B"], "set_odds": 0.2, "observed_odds": 0.5, "low": 0.4, "high": 0.6, "n": [99]}
    ).assign(n_entered=120)
    found = lint_stages(config, odds=odds, spells=spells_of("B", [9.0] * 20))
    assert len(found) == 9
    for finding in found:
        assert "p" in Words(locale)(f"note.{finding.note.code}", **finding.note.values)
    assert len(lint_frame(found)) == 9


def test_the_process_of_a_deal_is_told_whatever_its_case_and_blanks():
    processes = "{name: alpha, stages: [{name: A}, %s]}, {name: beta, stages: [{name: B}, %s]}" % (ENDS, ENDS)  # noqa: UP031
    deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["B", "B"], "process": ["Beta", "beta "]}, dtype="str")
    found = lint_stages(parse_workspace(f"processes: [{processes}]"), tables=Tables({"opportunities": deals}))
    assert "deals_stand_in_configured_stages" not in rules(found)
