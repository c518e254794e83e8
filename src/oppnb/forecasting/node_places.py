"""Which node each deal stood in on a day, and in which node what was won is booked."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.points import Point
from oppnb.history.book import PipelineBook
from oppnb.periods import Period

__all__ = ["NodeDay", "Places"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """The nodes of a column.

    Attributes
    ----------
    by : str
        The column.
    nodes : tuple of str or None
        Every value that a deal ever had, sorted; None, last, are deals without one.
    """

    by: str
    nodes: tuple[str | None, ...]

    @classmethod
    def of(cls, book: PipelineBook, by: str) -> "Places":
        """All that the book knows."""
        frames = [frame[by] for frame in (book.deals, book.open_rows, book.tenures) if by in frame]
        found = {str(value) for values in frames for value in values.dropna().unique()}
        return cls(by, (*sorted(found), None))

    def codes(self, values: pd.Series) -> Ints:
        """Positions of the nodes, shape (n,)."""
        found = pd.Index(self.nodes[:-1], dtype="object").get_indexer(pd.Index(values.astype("str").astype("object")))
        return np.where(values.isna().to_numpy(), len(self.nodes) - 1, found).astype(np.int64)

    def sums(self, codes: Ints, values: Floats) -> Floats:
        """Of each node, shape (n_nodes,)."""
        return np.asarray(np.bincount(codes, np.nan_to_num(values), minlength=len(self.nodes)), dtype="float64")


class NodeDay:
    """The deals of a day by node.

    Parameters
    ----------
    known : PipelineBook
        As known on the day.
    places : Places
        The nodes.
    point : Point
        The day and its period.
    """

    def __init__(self, known: PipelineBook, places: Places, point: Point) -> None:
        self.known, self.places, self.point = known, places, point
        self.codes = places.codes(known.deals[places.by])
        self._amount = np.nan_to_num(known.deals["amount_base"].to_numpy(dtype="float64"))
        self._won = (known.deals["outcome"] == "won").to_numpy(dtype=bool)
        self._index = pd.Index(known.deals["opportunity_id"])

    def of(self, rows: pd.DataFrame) -> Ints:
        """The node of each row's deal on the day; -1: the deal was not known."""
        at = self._index.get_indexer(pd.Index(rows["opportunity_id"]))
        return np.where(at >= 0, self.codes[at], -1).astype(np.int64)

    @cached_property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which nodes have deals open on the day, shape (n_nodes,)."""
        rows = self.of(self.known.on(self.point.day))
        return np.asarray(np.bincount(rows[rows >= 0], minlength=len(self.places.nodes)) > 0)

    def won_in(self, period: Period) -> Floats:
        """What was won in a period, up to the day, by where the deals stand on the day; shape (n_nodes,)."""
        return self._sum(self._won & self._closed(period))

    def won_of_new(self, past: list[Point]) -> Floats:
        """Mean over past points of what was won in their periods from deals created after them; shape (n_nodes,)."""
        created = self.known.deals["created_on"]
        found = np.zeros(len(self.places.nodes))
        for one in past:
            born = (created > pd.Timestamp(one.day)) & (created <= pd.Timestamp(one.period.end))
            found += self._sum(self._won & self._closed(one.period) & born.to_numpy())
        return found / max(len(past), 1)

    def _closed(self, period: Period) -> npt.NDArray[np.bool_]:
        closed = self.known.deals["closed_on"]
        return np.asarray((closed >= pd.Timestamp(period.start)) & (closed <= pd.Timestamp(period.end)))

    def _sum(self, chosen: npt.NDArray[np.bool_]) -> Floats:
        return self.places.sums(self.codes[chosen], self._amount[chosen])

    def booked(self, book: PipelineBook, at_the_end: "NodeDay") -> tuple[Floats, Floats]:
        """What was won in the period, and how many deals: each shape (n_nodes,).

        A deal that was known on the day is booked where it stood on the day, whoever has it when it is won; one that
        came later is booked where it stands at the end of the period.
        """
        won = book.won_between(self.point.period.start, self.point.period.end)
        codes, later = self.of(won), at_the_end.of(won)
        codes = np.where(codes >= 0, codes, np.where(later >= 0, later, len(self.places.nodes) - 1))
        amount = won["amount_base"].to_numpy(dtype="float64")
        return self.places.sums(codes, amount), self.places.sums(codes, np.ones(len(won)))
