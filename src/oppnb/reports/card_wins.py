"""What goes with winning, from a model card, in the reader's words; empty for a card that tells none of it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.card_tables import CardTables

__all__ = ["LEAST_CLOSED", "CardWins"]

LEAST_CLOSED = 20
"""Closed deals below which no share won is told."""
MOST_EFFECTS = 15


class CardWins:
    """Sentences and frames of a card's parts that `oppnb.scoring.card_wins` makes.

    Parameters
    ----------
    card : mapping
        Of `oppnb.scoring.model_card`, or read from its JSON.
    words, formats : Words, Formats
        The reader's language.
    """

    def __init__(self, card: Mapping[str, Any], *, words: Words, formats: Formats) -> None:
        from oppnb.scoring.reason_words import FeatureWords

        self.card = card
        self.words = words
        self.formats = formats
        self.says = FeatureWords(words, formats)
        self.labels = CardTables(card, words=words, formats=formats).labels()

    def _said(self, key: str, **values: Any) -> str:
        return self.words(f"model_card.{key}", **values)

    def at_capacity(self) -> str:
        """How many of the best that one has time for were won; empty on fewer than 20 closed deals, or of how many."""
        found = self.card.get("at_capacity")
        if not found or found["precision"] is None or found.get("n_closed", 0) < LEAST_CLOSED:
            return ""
        shares = {name: self.formats.share(found[name]) for name in ("precision", "low", "high", "win_rate")}
        counts = {name: self.formats.number(found[name]) for name in ("capacity", "n_open", "n_closed")}
        return self._said("at_capacity" if found["is_declared"] else "at_tenth", **shares, **counts)

    def effects(self) -> pd.DataFrame:
        """What a value or a typical step adds, the largest first; only of models that tell it so."""
        rows = [row for row in self.card.get("effects", ()) if "kind" in row][:MOST_EFFECTS]
        return pd.DataFrame(
            {
                "feature": [self.says.title(str(row["feature"])) for row in rows],
                "value_of": [self._effect_of(row) for row in rows],
                "effect_points": [_signed(row["points"], self.formats) for row in rows],
            },
            dtype="str",
        )

    def _effect_of(self, row: Mapping[str, Any]) -> str:
        if row["kind"] == "step":
            return self._said("step")
        value = {"other": "*", "not_known": None}.get(str(row["kind"]), row["value"])
        return self.says.level(str(row["feature"]), value, float("nan"), float("nan"))

    def _level(self, row: Mapping[str, Any], side: str = "") -> str:
        low, high = (row.get(f"{side}{end}_edge") for end in ("low", "high"))
        value = "*" if row.get("kind") == "other" else row[f"{side}value"]
        edges = [float("nan") if edge is None else float(edge) for edge in (low, high)]
        field = str(row["field"] if not side else row[f"{side}field"])
        label = self.labels.get(field, {}).get(str(value)) or self._flag(field, edges)
        return label or self.says.level(field, value, *edges)

    def _flag(self, field: str, edges: list[float]) -> str:
        """A yes or no in words rather than as below 1, and 1 or more."""
        from oppnb.scoring.reason_words import FLAGS

        known = [edge for edge in edges if edge == edge]
        if field not in FLAGS or len(known) != 1:
            return ""
        return self.says(field, 1.0 if edges[0] == edges[0] else 0.0)

    def field_rates(self) -> pd.DataFrame:
        """Win rate by value of the strongest fields."""
        rows = self.card.get("field_rates", ())
        return pd.DataFrame(
            {
                "field": [self.says.title(str(row["field"])) for row in rows],
                "value_of": [self._level(row) for row in rows],
                "won_rate": [self._rate(row) for row in rows],
                "n_deals": [row["n_deals"] for row in rows],
            }
        )

    def _rate(self, row: Mapping[str, Any]) -> str:
        return f"{self._share(row['win_rate'])} ({self._share(row['low'])} – {self._share(row['high'])})"

    def _share(self, value: Any) -> str:
        return self.formats.share(None if value is None else float(value))

    def rate_sentences(self) -> list[str]:
        """One sentence a field: the value with the highest and that with the lowest rate, of those that many had."""
        fields: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.card.get("field_rates", ()):
            fields.setdefault(str(row["field"]), []).append(row)
        return [self._ends(name, rows) for name, rows in fields.items() if len(rows) > 1]

    def _ends(self, name: str, rows: list[Mapping[str, Any]]) -> str:
        many = [row for row in rows if row["n_effective"] >= 20]
        ordered = sorted(many if len(many) > 1 else rows, key=lambda row: -float(row["win_rate"]))
        told: dict[str, str] = {"field": self.says.title(name)}
        for end, row in (("high", ordered[0]), ("low", ordered[-1])):
            told |= {
                f"{end}_value": self._level(row),
                end: self._share(row["win_rate"]),
                f"{end}_low": self._share(row["low"]),
                f"{end}_high": self._share(row["high"]),
                f"{end}_n": self.formats.number(row["n_deals"]),
            }
        return self._said("rates_text", **told)

    def combination_sentences(self) -> list[str]:
        """How many were looked at, then those that stand out; empty where none was looked at."""
        n, rows = self.card.get("n_combinations", 0), self.card.get("combinations", ())
        if not n:
            return []
        lead = self._said("combinations_lead" if rows else "combinations_none", n=self.formats.number(n))
        return [lead, *(self._combination(row) for row in rows)]

    def _combination(self, row: Mapping[str, Any]) -> str:
        return self._said(
            "combination",
            first=self.says.title(str(row["first_field"])),
            first_value=self._level(row, "first_"),
            second=self.says.title(str(row["second_field"])),
            second_value=self._level(row, "second_"),
            rate=self._share(row["win_rate"]),
            low=self._share(row["low"]),
            high=self._share(row["high"]),
            n=self.formats.number(row["n_deals"]),
            expected=self._share(row["expected_rate"]),
        )


def _signed(points: Any, formats: Formats) -> str:
    from oppnb.scoring.signed import signed_number

    return signed_number(float(points), formats)
