"""The review in a few plain sentences; every number in them stands in one of its tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.periods import Period
from oppnb.review.bridge import Bridge
from oppnb.stages import stage_label
from oppnb.workspace import Workspace

__all__ = ["Summary", "summary_sentences"]

BIGGEST_BARS = 3
TOP_DEALS = 3
LONGEST_NAME = 60


@dataclass(frozen=True)
class Summary:
    """The tables that the sentences are made of, as `Review` gives them."""

    as_of: date
    compare_to: date
    period: Period
    kpis: pd.DataFrame
    since: pd.DataFrame
    bridge: Bridge
    attention: pd.DataFrame
    bottlenecks: pd.DataFrame
    workspace: Workspace

    def kpi(self, metric: str, variant: str, column: str = "value") -> float | None:
        """A number of the KPI table; None where it is not known."""
        row = self.kpis[(self.kpis["metric"] == metric) & (self.kpis["variant"] == variant)]
        if row.empty or pd.isna(row[column].iloc[0]):
            return None
        return float(row[column].iloc[0])


def summary_sentences(tables: Summary, *, words: Words, formats: Formats) -> list[str]:
    """Where the pipeline stands, what changed, against target, what slipped, where it is stuck, what to do next."""
    found = [
        _standing(tables, words, formats),
        _changes(tables, words, formats),
        _bridge(tables, words, formats),
        _target(tables, words, formats),
        _win_rate(tables, words, formats),
        _slipped(tables, words, formats),
        _stuck(tables, words, formats),
        _next(tables, words, formats),
    ]
    return [sentence for sentence in found if sentence]


def _standing(tables: Summary, words: Words, formats: Formats) -> str:
    values = {
        "as_of": formats.day(tables.as_of),
        "deals": _deals(tables.kpi("open_count", "all"), words, formats),
        "amount": formats.money(tables.kpi("open_amount", "all")),
        "period": tables.period.name,
        "deals_due": _deals(tables.kpi("open_count", "due"), words, formats),
        "amount_due": formats.money(tables.kpi("open_amount", "due")),
    }
    if tables.kpi("open_amount", "all") is None:
        return words("review.standing_without_amounts", **values)
    has_due = tables.kpi("open_count", "due") is not None
    return words("review.standing_due" if has_due else "review.standing", **values)


def _deals(n: float | None, words: Words, formats: Formats) -> str:
    return words("review.one_deal") if n == 1 else words("review.n_deals", n=formats.number(n))


def _changes(tables: Summary, words: Words, formats: Formats) -> str:
    values = {"compare_to": formats.day(tables.compare_to)}
    for row in tables.since.to_dict("records"):
        said = words(f"review.change_{row['change']}", n=formats.number(row["n"]))
        is_known = not pd.isna(row["amount"])
        values[row["change"]] = (
            words("review.change_worth", change=said, amount=formats.money(row["amount"])) if is_known else said
        )
    pushed = int(tables.since.loc[tables.since["change"] == "pushed", "n"].sum())
    return words("review.changes_pushed" if pushed else "review.changes", **values)


def _bridge(tables: Summary, words: Words, formats: Formats) -> str:
    is_money = tables.bridge.unit == "money"
    bars = tables.bridge.moves()
    write = formats.money if is_money else formats.number
    moves = bars[(bars["kind"] != "total") & (bars["value"] != 0)]
    order = moves["value"].abs().sort_values(ascending=False, kind="stable").index[:BIGGEST_BARS]
    said = [
        words("review.move", bar=words(f"review_bar.{row['bar']}"), amount=_signed(row["value"], write))
        for row in moves.loc[order].to_dict("records")
    ]
    totals = {bar: float(bars.loc[bars["bar"] == bar, "value"].iloc[0]) for bar in ("start", "end")}
    values = {
        "period": tables.period.name,
        **{bar: formats.money(n) if is_money else _deals(n, words, formats) for bar, n in totals.items()},
        "moves": words("review.comma").join(said),
    }
    which = "bridge_due" if tables.bridge.period is not None else "bridge_whole"
    return words(f"review.{which}" if said else f"review.{which}_still", **values)


def _signed(value: float, write: Callable[[float], str]) -> str:
    return ("+" if value > 0 else "−") + "\u2060" + write(abs(value))


def _target(tables: Summary, words: Words, formats: Formats) -> str:
    won, target = tables.kpi("won_amount", "period"), tables.kpi("won_amount", "period", "target")
    is_over = tables.period.end <= tables.as_of
    values = {
        "period": tables.period.name if is_over else words("review.so_far", period=tables.period.name),
        "deals": _deals(tables.kpi("won_count", "period"), words, formats),
        "won": formats.money(won),
        "target": formats.money(target),
        "attainment": formats.share(tables.kpi("quota_attainment", "period")),
    }
    if target is None:
        return words("review.no_target", **values)
    coverage, required = tables.kpi("coverage", "remaining"), tables.kpi("coverage", "required")
    if coverage is None:
        return words("review.target", **values)
    values["coverage"] = formats.number(coverage, digits=1)
    if required is None:
        return words("review.target_coverage", **values)
    return words("review.target_coverage_required", **values, required=formats.number(required, digits=1))


def _win_rate(tables: Summary, words: Words, formats: Formats) -> str:
    rate = tables.kpi("win_rate", "closed")
    if rate is None:
        return ""
    bounds = {name: formats.share(tables.kpi("win_rate", "closed", name)) for name in ("low", "high")}
    deals = _deals(tables.kpi("win_rate", "closed", "n"), words, formats)
    return words("review.win_rate", period=tables.period.name, rate=formats.share(rate), deals=deals, **bounds)


def _slipped(tables: Summary, words: Words, formats: Formats) -> str:
    n, amount = tables.kpi("slipped_count", "period"), tables.kpi("slipped_amount", "period")
    if n is None or tables.bridge.period is None:
        return ""
    values = {"deals": _deals(n, words, formats), "amount": formats.money(amount), "period": tables.period.name}
    none = "nothing_slipped_over" if tables.period.end <= tables.as_of else "nothing_slipped"
    return words(f"review.{'slipped' if n else none}", **values)


def _stuck(tables: Summary, words: Words, formats: Formats) -> str:
    if tables.bottlenecks.empty:
        return ""
    heaviest = tables.bottlenecks.sort_values("amount", ascending=False, kind="stable", na_position="last").iloc[0]
    return bottleneck_text(heaviest, words=words, formats=formats, workspace=tables.workspace)


def bottleneck_text(row: pd.Series, *, words: Words, formats: Formats, workspace: Workspace) -> str:
    """A row of `find_bottlenecks` as a sentence."""
    is_share = row["reason"] in ("conversion_low", "leak", "good_deals_pile_up", "over_time_limit")
    values = {
        "stage": stage_label(workspace, row["process"], row["stage"], locale=words.locale),
        "value": formats.share(row["value"]) if is_share else formats.number(row["value"]),
        "reference": formats.share(row["reference"])
        if is_share and row["reason"] != "over_time_limit"
        else formats.number(row["reference"]),
        "n": formats.number(row["n"]),
        "amount": formats.money(row["amount"]),
    }
    return words(f"review_bottleneck.{row['reason']}", **values)


def _next(tables: Summary, words: Words, formats: Formats) -> str:
    if tables.attention.empty:
        return words("review.nothing_to_do")
    top = tables.attention.head(TOP_DEALS).to_dict("records")
    said = [_deal({str(key): value for key, value in row.items()}, words, formats) for row in top]
    deals = words("review.comma").join(said)
    total = formats.number(tables.kpi("open_count", "all"))
    return words("review.look_first", n=formats.number(len(tables.attention)), total=total, deals=deals)


def _deal(row: dict[str, Any], words: Words, formats: Formats) -> str:
    """A deal by its name, or its key if it has none; a name is one line, and cut where it is long."""
    name = " ".join(row["name"].split()) if isinstance(row["name"], str) else ""
    name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    values = {"name": name or row["opportunity_id"], "reason": words(f"review_reason_short.{row['reasons'][0]}")}
    if pd.isna(row["amount"]):
        return words("review.deal_without_amount", **values)
    return words("review.deal", **values, amount=formats.money(row["amount"]))
