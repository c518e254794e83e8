"""The stages of a process: what lies in each, how many move on, how long they stay, set odds beside observed odds."""

from typing import TYPE_CHECKING

import pandas as pd

from oppnb.charts.bars import bars
from oppnb.charts.extremes import lowest_row, top_row
from oppnb.charts.intervals import Estimate, intervals
from oppnb.charts.text import plain
from oppnb.locale import Formats, Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["conversion", "dwell", "funnel", "stage_odds"]


def funnel(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """What lies in each stage, by amount (by count where no row has one).

    Parameters
    ----------
    frame : DataFrame
        `stage`, `count`, `amount`; one row a stage, in order.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the finding: the stage that holds most.

    Returns
    -------
    Figure

    Examples
    --------
    >>> frame = pd.DataFrame({"stage": ["Lead", "Demo"], "count": [3, 1], "amount": [10.0, 90.0]})
    >>> funnel(frame, words=Words("en"), formats=Formats("en")).layout.title.text
    'Demo holds 90% of the open amount (1 deals)'
    """
    by = "amount" if float(frame["amount"].fillna(0).sum()) > 0 else "count"
    amounts = frame[by].astype("float64").fillna(0.0)
    counts = frame["count"].fillna(0).astype("int64")
    texts = [words("chart.n_deals", n=formats.number(count)) for count in counts]
    hover = [
        f"{plain(stage)}<br>{plain(formats.money(amount))} · {plain(text)}"
        for stage, amount, text in zip(frame["stage"], frame["amount"].astype("float64"), texts, strict=True)
    ]

    def write(value: float) -> str:
        return formats.money(value, short=True) if by == "amount" else formats.number(value)

    beside = [
        write(value) + (f" · {formats.number(n)}" if by == "amount" else "")
        for value, n in zip(amounts, counts, strict=True)
    ]
    return bars(
        frame,
        label="stage",
        value=by,
        title=title or _heaviest(frame, by, words, formats),
        write=write,
        texts=beside,
        hover=hover,
        empty=words("chart.nothing_to_show"),
    )


def _heaviest(frame: pd.DataFrame, by: str, words: Words, formats: Formats) -> str:
    total = float(frame[by].fillna(0).sum())
    if total <= 0:
        return words("chart.funnel_empty")
    top = top_row(frame, frame[by])
    return words(
        f"chart.funnel_{by}",
        stage=top["stage"],
        share=formats.share(float(top[by]) / total),
        n=formats.number(float(top["count"])),
    )


def conversion(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """Share of the deals that moved on from each stage, with its interval.

    Parameters
    ----------
    frame : DataFrame
        `stage`, `conversion`, `conversion_low`, `conversion_high`, `n_entered`, and if known `conversion_benchmark`.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the narrowest stage.

    Returns
    -------
    Figure
    """
    rows = frame[frame["conversion"].notna()]
    has_benchmark = "conversion_benchmark" in rows and rows["conversion_benchmark"].notna().any()
    what = Estimate(
        "conversion",
        "conversion_low",
        "conversion_high",
        name=words("chart.moved_on"),
        n="n_entered",
        reference="conversion_benchmark" if has_benchmark else None,
        reference_name=words("chart.benchmark"),
    )
    if title is None and not rows.empty:
        low = lowest_row(rows, rows["conversion"])
        title = words(
            f"chart.conversion_{'lowest' if len(rows) > 1 else 'only'}",
            stage=low["stage"],
            share=formats.share(float(low["conversion"])),
        )
    return intervals(
        rows,
        label="stage",
        estimate=what,
        title=title or words("chart.conversion_unknown"),
        write=formats.share,
        upper=1.0,
        empty=words("chart.nothing_to_show"),
    )


def dwell(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """Median days in each stage with its interval, beside the time limit where one is set.

    Parameters
    ----------
    frame : DataFrame
        `stage`, `median_days`, `median_low`, `median_high`, `n_entered`, and if known `time_limit_days`.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the slowest stage.

    Returns
    -------
    Figure
    """
    rows = frame[frame["median_days"].notna()]
    has_limit = "time_limit_days" in rows and rows["time_limit_days"].notna().any()
    what = Estimate(
        "median_days",
        "median_low",
        "median_high",
        name=words("chart.median_days"),
        n="n_entered",
        reference="time_limit_days" if has_limit else None,
        reference_name=words("chart.time_limit"),
    )
    if title is None and not rows.empty:
        slow = top_row(rows, rows["median_days"])
        title = words(
            f"chart.dwell_{'longest' if len(rows) > 1 else 'only'}",
            stage=slow["stage"],
            days=formats.number(float(slow["median_days"])),
        )
    return intervals(
        rows,
        label="stage",
        estimate=what,
        title=title or words("chart.dwell_unknown"),
        write=lambda days: words("chart.days_short", n=formats.number(days)),
        empty=words("chart.nothing_to_show"),
    )


def stage_odds(frame: pd.DataFrame, *, words: Words, formats: Formats, title: str | None = None) -> "go.Figure":
    """Observed odds of winning from each stage with their interval, beside the odds that are set.

    Parameters
    ----------
    frame : DataFrame
        `stage`, `set_odds`, `observed_odds`, `low`, `high`, `n` (closed deals), and if known `n_entered`: of how many
        deals, open ones included, the odds are.
    words, formats : Words, Formats
        The reader's language.
    title : str, optional
        By default the stage whose set odds lie furthest outside the interval.

    Returns
    -------
    Figure
    """
    rows = frame[frame["observed_odds"].notna()]
    what = Estimate(
        "observed_odds",
        "low",
        "high",
        name=words("chart.observed_odds"),
        n="n_entered" if "n_entered" in rows else "n",
        reference="set_odds",
        reference_name=words("chart.set_odds"),
    )
    return intervals(
        rows,
        label="stage",
        estimate=what,
        title=title or _odds_finding(rows, words, formats),
        write=formats.share,
        upper=1.0,
        empty=words("chart.nothing_to_show"),
    )


def _odds_finding(rows: pd.DataFrame, words: Words, formats: Formats) -> str:
    if rows.empty:
        return words("chart.odds_unknown")
    if rows["set_odds"].isna().all():
        return words("chart.odds_not_set")
    over = (rows["set_odds"] - rows["high"]).clip(lower=0)
    under = (rows["low"] - rows["set_odds"]).clip(lower=0)
    gap = pd.concat([over, under], axis=1).max(axis=1).astype("float64")
    if not (gap > 0).any():
        return words("chart.odds_agree")
    worst = top_row(rows, gap)
    key = "chart.odds_too_high" if worst["set_odds"] > worst["high"] else "chart.odds_too_low"
    of_all = {"n_entered": formats.number(float(worst["n_entered"]))} if "n_entered" in rows else {}
    return words(
        f"{key}_of" if of_all else key,
        **of_all,
        stage=worst["stage"],
        set=formats.share(float(worst["set_odds"])),
        observed=formats.share(float(worst["observed_odds"])),
        n=formats.number(float(worst["n"])),
    )
