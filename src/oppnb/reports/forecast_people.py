"""What people put in place of the model's number, and who was nearer: from the store, if the workspace has one."""

import math
from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd

from oppnb.errors import OppnbError
from oppnb.forecasting import accuracy_by_source, forecasts_known, overrides_known, with_overrides
from oppnb.forecasting.nodes import COMPANY
from oppnb.forecasting.overrides import override_rows
from oppnb.forecasting.people_told import source_name, tell_accuracy, tell_overrides
from oppnb.forecasting.published import amounts_that_came
from oppnb.forecasting.spoken_nodes import judge_spoken_nodes, tell_spoken_nodes
from oppnb.forecasting.told_figures import told_figures
from oppnb.locale import Formats, Words
from oppnb.reports.forecast_memory import of_whole_or_slice, store_at
from oppnb.reports.told_forecast import ToldForecast
from oppnb.store import Store

__all__ = ["People", "accuracy_in_words", "people_of"]

_OVERRIDES = ["as_of", "period", "node", "value", "seen_at", "is_withdrawn"]


@dataclass(frozen=True)
class People:
    """Overrides of the period and accuracy of the past.

    Attributes
    ----------
    lines : list of str
        What is said of the overrides; why there are none.
    overrides : DataFrame
        Of `oppnb.forecasting.with_overrides`; empty where nobody spoke.
    accuracy_lines : list of str
        Who was nearer.
    accuracy : DataFrame
        Of `oppnb.forecasting.accuracy_by_source`; empty where nothing can be judged.
    nodes : DataFrame
        Of `oppnb.forecasting.spoken_nodes.judge_spoken_nodes`: what was said of parts for periods that are over.
    """

    lines: list[str]
    overrides: pd.DataFrame = field(default_factory=pd.DataFrame)
    accuracy_lines: list[str] = field(default_factory=list)
    accuracy: pd.DataFrame = field(default_factory=pd.DataFrame)
    nodes: pd.DataFrame = field(default_factory=pd.DataFrame)


def people_of(told: ToldForecast) -> People:
    """Read the store of the workspace, as it was known on the forecast's day."""
    try:
        store = store_at(told.found.opened.ledger)
        return People([told.said("no_store")]) if store is None else _read(store, told)
    except OppnbError as error:
        return People([told.said("store_not_read", why=" ".join(str(error).split()))])


def accuracy_in_words(found: pd.DataFrame, *, words: Words, formats: Formats) -> pd.DataFrame:
    """The rows of `oppnb.forecasting.accuracy_by_source` with `spoken_by` and `weeks_ahead` in words before them.

    Examples
    --------
    >>> rows = pd.DataFrame({"source": ["commit"] * 3, "weeks_from": [None, 0, 10], "weeks_to": [None, 2, None]})
    >>> accuracy_in_words(rows, words=Words("en"), formats=Formats("en"))[["spoken_by", "weeks_ahead"]].values.tolist()
    [['Commit', 'All'], ['Commit', '0–2'], ['Commit', '10 and more']]
    """
    ends = zip(found["weeks_from"], found["weeks_to"], strict=True)
    told = found.assign(
        spoken_by=[source_name(str(source), words) for source in found["source"]],
        weeks_ahead=[_weeks(low, high, words, formats) for low, high in ends],
    )
    first = ["spoken_by", "weeks_ahead"]
    return told[[*first, *(name for name in told if name not in first)]]


def _weeks(low: float, high: float, words: Words, formats: Formats) -> str:
    if math.isnan(low):
        return words("forecast_people.weeks_all")
    if math.isnan(high):
        return words("forecast_people.weeks_from", low=formats.number(low))
    return words("forecast_people.weeks_between", low=formats.number(low), high=formats.number(high))


def _read(store: Store, told: ToldForecast) -> People:
    spoken = _in_reach(overrides_known(store, told.forecast.point.day), told)
    compared = with_overrides(
        told.forecast.parts, spoken, book=told.book, figures=told_figures(told.forecast, told.book, spoken)
    )
    lines = tell_overrides(compared, words=told.words, formats=told.formats)
    shown = compared if bool(compared["who"].notna().any()) else pd.DataFrame()
    accuracy, nodes = _accuracy(store, told), _nodes(store, told)
    if accuracy.empty:
        nearer = [told.said("no_accuracy" if nodes.empty else "no_accuracy_of_company")]
    else:
        nearer = tell_accuracy(accuracy, words=told.words, formats=told.formats)
    of_nodes = tell_spoken_nodes(nodes, words=told.words, formats=told.formats)
    return People(lines, shown, [*nearer, *of_nodes], accuracy, nodes)


def _nodes(store: Store, told: ToldForecast) -> pd.DataFrame:
    """What was said of parts for periods that are over; of a slice nothing: it is judged as the whole."""
    day = told.forecast.point.day
    spoken = override_rows(store, day)
    spoken = spoken.iloc[:0] if told.found.opened.only else spoken
    return judge_spoken_nodes(spoken, forecasts_known(store, day + timedelta(days=1)), told.book)


def _in_reach(spoken: pd.DataFrame, told: ToldForecast) -> pd.DataFrame:
    """Of a slice: what was said of the slice as such and of its deals; of the whole: all."""
    only = told.found.opened.only
    if not only:
        return spoken
    of_deals = spoken["opportunity_id"].isin(told.book.deals["opportunity_id"].astype("str"))
    return pd.concat([of_whole_or_slice(spoken, only), spoken[of_deals]], ignore_index=True)


def _accuracy(store: Store, told: ToldForecast) -> pd.DataFrame:
    """Published forecasts of periods that are over, beside what people said of them."""
    day = told.forecast.point.day
    said = forecasts_known(store, day + timedelta(days=1))
    said = of_whole_or_slice(said[said["quantity"] == "expected"], told.found.opened.only)
    came = amounts_that_came(told.book, said["period"])
    actuals = pd.DataFrame({"period": list(came), "node": COMPANY, "value": list(came.values())})
    said = said[said["period"].isin(actuals["period"])]
    spoken = store.read("overrides", as_of_until=day)
    models = list(dict.fromkeys(said["model"]))
    if said.empty or spoken.empty or not models:
        return pd.DataFrame()
    chosen = told.forecast.chosen.model
    reference = chosen if chosen in models else models[0]
    of_nodes = spoken[spoken["node"].notna()] if "node" in spoken else spoken.iloc[:0].assign(node="")
    only = told.found.opened.only
    of_nodes = of_whole_or_slice(of_nodes, only) if only else of_nodes
    return accuracy_by_source(
        said,
        of_nodes[[name for name in _OVERRIDES if name in of_nodes]],
        actuals,
        reference=reference,
        quantity="expected",
        fiscal_year_start=told.workspace.calendar.fiscal_year_start,
    )
