"""Widgets that ask a review a question (days, a slice, an attribute) and show the deals behind the answer."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from oppnb.review import Review
from oppnb.tables import Tables
from oppnb.widgets.base import OppnbWidget
from oppnb.widgets.commands import command
from oppnb.widgets.no_rows import open_review_even_without_rows, said_of
from oppnb.widgets.selection import ids_among
from oppnb.widgets.with_tables import WithTables
from oppnb.widgets.work import Watch

__all__ = ["AsksReview", "owner_names"]

Asked = TypeVar("Asked")
Made = TypeVar("Made")


class AsksReview(WithTables, OppnbWidget, Generic[Asked, Made]):
    """The question and the table of deals; what is asked can be set by hand, by `ask` or by traits.

    A subclass names what it takes (`_asks`, `_opening`), makes a question of it (`_asked`), answers it (`_made`), shows
    the answer (`_show`) and says what is chosen (`_say_choice`).

    Parameters
    ----------
    data : Review, path or Tables
        A review that is open already, or what `open_review` takes.
    settings : mapping
        What the constructor was given.
    """

    _asks: ClassVar[tuple[str, ...]] = ()
    _opening: ClassVar[tuple[str, ...]] = ("as_of", "workspace", "currency", "locale")

    _question: Asked
    _asking: Asked | None = None

    def __init__(self, data: Review | str | Path | Tables, settings: Mapping[str, Any]) -> None:
        is_open = isinstance(data, Review)
        if is_open:
            self.refuse_opening(settings, self._opening)
        known = (*self._asks, "selection")
        self.refuse_unknown(settings, list(known if is_open else (*known, *self._opening)))
        opening = {name: settings[name] for name in self._opening if name in settings}
        review = data if isinstance(data, Review) else open_review_even_without_rows(data, **opening)
        super().__init__(words=review.words, formats=review.formats, selection=settings.get("selection"))
        self.review = review
        self.error = said_of(review, review.words)
        self._picked: tuple[str, ...] | None = None

    # --- what a subclass gives ------------------------------------------------------------------------------------

    @abstractmethod
    def _asked(self, **question: Any) -> Asked:
        """The question as it stands with these changes; raises if it cannot be asked."""

    @abstractmethod
    def _made(self, asked: Asked, watch: Watch) -> Made:
        """The answer."""

    @abstractmethod
    def _show(self, asked: Asked, made: Made) -> None:
        """Keep question and answer, and draw them."""

    @abstractmethod
    def _say_choice(self) -> None:
        """Choose in the shared selection what is chosen here."""

    # --- Python and the hand --------------------------------------------------------------------------------------

    def ask(self, **question: Any) -> None:
        """Change several parts of the question at once: the attributes of the same names.

        Raises
        ------
        TypeError
            An unknown keyword; names the nearest.
        OppnbError
            If the question cannot be asked; nothing is changed then.
        """
        self.refuse_unknown(question, list(self._asks))
        self._answer(self._asked(**question))

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """Deals of the table, sorted: behind what is chosen, or all, after the table's filters."""
        if self._picked is not None:
            return self._picked
        return tuple(sorted(set(self.table("deals").rows["opportunity_id"].astype(str))))

    @selected_ids.setter
    def selected_ids(self, opportunity_ids: Iterable[str] | None) -> None:
        self.choose_deals_of_table(ids_among(opportunity_ids, self.table("deals").frame["opportunity_id"]))

    def picked_label(self) -> str:
        """The name of the one deal that is chosen in the table; '' if it is none or several."""
        if self._picked is None or len(self._picked) != 1:
            return ""
        frame = self.table("deals").frame
        names = frame.loc[frame["opportunity_id"].astype(str) == self._picked[0], "name"].dropna()
        return str(names.iloc[0]) if len(names) else self._picked[0]

    @command
    def choose_deals_of_table(self, opportunity_ids: list[str]) -> None:
        """One deal or several of the table; an empty list goes back to all of them."""
        known = set(self.table("deals").frame["opportunity_id"].astype(str))
        self._picked = tuple(sorted(known & set(opportunity_ids))) or None
        self._say_choice()
        self.state = {**self.state, "picked": list(self._picked or ())}

    def table_changed(self, name: str) -> None:
        """Another order or filter."""
        self._picked = None
        self.state = {**self.state, "table": self.table(name).spec(name), "picked": []}
        self._say_choice()

    # --- within ---------------------------------------------------------------------------------------------------

    def _current(self) -> Asked | None:
        """The question that is worked out now, else the one that is shown; what is asked next builds on it."""
        shown = getattr(self, "_question", None)
        return self._asking if self._watch is not None and self._asking is not None else shown

    def _answer(self, asked: Asked) -> None:
        self._asking, is_echo = asked, self._is_echo

        def then(made: Made) -> None:
            with self._echoing(is_echo):
                self._show(asked, made)

        self.work(lambda watch: self._made(asked, watch), then)

    def _answer_trait(self, change: Any) -> None:
        """Ask what a trait was set to; it says again what it said if that cannot be asked."""
        if self._is_settling:
            return
        try:
            self.ask(**{change.name: change.new})
        except Exception:
            self._put_back(change)
            raise


def owner_names(review: Review) -> Mapping[str, str]:
    """Names of owners by their ids."""
    if "owners" not in review.tables or "name" not in review.tables["owners"]:
        return {}
    owners = review.tables["owners"].dropna(subset=["name"])
    return dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
