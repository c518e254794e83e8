"""The model's figure and the one that people's overrides make of it, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.coming import coming
from oppnb.forecasting.levers import ever_won
from oppnb.forecasting.nodes import COMPANY, node_parts
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.segments import segment_parts
from oppnb.history.book import PipelineBook

__all__ = ["adjusted_parts", "with_overrides"]

Floats = npt.NDArray[np.float64]


def adjusted_parts(parts: ForecastParts, overrides: pd.DataFrame) -> ForecastParts:
    """The parts as they would be if what people say of single deals were so; without any, exactly the same parts.

    A chance of a period is taken as it is, for that period only. A chance of being won at all keeps the timing of the
    model; where that has none, the expected close says whether the deal falls into the period. An expected close of a
    person inside the period puts all of the chance there, one outside nothing. An amount is what the deal is won for,
    if it is won.

    Parameters
    ----------
    parts : ForecastParts
        Of the model.
    overrides : DataFrame
        Of `oppnb.forecasting.overrides_known`; those of nodes and of deals that are not open are not looked at.
    """
    said = _said_of_deals(parts, overrides)
    if not said.notna().to_numpy().any():
        return parts
    deals = parts.deals
    amount, chance = parts.deals["amount_base"].to_numpy(dtype="float64"), parts.chance
    ever_before = np.nan_to_num(ever_won(deals))
    ever = np.where(said["ever"].notna(), said["ever"], ever_before)
    unknown = np.asarray(deals["due"], dtype="float64")
    timing = np.divide(chance, ever_before, where=ever_before > 0, out=unknown)
    timing = np.where(said["in_time"].notna(), said["in_time"], timing)
    told = said[["ever", "in_time"]].notna().any(axis="columns")
    anew = np.where(said["inside"].notna(), said["inside"], np.where(told, np.clip(ever * timing, 0.0, 1.0), np.nan))
    won_for = said["amount"].to_numpy(dtype="float64") / parts.growth.moments[0]
    return parts.with_deals(
        deals.assign(
            chance=np.where(np.isnan(anew), deals["chance"].to_numpy(dtype="float64"), anew),
            amount_base=np.where(np.isnan(won_for), amount, won_for),
        )
    )


def with_overrides(
    parts: ForecastParts,
    overrides: pd.DataFrame,
    *,
    book: PipelineBook,
    figures: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The expected amount of the period by the model and by people, for all that somebody spoke of and for the company.

    Where two speak of the same deals, the one of more counts towards the company: first an override of the company
    itself, then of nodes in the order of the hierarchy (`forecast: hierarchy:` in oppnb.yaml), then of other columns,
    then of deals. The others are shown and do not count.

    Parameters
    ----------
    parts : ForecastParts
        Of the model; it is not changed.
    overrides : DataFrame
        Of `oppnb.forecasting.overrides_known`; those of other periods are not looked at.
    book : PipelineBook
        That the parts were made from.
    figures : mapping of str to float, optional
        The model's expected amount by node (`company`, `region=East`), where it does not follow from the parts.

    Returns
    -------
    DataFrame
        The company first, then nodes, then deals: `node`, `opportunity_id` (null for a node), `said` (which figures),
        `model`, `adjusted`, `difference`, `who`, `said_at`, `why` (of the latest; null where nobody spoke), `counts`.
        The difference of the company is the sum of those that count.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.forecasting import Point, forecast_parts
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "amount": [300.0], "stage": ["Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02"])})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> curve = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-02-29"]), "won_by_31": [0.5]})
    >>> parts = forecast_parts(book.with_columns(curve), Point(date(2024, 2, 29), parse_period("2024Q1")))
    >>> said = pd.DataFrame({"opportunity_id": ["1"], "node": [None], "period": ["2024Q1"], "figure": ["chance"],
    ...     "value": [0.9], "day": pd.to_datetime([None]), "who": ["U01"], "why": ["Verbal yes"],
    ...     "said_at": pd.to_datetime(["2024-02-29"])})
    >>> with_overrides(parts, said, book=book)[["model", "adjusted", "difference"]].round(6).iloc[0].tolist()
    [150.0, 270.0, 120.0]
    """
    like, given = coming(book, parts.point), figures or {}
    nodes = overrides[overrides["node"].notna() & (overrides["period"] == parts.point.period.name)]
    rows = pd.concat([frame.assign(at=kind) for kind, frame in zip("wol", (parts.won, parts.deals, like), strict=True)])
    taken = np.zeros(len(rows), dtype=bool)
    found: list[dict[str, object]] = []
    whole = given.get(COMPANY, parts.expected)
    for one in _in_order(nodes, book.workspace.forecast.hierarchy):
        by, value = node_parts(str(one["node"]))
        meant = np.ones(len(rows), dtype=bool) if by == COMPANY else np.asarray(rows[by].astype("str") == value)
        model = given.get(str(one["node"]), _expected(parts, by, value, like))
        counts = not bool((meant & taken).any())
        taken |= meant
        found.append(_row(one, model, float(one["value"]), said="period_amount", counts=counts))  # type: ignore[arg-type]
    free = set(rows["opportunity_id"][~taken & (rows["at"] == "o").to_numpy()])
    found += _deal_rows(parts, overrides, free)
    return _whole(whole, found)


def _whole(model: float, found: Sequence[dict[str, object]]) -> pd.DataFrame:
    """All rows under that of the company."""
    columns = ["node", "opportunity_id", "said", "model", "adjusted", "difference", "who", "said_at", "why", "counts"]
    text = dict.fromkeys(("node", "opportunity_id", "said", "who", "why"), "str")
    below = pd.DataFrame(found, columns=columns)
    own = below[below["node"] == COMPANY]
    if own.empty:
        added = float(below.loc[below["counts"].astype(bool), "difference"].sum())
        top = pd.DataFrame([{"node": COMPANY, "model": model, "adjusted": model + added, "difference": added}])
        top = top.reindex(columns=columns).assign(counts=False)
    else:
        top = own
    below = below[below["node"] != COMPANY]
    shown = top if below.empty else pd.concat([top, below], ignore_index=True)
    kinds = {"model": "float64", "adjusted": "float64", "difference": "float64", "counts": "bool"}
    return shown.astype({**text, **kinds, "said_at": "datetime64[us]"}).reset_index(drop=True)


def _in_order(nodes: pd.DataFrame, hierarchy: Sequence[str]) -> list[dict[str, object]]:
    order = {by: position for position, by in enumerate([COMPANY, *hierarchy])}
    rows = [{str(name): value for name, value in row.items()} for row in nodes.to_dict("records")]
    return sorted(rows, key=lambda row: (order.get(node_parts(str(row["node"]))[0], len(order)), str(row["node"])))


def _expected(parts: ForecastParts, by: str, value: str | None, like: pd.DataFrame) -> float:
    if by == COMPANY:
        return parts.expected
    found = segment_parts(parts, by, like=like).get(value)
    return 0.0 if found is None else found.expected


def _deal_rows(parts: ForecastParts, overrides: pd.DataFrame, free: set[object]) -> list[dict[str, object]]:
    """A row for each open deal that somebody spoke of."""
    adjusted = pd.Series(adjusted_parts(parts, overrides).expected_of_deals, index=parts.deals["opportunity_id"])
    model = pd.Series(parts.expected_of_deals, index=parts.deals["opportunity_id"])
    said = _meant(parts, overrides)
    found = []
    for key, rows in said.groupby("opportunity_id", sort=True):
        row = rows.sort_values("said_at", kind="stable").iloc[-1]
        last = {str(name): value for name, value in row.items()}
        figures = ", ".join(sorted(rows["figure"].unique()))
        found.append(_row(last, float(model[key]), float(adjusted[key]), said=figures, counts=key in free))
    return found


def _row(one: Mapping[str, object], model: float, adjusted: float, *, said: str, counts: bool) -> dict[str, object]:
    names = ("node", "opportunity_id", "who", "said_at", "why")
    numbers = {"model": model, "adjusted": adjusted, "difference": adjusted - model}
    return {**{name: one[name] for name in names}, **numbers, "said": said, "counts": counts}


def _meant(parts: ForecastParts, overrides: pd.DataFrame) -> pd.DataFrame:
    """Overrides of open deals, of no period or of this one."""
    is_now = overrides["period"].isna() | (overrides["period"] == parts.point.period.name)
    return overrides[overrides["opportunity_id"].isin(parts.deals["opportunity_id"]) & is_now]


def _said_of_deals(parts: ForecastParts, overrides: pd.DataFrame) -> pd.DataFrame:
    """What was said of each open deal, null where nothing was: `amount`, `ever`, `inside`, `in_time` (0 or 1)."""
    said = _meant(parts, overrides).sort_values("said_at", kind="stable")
    figure, period = said["figure"], parts.point.period
    inside = (said["day"] >= pd.Timestamp(period.start)) & (said["day"] <= pd.Timestamp(period.end))
    columns = {
        "amount": said["value"].where(figure == "amount"),
        "ever": said["value"].where((figure == "chance") & said["period"].isna()),
        "inside": said["value"].where((figure == "chance") & said["period"].notna()),
        "in_time": inside.astype("float64").where(figure == "expected_close_on"),
    }
    last = pd.DataFrame(columns).groupby(said["opportunity_id"]).last()
    return last.reindex(parts.deals["opportunity_id"]).reset_index(drop=True).astype("float64")
