"""The list of opportunities came as a header without rows: nothing is mapped wrongly, there is nothing to read."""

from collections.abc import Sequence

from oppnb.sources.proposals_canonical import table_of_name
from oppnb.sources.proposals_headers import HeaderIndex
from oppnb.sources.proposals_sections import recognise
from oppnb.sources.seen import LeftOut

__all__ = ["opportunities_without_rows"]


def opportunities_without_rows(left_out: Sequence[LeftOut], *, n_files: int) -> str | None:
    """Say which file is the list of opportunities and has no rows; None if no file is.

    Parameters
    ----------
    left_out : sequence of LeftOut
        What is not read.
    n_files : int
        Files that have rows.

    Examples
    --------
    >>> seen = LeftOut("deals.csv", "no_rows", ("Deal ID", "Deal Name", "Deal Stage", "Amount", "Close Date"))
    >>> print(opportunities_without_rows([seen], n_files=2))
    'deals.csv', the list of opportunities, has a header and not one row; the 2 other files have rows.
    Export it anew with its rows: perhaps a filter or a range of days left out all of them.
    """
    found = [one for one in left_out if one.reason == "no_rows" and _is_list(one)]
    if not found:
        return None
    others = {0: "", 1: "; the other file has rows"}.get(n_files, f"; the {n_files} other files have rows")
    return (
        f"'{found[0].name}', the list of opportunities, has a header and not one row{others}.\n"
        "Export it anew with its rows: perhaps a filter or a range of days left out all of them."
    )


def _is_list(file: LeftOut) -> bool:
    """By its name, else by its headers."""
    named = table_of_name(file.name)
    if named is not None or not file.columns:
        return named == "opportunities"
    return any(one.section.table == "opportunities" for one in recognise(HeaderIndex(file.columns)))
