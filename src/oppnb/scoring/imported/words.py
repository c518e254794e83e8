"""The judgement of an imported score in the reader's words."""

import math
from typing import Any

from oppnb.locale import Formats, Words
from oppnb.scoring.imported.judged_score import JudgedScore

__all__ = ["describe_judgement"]

_PERCENT = 100.0


def describe_judgement(judgement: JudgedScore, *, words: Words, formats: Formats) -> list[str]:
    """Sentences: the verdict, what the numbers are, when they were known, on what they were judged, how good they were.

    Parameters
    ----------
    judgement : JudgedScore
    words, formats
        Of the reader.
    """
    found = _Told(judgement, words, formats)
    told = [found.verdict(), *found.evidence(), found.kind(), found.known(), found.deals()]
    return [*told, *found.order(), *found.calibration(), *found.compared()]


class _Told:
    def __init__(self, judgement: JudgedScore, words: Words, formats: Formats) -> None:
        self.judged, self.words, self.formats = judgement, words, formats
        rows = judgement.evaluation[judgement.evaluation["model"] == judgement.column]
        self.row: dict[str, Any] = {str(key): value for key, value in rows.iloc[0].items()} if len(rows) else {}

    def say(self, key: str, **values: Any) -> str:
        return self.words(f"scoring_imported.{key}", column=self.judged.column, **values)

    def number(self, name: str, digits: int = 2) -> str:
        return self.formats.number(float(self.row[name]), digits=digits)

    def has(self, name: str) -> bool:
        return math.isfinite(float(self.row.get(name, math.nan)))

    def verdict(self) -> str:
        return self.say(f"verdict_{self.judged.verdict}")

    def evidence(self) -> list[str]:
        found, told = self.judged.evidence, []
        if found.knows:
            told.append(found.words[self.words.locale])
            if all(math.isfinite(one) for one in (found.won_at_top, found.lost_at_bottom, found.open_at_ends)):
                shares = {
                    name: self.formats.share(getattr(found, name))
                    for name in ("won_at_top", "lost_at_bottom", "open_at_ends")
                }
                told.append(self.say("at_the_ends", **shares))
        if found.open_looks_different:
            told.append(self.say("open_looks_different", distance=self.formats.share(found.distance)))
        return told

    def kind(self) -> str:
        scale = self.judged.scale
        low, high = (self.formats.number(one, digits=_digits(one)) for one in (scale.low, scale.high))
        origin = self.say(f"from_{scale.origin}")
        told = [self.say(f"kind_{scale.kind}", low=low, high=high, origin=origin)]
        if scale.kind == "points" and scale.origin == "values" and scale.low >= 0 and scale.high <= _PERCENT:
            told.append(self.say("say_so"))
        return self.say("between").join(told)

    def known(self) -> str:
        return self.say(f"known_{self.judged.known}")

    def deals(self) -> str:
        judged = self.judged
        n = f"{int(self.row.get('n_deals', 0) or 0):,}"
        told = self.say("deals", n=n, given=f"{judged.n_deals:,}", without=f"{judged.n_without:,}")
        if judged.is_over_time or judged.until is None:
            return told if judged.until is not None else f"{told}{self.say('not_over_time')}"
        return f"{told}{self.say('no_backtest')}"

    def order(self) -> list[str]:
        told = []
        if self.has("auc"):
            ends = {name: self.number(name) for name in ("auc_low", "auc_high")} if self.has("auc_low") else None
            told.append(
                self.say("auc", auc=self.number("auc"), **ends)
                if ends
                else self.say("auc_only", auc=self.number("auc"))
            )
        lift = self.judged.lift
        if len(lift) > 1:
            best = lift.iloc[0]
            numbers = {name: self.formats.number(best[name], digits=1) for name in ("lift", "lift_low", "lift_high")}
            told.append(self.say("lift", **numbers))
        precision = self.judged.precision
        if math.isfinite(float(precision["value"])):
            shares = {name: self.formats.share(float(precision[name])) for name in ("value", "win_rate")}
            key = "precision" if precision["is_told"] else "precision_assumed"
            told.append(self.say(key, capacity=f"{precision['capacity']:,}", **shares))
        return told

    def calibration(self) -> list[str]:
        if not self.judged.scale.is_probability or not self.has("log_loss"):
            return []
        told = [
            self.say(
                "probability",
                log_loss=self.number("log_loss", 3),
                skill=self.formats.share(float(self.row["brier_skill"])) if self.has("brier_skill") else "–",
                ece=self.formats.share(float(self.row["ece"]), digits=1),
                chance=self.formats.share(float(self.row["ece_by_chance"]), digits=1),
            )
        ]
        if self.has("calibration_slope_low") and self.has("calibration_intercept_low"):
            told.append(self._slope())
        return told

    def _slope(self) -> str:
        slope = tuple(float(self.row[f"calibration_slope_{end}"]) for end in ("low", "high"))
        level = tuple(float(self.row[f"calibration_intercept_{end}"]) for end in ("low", "high"))
        numbers = {
            name: self.number(f"calibration_{name}") for name in ("slope", "slope_low", "slope_high", "intercept")
        }
        words = [self.say("slope", **numbers)]
        if slope[1] < 1:
            words.append(self.say("overconfident"))
        elif slope[0] > 1:
            words.append(self.say("too_cautious"))
        if level[0] > 0:
            words.append(self.say("too_low"))
        elif level[1] < 0:
            words.append(self.say("too_high"))
        if len(words) == 1:
            words.append(self.say("calibrated"))
        return self.say("between").join(words)

    def compared(self) -> list[str]:
        frame, judged = self.judged.comparisons, self.judged
        if judged.evidence.knows or frame.empty:
            return []
        best = judged.column if judged.scale.is_probability else f"{judged.column}_recalibrated"
        told = []
        for row in frame[frame["model"] == best].to_dict("records"):
            is_own = row["against"] == judged.own
            if row["against"] not in ("base_rate", "set_stage_odds", "observed_stage_odds") and not is_own:
                continue
            ending = "better" if row["is_better"] else "worse" if row["is_worse"] else "level"
            title = self.words.get(f"scoring.model_{row['against']}", str(row["against"]))
            key = f"{'own' if is_own else 'against'}_{ending}"
            told.append(self.say(key, against=title, difference=f"{row['difference']:+.3f}"))
        if told and not judged.scale.is_probability:
            told.insert(0, self.say("recalibrated"))
        if told and judged.is_over_time:
            told.append(self.say("compared_on"))
        return told


def _digits(number: float) -> int:
    return 0 if number == round(number) else 2
