"""What an explorer shows: scores, and around them the export, the reader's language, what deals are held against."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.errors import DataError, NoRowsError
from oppnb.history.one_deal import deal_timelines
from oppnb.locale import Formats, Words
from oppnb.scoring import Scores, score_pipeline, scoring_rows
from oppnb.scoring.deal_told import DealBackground, deal_background
from oppnb.scoring.opening import open_for_scoring
from oppnb.stages import OpenedData, only_currency, stage_label
from oppnb.tables import Tables
from oppnb.widgets.no_rows import no_tables
from oppnb.widgets.work import Watch

__all__ = ["Scored", "score_data", "scored_of"]

_ASKED, _TRAINED = 0.1, 0.9


@dataclass(frozen=True)
class Scored:
    """A scored pipeline and its reader.

    Attributes
    ----------
    scores : Scores or None
        None where no deal was open.
    opened : OpenedData
        The export.
    words, formats : Words, Formats
        The reader's language and currency.
    note : str
        Why there are no scores.
    """

    scores: Scores | None
    opened: OpenedData
    words: Words
    formats: Formats
    note: str = ""

    @property
    def frame(self) -> pd.DataFrame:
        """One row an open deal, as `oppnb.scoring.score_pipeline` gives them; without scores no rows."""
        return pd.DataFrame({"opportunity_id": pd.Series(dtype="str")}) if self.scores is None else self.scores.frame

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each deal stands in `Scores.rows`."""
        if self.scores is None:
            return {}
        return {str(key): place for place, key in enumerate(self.scores.rows.keys["opportunity_id"])}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Where each deal stands in `frame`."""
        return {str(key): place for place, key in enumerate(self.frame["opportunity_id"])}

    @cached_property
    def background(self) -> DealBackground:
        """What deals are held against; takes seconds the first time."""
        if self.scores is None:
            raise LookupError("no deal was open")
        return deal_background(self.scores)

    @cached_property
    def timelines(self) -> pd.DataFrame:
        """What is on record of every open deal; see `oppnb.history.one_deal.deal_timelines`."""
        opened = self.opened
        ids = list(self.row_of)
        return deal_timelines(opened.tables, ids, known_on=opened.as_of, workspace=opened.workspace)

    @cached_property
    def trends(self) -> dict[float, str]:
        """The trend of each change, as the score table calls it."""
        if "change" not in self.frame or "trend" not in self.frame:
            return {}
        return dict(zip(self.frame["change"].astype("float64").tolist(), self.frame["trend"].tolist(), strict=True))

    @cached_property
    def owners(self) -> dict[str, str]:
        """Names of owners by their ids."""
        return _names(self.opened.tables, "owners", "owner_id")

    @cached_property
    def deal_names(self) -> dict[str, str]:
        """Names of deals by their ids, closed ones too."""
        return _names(self.opened.tables, "opportunities", "opportunity_id")

    def stage(self, process: Any, stage: Any) -> str:
        """A stage as the reader calls it."""
        if stage is None or pd.isna(stage):
            return "–"
        of = None if process is None or pd.isna(process) else str(process)
        return stage_label(self.opened.workspace, of, str(stage), locale=self.words.locale)

    def row(self, deal: str) -> dict[str, Any]:
        """A deal's row of the score table."""
        return {str(name): value for name, value in self.frame.iloc[self.row_of[deal]].items()}


def scored_of(scores: Scores, *, locale: str | None = None) -> Scored:
    """A result that is there already."""
    return _scored(scores, scores.opened, locale, "")


def score_data(data: str | Path | Tables, *, locale: str | None, watch: Watch, **asked: Any) -> Scored:
    """Score an export as `oppnb score` does; a day without an open deal is no error here, it is said.

    Raises
    ------
    OppnbError
        Whatever `score_pipeline` raises otherwise.
    CancelledError
        If the watch says so.
    """
    watch.done(0.0)
    try:
        scores = score_pipeline(
            data,
            locale=locale,
            ready=lambda _, __: watch.done(_ASKED),
            progress=_share(watch.done),
            **asked,
        )
    except NoRowsError:
        return score_data(no_tables(), locale=locale, watch=watch, **asked)
    except DataError as error:
        opened = open_for_scoring(data, as_of=asked.get("as_of"), workspace=asked.get("workspace"))
        if len(scoring_rows(opened.tables, opened.as_of, workspace=opened.workspace)):
            raise
        return _scored(None, opened, locale, str(error))
    watch.done(1.0)
    return _scored(scores, scores.opened, locale, "")


def _share(done: Callable[[float], None]) -> Callable[[int, int], None]:
    return lambda n, total: done(_ASKED + (_TRAINED - _ASKED) * n / max(total, 1))


def _scored(scores: Scores | None, opened: OpenedData, locale: str | None, note: str) -> Scored:
    words = Words(locale or opened.workspace.locale)
    currency = opened.workspace.currency or only_currency(opened.tables)
    return Scored(scores, opened, words, Formats(words.locale, currency=currency), note)


def _names(tables: Tables, table: str, key: str) -> dict[str, str]:
    if table not in tables or "name" not in tables[table]:
        return {}
    known = tables[table].dropna(subset=["name"]).drop_duplicates(key)
    return dict(zip(known[key].astype(str), known["name"].astype(str), strict=True))
