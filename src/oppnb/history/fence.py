"""Expressions that gave the same answer on every engine tried; the rooms' queries are made of these and few others.

What is left out, and why: a boolean is never cast (PostgreSQL refuses), moments are never subtracted (each engine has
its own interval), and a quotient always has a float above the line (PostgreSQL divides whole numbers in silence).
"""

from typing import Any

import pandas as pd

__all__ = [
    "ALLOWED_OPERATIONS",
    "count_if",
    "days_between",
    "float_or_null",
    "is_missing",
    "is_there",
    "ratio",
    "seconds_between",
    "small_table",
    "when",
]

SECONDS_A_DAY = 86_400.0

ALLOWED_OPERATIONS = frozenset(
    {
        "Add",
        "Aggregate",
        "Alias",
        "And",
        "Cast",
        "Coalesce",
        "Count",
        "CountDistinct",
        "CountStar",
        "DatabaseTable",
        "Distinct",
        "Divide",
        "DropColumns",
        "Equals",
        "ExtractEpochSeconds",
        "Field",
        "FillNull",
        "Filter",
        "Greater",
        "GreaterEqual",
        "IfElse",
        "InMemoryTable",
        "InValues",
        "IsNull",
        "JoinChain",
        "JoinLink",
        "JoinReference",
        "JoinTable",
        "Lag",
        "Lead",
        "Less",
        "LessEqual",
        "Literal",
        "Lowercase",
        "Max",
        "Min",
        "Multiply",
        "Negate",
        "Not",
        "NotEquals",
        "NotNull",
        "NullIf",
        "Or",
        "Project",
        "RowNumber",
        "SQLQueryResult",
        "SearchedCase",
        "SelfReference",
        "Sort",
        "SortKey",
        "Subtract",
        "Sum",
        "TimestampTruncate",
        "UnboundTable",
        "Union",
        "View",
        "WindowBoundary",
        "WindowFunction",
    }
)


def when(condition: Any, value: Any) -> Any:
    """`value` where the condition holds, else null."""
    import ibis

    return ibis.ifelse(condition, value, ibis.null())


def count_if(condition: Any) -> Any:
    """1 where the condition holds, else 0 (also where it is null); to be summed."""
    import ibis

    return ibis.ifelse(condition, 1, 0).cast("int64")


def is_missing(value: Any) -> Any:
    """Whether the value is null."""
    return value.isnull()  # noqa: PD003


def is_there(value: Any) -> Any:
    """Whether the value is not null."""
    return value.notnull()  # noqa: PD004


def seconds_between(start: Any, end: Any) -> Any:
    """Whole seconds from one moment to the other; parts of one do not count, so that engines cannot round apart."""
    return end.truncate("s").epoch_seconds().cast("int64") - start.truncate("s").epoch_seconds().cast("int64")


def days_between(start: Any, end: Any) -> Any:
    """Days from one moment to the other, with fractions."""
    return ratio(seconds_between(start, end), SECONDS_A_DAY)


def ratio(above: Any, below: Any) -> Any:
    """A quotient of floats; null where the divisor is 0."""
    import ibis

    divisor = below if isinstance(below, float) else below.cast("float64").nullif(ibis.literal(0.0))
    return above.cast("float64") / divisor


def float_or_null(condition: Any, value: Any) -> Any:
    """`value` as float64 where the condition holds, else null."""
    return when(condition, value.cast("float64"))


def small_table(frame: pd.DataFrame) -> Any:
    """A small frame (days, stage texts) as a table beside the data; it travels as Arrow, which keeps its types."""
    import ibis
    import pyarrow as pa

    return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))
