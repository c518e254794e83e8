"""How good forecasts of nodes were, in the reader's words."""

from collections.abc import Hashable, Mapping

import pandas as pd

from oppnb.forecasting.backtest import ForecastBacktest
from oppnb.forecasting.chosen import choose_forecast
from oppnb.forecasting.models import COMBINATION, MODEL
from oppnb.forecasting.node_measures import measure_columns, measure_nodes
from oppnb.forecasting.rollup_tree import NOT_KNOWN
from oppnb.locale import Formats, Words

__all__ = ["tell_judged_nodes", "tell_judged_table"]

FEW_DEALS = 10
_NAMED = 6


def _model(backtest: ForecastBacktest, told: str | None) -> str:
    """The one that is told at the nodes: a baseline that is told for the company is shared out by our own."""
    chosen = told or choose_forecast(backtest.frame).model
    return chosen if chosen in (MODEL, COMBINATION) else MODEL


def tell_judged_table(
    backtest: ForecastBacktest,
    by: str,
    *,
    words: Words,
    formats: Formats,
    names: Mapping[str, str] | None = None,
    told: str | None = None,
) -> pd.DataFrame:
    """One row a node of a column, those with most won first: how good what is told was, and against which baseline.

    Parameters
    ----------
    backtest : ForecastBacktest
        Made by this column.
    by : str
        The column.
    words, formats : Words, Formats
        Of the reader.
    names : mapping of str to str, optional
        Of the nodes.
    told : str, optional
        The model that is told today; by default the one that the backtest would choose.

    Returns
    -------
    DataFrame
        `node`, `n`, `n_won`, `wape_share`, `bias_share`, `crps_share`, `held_80` (with its interval),
        `nearest_baseline`, `against_baseline` (difference of the score with its interval), all text.
    """
    measured = measure_nodes(backtest.nodes[backtest.nodes["by"] == by])
    rows = measured[measured["model"] == _model(backtest, told)]
    rows = rows.sort_values(["actual", "node"], ascending=[False, True], kind="stable")
    return pd.DataFrame([_row(row, words, formats, names or {}) for row in rows.to_dict("records")])


def _row(row: Mapping[Hashable, object], words: Words, formats: Formats, names: Mapping[str, str]) -> dict[str, str]:
    def share(name: str, digits: int = 1) -> str:
        value = float(str(row[name]))
        return formats.share(None if value != value else round(value, 4) + 0.0, digits=digits)

    said = {"node": _node(str(row["node"]), words, names)}
    said |= {name: formats.number(float(str(row[name]))) for name in ("n", "n_won")}
    said |= {f"{name}_share": share(name) for name in ("wape", "bias", "crps")}
    ends = (share(f"coverage_80_{end}", 0) for end in ("low", "high"))
    said["held_80"] = f"{share('coverage_80', 0)} ({' – '.join(ends)})"
    against = row["against"]
    said["nearest_baseline"] = words(f"forecasting.model_{against}") if isinstance(against, str) else ""
    ends = (share(f"difference_{end}") for end in ("low", "high"))
    is_told = isinstance(against, str) and float(str(row["difference_low"])) == float(str(row["difference_low"]))
    said["against_baseline"] = f"{share('difference')} ({' – '.join(ends)})" if is_told else words("forecast_nodes.few")
    return said


def _node(node: str, words: Words, names: Mapping[str, str]) -> str:
    return words("forecast_rollup.not_known") if node == NOT_KNOWN else names.get(node, node)


def tell_judged_nodes(
    backtest: ForecastBacktest,
    by: str,
    *,
    words: Words,
    formats: Formats,
    names: Mapping[str, str] | None = None,
    told: str | None = None,
) -> list[str]:
    """Sentences on the nodes of a column: all of them together, intervals that are too narrow, nodes with few deals."""
    nodes = backtest.nodes[backtest.nodes["by"] == by]
    model = _model(backtest, told)
    measured = measure_columns(nodes)
    own = measured[measured["model"] == model].iloc[0]
    share = formats.share
    found = []
    if isinstance(own["against"], str):
        key = "nearer" if own["is_better"] else "further" if own["is_worse"] else "as_near"
        key = "few_periods" if pd.isna(own["difference_low"]) else key
        ends = {name: share(round(own[f"difference_{name}"], 4) + 0.0, digits=1) for name in ("low", "high")}
        found.append(
            words(
                f"forecast_nodes.{key}",
                model=words(f"forecasting.model_{model}"),
                other=words(f"forecasting.model_{own['against']}"),
                difference=share(round(own["difference"], 4) + 0.0, digits=1),
                n=formats.number(own["n_periods"]),
                **ends,
            )
        )
    if own["coverage_80_high"] < 0.8:
        found.append(words("forecast_nodes.too_narrow", held=share(own["coverage_80"]), n=formats.number(own["n"])))
    return [*found, *_few(nodes, model, words, formats, names or {})]


def _few(nodes: pd.DataFrame, model: str, words: Words, formats: Formats, names: Mapping[str, str]) -> list[str]:
    rows = nodes[nodes["model"] == model]
    won = rows.groupby(["node", "period"])["n_won"].mean().groupby("node").sum()
    few = won[won < FEW_DEALS].index.tolist()
    if not few:
        return []
    told = [_node(str(node), words, names) for node in few[:_NAMED]]
    listed = words("forecast_scenarios.comma").join(told) + (" …" if len(few) > _NAMED else "")
    return [
        words(
            "forecast_nodes.few_deals",
            n=formats.number(len(few)),
            n_all=formats.number(len(won)),
            least=formats.number(FEW_DEALS),
            nodes=listed,
        )
    ]
