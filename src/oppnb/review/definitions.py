"""What each figure of `figures.json` is: its metric in the registry, its unit, whether it belongs to the period."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from oppnb.locale import Words
from oppnb.metrics import METRICS

__all__ = ["FIGURES", "FigureKind", "figure_definition", "figure_definitions"]


@dataclass(frozen=True)
class FigureKind:
    """A figure made of a metric.

    Attributes
    ----------
    id : str
        As it stands in `figures.json`.
    metric, variant : str
        In the registry `oppnb.metrics.METRICS`.
    is_of_period : bool
        It carries the period's name; else it is of the day alone.
    is_sliced : bool
        It is also told by region, owner, product, team and process.
    """

    id: str
    metric: str
    variant: str
    is_of_period: bool = True
    is_sliced: bool = False

    @property
    def unit(self) -> str:
        """Unit in the registry."""
        metric = METRICS[self.metric]
        return metric.unit_of(next(one for one in metric.variants if one.id == self.variant))


_OF_THE_DAY = (
    FigureKind("open_count", "open_count", "all", is_of_period=False, is_sliced=True),
    FigureKind("open_amount", "open_amount", "all", is_of_period=False, is_sliced=True),
    FigureKind("weighted_amount", "weighted_pipeline", "set_odds", is_of_period=False, is_sliced=True),
    FigureKind("weighted_amount_observed", "weighted_pipeline", "observed_odds", is_of_period=False, is_sliced=True),
    FigureKind("overdue_share", "overdue", "count", is_of_period=False),
    FigureKind("never_moved_share", "never_moved", "count", is_of_period=False),
    FigureKind("open_age_days", "open_age", "median", is_of_period=False),
    FigureKind("push_rate", "push_rate", "ever", is_of_period=False),
    FigureKind("concentration_top_1", "concentration", "top_1", is_of_period=False),
    FigureKind("concentration_top_5", "concentration", "top_5", is_of_period=False),
)
_OF_THE_PERIOD = (
    FigureKind("open_count_due", "open_count", "due"),
    FigureKind("open_amount_due", "open_amount", "due"),
    FigureKind("weighted_amount_due", "weighted_pipeline", "set_odds_due"),
    FigureKind("weighted_amount_due_observed", "weighted_pipeline", "observed_odds_due"),
    FigureKind("won_count", "won_count", "period", is_sliced=True),
    FigureKind("won_amount", "won_amount", "period", is_sliced=True),
    FigureKind("lost_count", "lost_count", "period", is_sliced=True),
    FigureKind("lost_amount", "lost_amount", "period"),
    FigureKind("win_rate", "win_rate", "closed", is_sliced=True),
    FigureKind("win_rate_value", "win_rate", "closed_value"),
    FigureKind("win_rate_created", "win_rate", "created"),
    FigureKind("target_amount", "target_amount", "period"),
    FigureKind("quota_attainment", "quota_attainment", "period"),
    FigureKind("quota_gap", "quota_gap", "period"),
    FigureKind("coverage", "coverage", "remaining"),
    FigureKind("coverage_whole_target", "coverage", "whole_target"),
    FigureKind("coverage_required", "coverage", "required"),
    FigureKind("slipped_count", "slipped_count", "period"),
    FigureKind("slipped_amount", "slipped_amount", "period"),
    FigureKind("slippage", "slippage", "count"),
    FigureKind("created_count", "created_count", "period"),
    FigureKind("created_amount", "created_amount", "at_creation"),
    FigureKind("deal_size", "deal_size", "won_median"),
    FigureKind("cycle_length", "cycle_length", "won_median"),
    FigureKind("velocity", "velocity", "stock"),
    FigureKind("pacing", "pacing", "against_past"),
    FigureKind("projected_amount", "projected_amount", "at_past_pace"),
)

FIGURES: Mapping[str, FigureKind] = MappingProxyType({kind.id: kind for kind in (*_OF_THE_DAY, *_OF_THE_PERIOD)})
"""Figures made of a metric, by id; stages and the bars of the bridge come beside them."""


def figure_definition(name: str, *, words: Words | None = None, **values: str) -> str:
    """Definition of a figure, in English unless other words are given.

    Examples
    --------
    >>> figure_definition("stage_count")
    'Open deals that stand in the stage at the end of the day.'
    """
    words = words or Words("en")
    if name in FIGURES:
        kind = FIGURES[name]
        metric = METRICS[kind.metric]
        return f"{metric.definition(words)} {metric.definition(words, variant=kind.variant)}"
    return words(f"figure.{name}", **values)


def figure_definitions(words: Words) -> pd.DataFrame:
    """One row a figure of the registry: `metric` (the figure's id), `name`, `unit`, `definition`."""
    from oppnb.review.kpis import kpi_name

    rows = [
        [kind.id, kpi_name(kind.metric, kind.variant, words), kind.unit, figure_definition(kind.id, words=words)]
        for kind in FIGURES.values()
    ]
    return pd.DataFrame(rows, columns=["metric", "name", "unit", "definition"]).astype("str")
