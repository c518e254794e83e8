"""The widget: its attributes, what the hand may do, what it says to others."""

from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import UsageError, nearest
from oppnb.periods import Period
from oppnb.review import BARS, Bridge, Review
from oppnb.tables import Tables
from oppnb.widgets.asks_review import AsksReview, owner_names
from oppnb.widgets.commands import command
from oppnb.widgets.pipeline_bridge.question import ALL_DEALS, Question, check_question
from oppnb.widgets.pipeline_bridge.state import Days, chart_state, deals_view, question_state, slice_columns
from oppnb.widgets.work import Watch

__all__ = ["PipelineBridge"]

_ASKED = ("start", "end", "slice", "period")


class PipelineBridge(AsksReview[Question, Bridge]):
    """How the open pipeline of one day became that of another, and which deals moved it.

    Parameters
    ----------
    data : Review, path or Tables
        A review that is open already, or what `open_review` takes.
    start, end : date or str, optional
        The two days; by default the last review and the day of knowledge.
    slice : mapping of column to value, optional
        Only these deals, e.g. `{"region": "East"}`.
    period : Period or str, optional
        Deals expected to close in it; `all` for every open deal. By default the review's.
    selection : Selection, optional
        Shared with other widgets: a chosen bar filters them, their choice filters the bridge.
    as_of, workspace, currency, locale
        As in `open_review`; only with a path or tables.

    Attributes
    ----------
    start, end, slice, period
        May be set; the bridge is worked out at once. Watch them with `observe`.
    chosen_bar : str or None
        Key of a bar (`won`, `pushed_out`, ...); None: no bar.
    selected_ids : tuple of str
        Deals behind the chosen bar, or all that moved, as filtered in the table.
    bridge : Bridge
        The frames behind it, as `Review.bridge` gives them.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        Whatever `open_review` raises, or a day, slice or period that cannot be used.

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> from oppnb.tables import Tables
    >>> small = SyntheticSettings(n_opportunities=60)
    >>> bridge = PipelineBridge(Tables(make_pipeline(small).tables), as_of="2024-09-30", period="all")
    >>> bridge.chosen_bar = "new"
    >>> bridge.selected_ids == tuple(sorted(bridge.bridge.behind("new")["opportunity_id"]))
    True
    """

    front_end = "pipeline_bridge"
    _asks = _ASKED

    start = traitlets.Any(help="The first day")
    end = traitlets.Any(help="The second day")
    slice = traitlets.Dict(help="Column -> value")
    period = traitlets.Any(None, allow_none=True, help="Deals due in it; 'all' for every open deal")
    chosen_bar = traitlets.Unicode(None, allow_none=True, help="Key of the chosen bar")

    def __init__(self, data: Review | str | Path | Tables, **settings: Any) -> None:
        super().__init__(data, settings)
        review = self.review
        self._days = Days(review)
        self._columns = slice_columns(review.snapshot)
        self._owners = owner_names(review)
        asked = self._asked(**{name: settings[name] for name in _ASKED if settings.get(name) is not None})
        self._column = ""
        self._show(asked, self._made(asked, Watch()))

    # --- Python ---------------------------------------------------------------------------------------------------

    def to_figure(self) -> Any:
        """The bridge as a plotly figure, the one of the report."""
        return charts.bridge(self.bridge.bars, words=self.words, formats=self.formats)

    def to_table(self) -> pd.DataFrame:
        """The deals behind the chosen bar, or behind every change: the rows of `Bridge.rows`."""
        rows = self.bridge.rows
        chosen = rows["bar"].eq(self.chosen_bar) if self.chosen_bar else ~rows["bar"].isin(["start", "end"])
        return rows[chosen & rows["opportunity_id"].isin(self.selected_ids)].reset_index(drop=True)

    def twin_title(self) -> str:
        """The finding and the days."""
        return f"{self.state['chart']['title']} ({self.state['days']})"

    def twin_table(self) -> pd.DataFrame:
        """The table as the reader sees it."""
        return self.table("deals").written()

    # --- by hand --------------------------------------------------------------------------------------------------

    @command
    def choose_days(self, start: str | None = None, end: str | None = None) -> None:
        """Another first or second day, or both."""
        self.ask(**{name: day for name, day in (("start", start), ("end", end)) if day is not None})

    @command
    def choose_slice(self, column: str, value: str) -> None:
        """Another slice; an empty value offers the column's values and takes every deal."""
        self._column = column
        self.ask(slice={column: value} if column and value else {})

    @command
    def choose_period(self, period: str) -> None:
        """Deals due in a period, or `all`."""
        self.ask(period=period)

    @command
    def choose_bar(self, bar: str | None) -> None:
        """The deals behind a bar; None or the same bar again: every deal that moved."""
        self.chosen_bar = None if bar == self.chosen_bar else bar

    @command
    def show_all(self) -> None:
        """Forget what another widget chose, and this one's bar."""
        self.chosen_bar = None
        self.choose_deals(None)
        self.selection_changed()

    # --- within ---------------------------------------------------------------------------------------------------

    def selection_changed(self) -> None:
        """Another widget chose deals: the bridge is that of those deals."""
        self.chosen_bar = None
        self._answer(self._current() or self._question)

    @traitlets.observe(*_ASKED)
    def _asked_by_trait(self, change: Any) -> None:
        self._answer_trait(change)

    @traitlets.validate("chosen_bar")
    def _known_bar(self, proposal: Any) -> Any:
        if proposal.value is not None and proposal.value not in BARS:
            near = nearest(proposal.value, BARS)
            hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(BARS)}."
            raise UsageError(f"The bridge has no bar '{proposal.value}'.{hint}")
        return proposal.value

    @traitlets.observe("chosen_bar")
    def _bar_chosen(self, _: Any) -> None:
        if not self._is_settling:
            self._picked = None
            self._draw()
            self._say_choice()

    def _asked(self, **question: Any) -> Question:
        current = self._current()
        known: dict[str, Any] = {"start": self.review.compare_to, "end": self.review.as_of, "slice": {}, "period": None}
        if current is not None:
            period: Period | str = current.period or ALL_DEALS
            known = {"start": current.start, "end": current.end, "slice": dict(current.slice), "period": period}
        return check_question(self.review, **{**known, **question})

    def _made(self, asked: Question, watch: Watch) -> Bridge:
        return self._days.bridge(asked, only=self.followed_ids, watch=watch)

    def _show(self, asked: Question, made: Bridge) -> None:
        self._question, self.bridge = asked, made
        self._picked = None
        self._column = asked.slice[0][0] if asked.slice else self._column
        with self._settling():
            self.start, self.end, self.slice = asked.start, asked.end, dict(asked.slice)
            self.period = asked.period.name if asked.period else ALL_DEALS
        self._draw()
        self._say_choice()

    def _draw(self) -> None:
        said = self.words
        view = deals_view(self.bridge, self.review, self._owners, bar=self.chosen_bar)
        first, last = (self.formats.day(day, short=True) for day in (self._question.start, self._question.end))
        self.state = {
            "question": question_state(self.review, self._question, self._columns, self._owners, self._column),
            "days": said("widgets_pipeline_bridge.from_to", start=first, end=last),
            "chart": chart_state(self.bridge, self.review, chosen=self.chosen_bar),
            "table": self.keep_table("deals", view),
            "picked": [],
            "notes": [said(f"note.{note.code}", **note.values) for note in self.bridge.notes],
            "following": self._followed(),
        }

    def _say_choice(self) -> None:
        """A chosen bar or deal filters the others; with neither, they see every deal again."""
        is_chosen = self.chosen_bar is not None or self._picked is not None
        bars = {bar["key"]: bar["label"] for bar in self.state["chart"]["bars"]}
        label = self.picked_label() or bars.get(self.chosen_bar, "")
        self.tell_choice(self.selected_ids if is_chosen else None, label=label)
