"""The verdict on the terminal does not contradict the measures."""

import json
from types import SimpleNamespace
from typing import Any

from oppnb.cli.score_output import card_json, summary


def card(*, auc: float, skill: float, **more: Any) -> dict[str, Any]:
    measured = {"auc": auc, "brier_skill": skill, "log_loss": 0.64}
    ends = {f"{name}_{end}": measured[name] + by for name in measured for end, by in (("low", -0.03), ("high", 0.03))}
    said = ["Ridge is in use.", "Steps.", "Better than the base rate and the stage odds."]
    return {
        "chosen": "ridge",
        "verdict": "better_than_baselines",
        "is_young": False,
        "steps": [],
        "sentences": {"en": said},
        "evaluation": [{"model": "ridge", **measured, **ends}, {"model": "base_rate", "log_loss": 0.65}],
        **more,
    }


def told(found: dict[str, Any], *, is_short: bool = True) -> str:
    return summary(SimpleNamespace(card=found), "en", is_short=is_short)


def test_a_model_that_does_not_rank_is_not_called_better_without_saying_on_what() -> None:
    said = told(card(auc=0.511, skill=0.0))
    assert "no better than chance: AUC 0.511" in said
    assert "only where deals that are still open count too" in said
    assert "Better than the base rate and the stage odds." not in said


def test_a_model_that_ranks_keeps_its_verdict_beside_the_measures() -> None:
    said = told(card(auc=0.75, skill=0.2), is_short=False).splitlines()
    assert said[:2] == ["Ridge is in use.", "Steps."]
    assert said[2].startswith("It ranks deals whose end is known: AUC 0.75")
    assert said[3:] == ["Better than the base rate and the stage odds."]


def test_a_model_of_leads_is_told_by_its_own_sentences() -> None:
    assert "AUC" not in told(card(auc=0.511, skill=0.0, subject="lead"))


def test_a_machine_reads_the_same_verdict_as_a_person_in_both_languages() -> None:
    found = card(auc=0.511, skill=0.0)
    read = json.loads(card_json(found))
    verdict = read.pop("verdict_told")
    assert verdict["en"] == told(found).splitlines()[1:]
    assert "AUC 0.511" in verdict["zh_CN"][0] != verdict["en"][0]
    assert read == json.loads(json.dumps(found))


def test_zh_is_chinese_in_every_sentence() -> None:
    found = card(auc=0.75, skill=0.2)
    found["sentences"]["zh_CN"] = ["正在使用岭回归。", "步骤。", "优于基准赢率。"]
    said = summary(SimpleNamespace(card=found), "zh", is_short=False)
    assert "Ridge" not in said
    assert "优于基准赢率。" in said
