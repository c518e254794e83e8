"""Whether a model was right lately, in the reader's words."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.card_tables import CardTables
from oppnb.reports.columns import header

if TYPE_CHECKING:
    from oppnb.scoring import LatelyJudged

__all__ = ["LatelyTold"]

_MEASURES = ("auc", "log_loss", "calibration_slope", "calibration_intercept")
_LEAST = 20


class LatelyTold:
    """Sentences and tables on deals that came after the training.

    Parameters
    ----------
    lately : LatelyJudged
        What came of them.
    tables : CardTables
        Writes measures with their intervals.
    words, formats : Words, Formats
        The reader's language.
    """

    def __init__(self, lately: "LatelyJudged", tables: CardTables, *, words: Words, formats: Formats) -> None:
        self.lately = lately
        self.tables = tables
        self.words = words
        self.formats = formats

    def said(self, key: str, **values: Any) -> str:
        """A text of the catalogue's `model_card`."""
        return self.words(f"model_card.{key}", **values)

    def _title(self, model: object) -> str:
        from oppnb.scoring.promotion import CHAMPION

        return self.tables.title(self.tables.card["chosen"] if model == CHAMPION else model)

    def verdict(self) -> str:
        """Whether it was better than the base rate and the stage odds on the same deals, beyond noise."""
        found = self.lately.differences()
        values = {
            "n": self.formats.number(self.lately.n_deals),
            "since": self.formats.day(self.lately.since),
            "until": self.formats.day(self.lately.until),
        }
        worse = [name for name, one in found.items() if one.is_worse]
        even = [name for name, one in found.items() if not one.is_better and not one.is_worse]
        if worse:
            return self.said("lately_worse", baseline=self._title(worse[0]), **values)
        if even:
            return self.said("lately_even", baseline=self._title(even[0]), **values)
        return self.said("lately_better", **values)

    def points(self) -> list[str]:
        """Wins expected and come, the slope, and whether drift was seen."""
        wins, number = self.lately.wins(), self.formats.number
        said = []
        if wins.n:
            values = {name: number(getattr(wins, name)) for name in ("n", "expected", "low", "high", "came")}
            said.append(self.said("lately_wins_held" if wins.is_held else "lately_wins_off", **values))
        said += [self.words(f"scoring_drift.{self.lately.drift.state}")]
        n_open = int(self.lately.rows.loc[~self.lately.rows["is_closed"], "opportunity_id"].nunique())
        if n_open:
            said.append(self.said("lately_open", n=number(n_open)))
        return said

    def models(self) -> pd.DataFrame:
        """The model and the baselines on the same deals, with the paired difference."""
        differences = self.lately.differences()
        rows = self._records(self.lately.evaluation())
        return pd.DataFrame(
            {
                "model": [self._title(row["model"]) for row in rows],
                "n_deals": [row["n_deals"] for row in rows],
                **{name: [self.tables.measured(row, name) for row in rows] for name in _MEASURES},
                "in_use_against": [self._paired(differences.get(str(row["model"]))) for row in rows],
            }
        )

    def _paired(self, found: Any) -> str:
        if found is None or pd.isna(found.value):
            return "–"
        return self.tables.paired(found.value, found.low, found.high)

    def by(self, column: str) -> pd.DataFrame:
        """The model for each value of a column, parts with enough deals only; empty where there are fewer than two."""
        if column not in self.lately.segments and column not in self.lately.rows:
            return pd.DataFrame()
        frame = self.lately.evaluation_by(column)
        rows = self._records(frame[frame[column].notna() & (frame["n_deals"] >= _LEAST)])
        if len(rows) < 2:
            return pd.DataFrame()
        return pd.DataFrame(
            {
                column: [row[column] for row in rows],
                "n_deals": [row["n_deals"] for row in rows],
                **{name: [self.tables.measured(row, name) for row in rows] for name in _MEASURES},
            }
        )

    def columns(self) -> list[str]:
        """What it is judged by: process, stage, and what tells segments apart."""
        return ["process", "stage", *(str(name) for name in self.lately.segments if name != "opportunity_id")]

    def heading(self, column: str) -> str:
        """The heading of a table by a column."""
        return self.words("report.by", name=header(column, self.words))

    def _records(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        return [
            {str(name): None if _is_missing(value) else value for name, value in row.items()}
            for row in frame.to_dict("records")
        ]


def _is_missing(value: object) -> bool:
    return isinstance(value, float) and value != value
