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
        return self.words(self.tables.key(key), **values)

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
        if step is None or step["low"] is None or step["high"] is None:
            return self._said("why_not_compared")
        return self._said(
            f"why_{self._ending(step)}",
            rule=self._said("rule_young" if self.card["is_young"] else "rule_old"),
            against=self.tables.title(step["against"]),
            **{name: self.tables.number(step[name]) for name in ("difference", "low", "high")},
        )

    def _ending(self, step: Row) -> str:
        """What the interval of a comparison says of its first model: nothing is called chance that lies beyond it."""
        if step["low"] > 0:
            return "worse"
        if step["high"] >= 0:
            return "even"
        if not step["is_better"]:
            return "little"
        return "few" if self.card["verdict"] == "baseline_looks_better" else "simpler"

    def _step(self, best: str) -> Row | None:
        """The comparison that speaks of a model not in use.

        With the one in use; else with the level that replaced it on the way there; else with the one it was tried
        against. That a level won its own step says nothing of why it is not in use.
        """
        rows = [row for row in self.card["steps"] if row["question"] != "timing" and row["difference"] is not None]
        tried = [_compared(row) for row in rows if row["model"] == best]
        met = [_compared(row, is_turned=True) for row in rows if row["against"] == best]
        in_use = [step for step in (*tried, *met) if step["against"] == self.card["chosen"]]
        replaced = [step for step in met if step["low"] is not None and step["low"] > 0]
        lost = [step for step in tried if not step["is_better"]]
        return next(iter((*in_use, *replaced, *lost)), None)

    def _number(self, name: str) -> str:
        return self.tables.number(None if self.chosen is None else self.chosen.get(name))

    def _ends(self, name: str) -> dict[str, str]:
        return {end: self._number(f"{name}_{end}") for end in ("low", "high")}


def _compared(row: Row, *, is_turned: bool = False) -> dict[str, Any]:
    """A comparison as its first model sees it, or turned as its second does."""
    found = {name: row[name] for name in ("difference", "low", "high")}
    if is_turned:
        turned = {"difference": row["difference"], "low": row["high"], "high": row["low"]}
        found = {name: None if value is None else -value for name, value in turned.items()}
    is_lower = found["high"] is not None and found["high"] < 0
    counts = row.get("is_worse" if is_turned else "is_better", is_lower)
    return {"against": row["model" if is_turned else "against"], **found, "is_better": is_lower and counts}
