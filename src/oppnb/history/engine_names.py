"""Names of columns that an engine can tell apart: DuckDB takes `Product` and `product` for one."""

import re
from collections.abc import Iterable, Sequence

__all__ = ["engine_names", "may_be_renamed"]


def engine_names(headers: Sequence[str], *, canonical: Iterable[str]) -> list[str]:
    """A name for each header that differs from all others by more than its case.

    Canonical columns keep theirs, whether the data has them or not; of the others, the first of a name keeps it, and
    the next are numbered.

    Examples
    --------
    >>> engine_names(["Product", "product", "Tier", "TIER", "Seats"], canonical=["product", "source"])
    ['Product (2)', 'product', 'Tier', 'TIER (2)', 'Seats']
    """
    meant = set(canonical)
    taken = {name.casefold() for name in meant}
    own = {header.casefold() for header in headers}
    names = []
    for header in headers:
        name, number = header, 2
        while header not in meant and (name.casefold() in taken or (number > 2 and name.casefold() in own)):
            name, number = f"{header} ({number})", number + 1
        names.append(name)
        taken.add(name.casefold())
    return names


def may_be_renamed(columns: Iterable[str]) -> bool:
    """Whether DuckDB may have put a number behind a header, because another is the same to it.

    Examples
    --------
    >>> may_be_renamed(["Product", "product_1"]), may_be_renamed(["line_1", "line_2"])
    (True, False)
    """
    folded = {column.casefold() for column in columns}
    return any(re.sub(r"_\d+$", "", name) in folded for name in folded if re.search(r"_\d+$", name))
