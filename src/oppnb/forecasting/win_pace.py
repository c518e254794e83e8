"""On which days deals are won: what a curve between two of its points rises by."""

from oppnb.history.book import PipelineBook
from oppnb.history.close_pace import ClosePace, close_pace

__all__ = ["learn_pace"]


def learn_pace(book: PipelineBook, *, fiscal_year_start: int = 1) -> ClosePace:
    """Learn it from the deals that were won, as known; see `oppnb.history.close_pace.close_pace`.

    Parameters
    ----------
    book : PipelineBook
        As known on the day.
    fiscal_year_start : int
        Month (1-12) in which the fiscal year begins.
    """
    won = book.deals.loc[book.deals["outcome"] == "won", "closed_on"]
    return close_pace(won, known_on=book.known_on, fiscal_year_start=fiscal_year_start)
