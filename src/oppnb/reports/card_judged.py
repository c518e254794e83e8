"""What a model's measures say of it on deals whose end is known, before what chose it: whether it ranks them."""

from collections.abc import Mapping
from typing import Any

from oppnb.locale import Words
from oppnb.reports.card_tables import CardTables

__all__ = ["CardJudged"]

_NO_ORDER, _WEAK = 0.5, 0.6
_BASE_RATE = "base_rate"

Row = Mapping[str, Any]


class CardJudged:
    """Sentences on the model in use, from a card's evaluation and steps.

    Parameters
    ----------
    card : mapping
        Of `oppnb.scoring.model_card`, or read from its JSON.
    tables : CardTables
        Writes numbers and names of models.
    words : Words
        The reader's language.
    """

    def __init__(self, card: Mapping[str, Any], tables: CardTables, *, words: Words) -> None:
        self.card, self.tables, self.words = card, tables, words
        judged = [row for row in card["evaluation"] if row.get("log_loss") is not None]
        self.rows: dict[str, Row] = {str(row["model"]): row for row in judged}
        self.chosen = self.rows.get(str(card["chosen"]))

    def _said(self, key: str, **values: Any) -> str:
        return self.words(f"model_card.{key}", **values)

    @property
    def ranks(self) -> str:
        """`yes`, `weakly`, `no`, `wrong`: where the interval of the AUC lies; empty where it is not known."""
        row = self.chosen
        if row is None or row.get("auc") is None or row.get("auc_low") is None or row.get("auc_high") is None:
            return ""
        if row["auc_low"] > _NO_ORDER:
            return "yes" if row["auc"] >= _WEAK else "weakly"
        return "wrong" if row["auc_high"] < _NO_ORDER else "no"

    @property
    def skill(self) -> str:
        """`better`, `even`, `worse` than the base rate, by the Brier skill's interval; `none` of the rate itself."""
        row = self.chosen
        if row is None or row["model"] == _BASE_RATE:
            return "none"
        low, high = row.get("brier_skill_low"), row.get("brier_skill_high")
        if low is None or high is None:
            return "none"
        return "better" if low > 0 else "worse" if high < 0 else "even"

    def verdict(self) -> str:
        """Whether it ranks deals whose end is known, and beats the base rate on them; empty where that is not known."""
        if self.chosen is None or not self.ranks:
            return ""
        ranked = self._said(f"judged_{self.ranks}", auc=self._number("auc"), **self._ends("auc"))
        return ranked + self._said(
            f"skill_{self.skill}", skill=self._number("brier_skill"), **self._ends("brier_skill")
        )

    def gain(self) -> str:
        """What a model is better at that was found better than all baselines and yet does not rank; else empty."""
        is_better = self.card["verdict"] == "better_than_baselines"
        if self.chosen is None or not is_better or not self.ranks:
            return ""
        if self.ranks in ("yes", "weakly") and self.skill in ("better", "none"):
            return ""
        base, name = self.rows.get(_BASE_RATE, {}), "log_loss_in_90_days"
        told = [self.chosen.get(name), base.get(name), self.chosen.get("auc_in_90_days")]
        if not self.card["is_young"] or None in told:
            return self._said("gain_by_open")
        own, of_base, auc = (self.tables.number(value) for value in told)
        return self._said("gain_by_date", own=own, base=of_base, auc=auc)

    def best_row(self) -> str:
        """Why the row with the lowest log loss is not the one in use; empty where it is, or is as good to the digit."""
        if self.chosen is None:
            return ""
        best = min(self.rows.values(), key=lambda row: (row["log_loss"], str(row["model"])))
        losses = {"best_loss": self.tables.number(best["log_loss"]), "loss": self._number("log_loss")}
        if best["model"] == self.chosen["model"] or losses["best_loss"] == losses["loss"]:
            return ""
        names = {"best": self.tables.title(best["model"]), "chosen": self.tables.title(self.chosen["model"])}
        return self._said("best_row", why=self._why_not(str(best["model"])), **names, **losses)

    def _why_not(self, best: str) -> str:
        step = self._step(best)
        if step is None:
            return self._said("why_chance")
        return self._said(
            "why_worse" if step["low"] is not None and step["low"] > 0 else "why_even",
            rule=self._said("rule_young" if self.card["is_young"] else "rule_old"),
            against=self.tables.title(step["against"]),
            **{name: self.tables.number(step[name]) for name in ("difference", "low", "high")},
        )

    def _step(self, best: str) -> Row | None:
        """The comparison of a model with the one in use, or else with the level it was tried against."""
        for row in self.card["steps"]:
            if row["question"] == "timing" or row["difference"] is None:
                continue
            if row["model"] == best:
                return {name: row[name] for name in ("against", "difference", "low", "high")}
            if (row["model"], row["against"]) == (self.card["chosen"], best):
                turned = {"low": row["high"], "high": row["low"], "difference": row["difference"]}
                negative = {name: None if value is None else -value for name, value in turned.items()}
                return {"against": row["model"], **negative}
        return None

    def _number(self, name: str) -> str:
        return self.tables.number(None if self.chosen is None else self.chosen.get(name))

    def _ends(self, name: str) -> dict[str, str]:
        return {end: self._number(f"{name}_{end}") for end in ("low", "high")}
