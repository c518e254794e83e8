"""What an imported score was worth: its figures, told in words and to machines."""

from typing import Any

import pandas as pd

from oppnb.locale import LOCALES, Formats, Words
from oppnb.scoring.imported.judged_score import JudgedScore
from oppnb.scoring.imported.words import describe_judgement
from oppnb.scoring.plain import as_json

__all__ = ["ScoreJudgement"]


class ScoreJudgement(JudgedScore):
    """What an imported score was worth; its attributes are those of `JudgedScore`."""

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        found: dict[str, Any] = as_json(
            {
                "column": self.column,
                "kind": self.scale.kind,
                "kind_from": self.scale.origin,
                "lowest": self.scale.low,
                "highest": self.scale.high,
                "known": self.known,
                "verdict": self.verdict,
                "until": self.until,
                "is_over_time": self.is_over_time,
                "n_deals": self.n_deals,
                "n_without": self.n_without,
                "evidence": self.evidence.to_dict(),
                "evaluation": self.evaluation.to_dict("records"),
                "reliability": self.reliability.to_dict("records"),
                "lift": self.lift.to_dict("records"),
                "precision_at_capacity": self.precision,
                "comparisons": self.comparisons.to_dict("records"),
                "own": self.own,
                "sentences": {locale: self.sentences(locale) for locale in LOCALES},
            }
        )
        return found

    def sentences(self, locale: str | None = None) -> list[str]:
        """The judgement in words, the verdict first."""
        words = Words(locale or self.locale)
        return describe_judgement(self, words=words, formats=Formats(words.locale))

    def describe(self, locale: str | None = None) -> str:
        """The sentences, and the table of measures; in English by the names that the documentation explains."""
        columns = ["model", "n_deals", "auc", "auc_low", "auc_high", "log_loss", "brier_skill", "ece"]
        columns += ["calibration_slope", "calibration_intercept"]
        told = self.evaluation[[name for name in columns if name in self.evaluation]].round(3)
        parts = ["\n".join(self.sentences(locale)), "" if told.empty else _written(told, Words(locale or self.locale))]
        return "\n\n".join(part for part in parts if part)


def _written(measures: pd.DataFrame, words: Words) -> str:
    if words.locale != "en":
        measures = measures.assign(model=[words.get(f"scoring.model_{name}", name) for name in measures["model"]])
        measures = measures.rename(columns=lambda name: words.get(f"report.column_{name}", name))
    with pd.option_context("display.unicode.east_asian_width", True):  # a Chinese sign is as wide as two Latin ones
        return str(measures.to_string(index=False, na_rep="–"))
