"""Curves by date for many past days, each said by a model that learnt only before it: what a forecast is made of."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from oppnb.history import Source, ends_known_on, open_source
from oppnb.history.moments import as_days
from oppnb.history.snapshots import Day
from oppnb.scoring.candidates import LEAST_DEALS, LEAST_OF_EACH, make_model, n_closed_deals
from oppnb.scoring.prediction import LEAD_DAYS, Prediction, WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.training_rows import training_rows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["win_curves"]

_EVERY_WEEKS = 4
_TRAINING_WEEKS = 208
_FIXED = ("source", "product", "region", "industry")
_NEARLY_ALWAYS = 0.95
_LEAST_CLOSED = 20
_HAZARD_FROM = 2 * LEAST_DEALS["boosted_hazard"]
_HAZARD_DAYS = 91

Progress = Callable[[int, int], None]


def win_curves(
    tables: Tables | Source,
    days: Sequence[Day],
    *,
    workspace: Workspace | None = None,
    weeks_between: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """P(won within so many days) of the deals open on past days, out of time.

    A model learns on the last day, and on days so many weeks apart before it, from what was known then; it speaks of
    the days from its own up to the next model's. With 200 closed deals, and a quarter between the first close and the
    last, it is the boosted hazard (which tells the weeks of a quarter apart and so has to have seen each of them);
    before that the shrunken rates of the stages; before 20 closed deals nobody says anything. Only fields with a
    history, or worked out from dated rows, are used: what the export tells of its own day alone would know too much of
    the past.

    Parameters
    ----------
    tables : Tables or Source
    days : sequence of days
        A week or weeks apart, as those of `oppnb.history.weekly_days`.
    workspace : Workspace, optional
        With its stages.
    weeks_between : int, optional
        Between two models; by default 13, fewer where fewer than two years are asked for: an eighth of the weeks.
    progress : callable, optional
        Called with the number of models that have learnt, and of all.

    Returns
    -------
    DataFrame
        By `as_of` and `opportunity_id`: `won_by_7` … `won_by_1183` (see `LEAD_DAYS`), `curve_model`.

    Examples
    --------
    >>> from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=80, end=date(2023, 12, 31)))
    >>> found = win_curves(made.tables, ["2023-10-01", "2023-10-08"], workspace=Workspace(currency="CNY"))
    >>> bool((found["won_by_7"] <= found["won_by_91"]).all()), found["curve_model"].unique().tolist()
    (True, ['stage_rates'])
    """
    source, settled = open_source(tables), workspace or Workspace()
    wanted = as_days(days)
    if not wanted:
        return _no_curves()
    last = wanted[-1]
    weeks = (last - wanted[0]).days // 7
    asked = training_rows(source, until=last, weeks=weeks, every_weeks=1, workspace=settled)
    asked = asked.take(asked.keys["as_of"].isin(pd.to_datetime(wanted)).to_numpy())
    past = training_rows(source, until=last, weeks=weeks + _TRAINING_WEEKS, every_weeks=_EVERY_WEEKS, workspace=settled)
    names = [feature.name for feature in past.features if feature.is_dated or feature.name in _FIXED]
    asked, past = asked.with_features(names), past.with_features(names)
    parts = [_no_curves()]
    spans = _spans(wanted, weeks_between or min(max(weeks // 8, 2), 13))
    for place, span in enumerate(spans):
        model = _learnt(past, span[0])
        chosen = asked.keys["as_of"].isin(pd.to_datetime(span)).to_numpy()
        if model is not None and chosen.any():
            rows = replace(asked.take(chosen), ends=None)
            parts.append(_frame(rows, model.predict(rows), model.name))
        if progress is not None:
            progress(place + 1, len(spans))
    found = pd.concat(parts[1:], ignore_index=True) if len(parts) > 1 else parts[0]
    return found.sort_values(["as_of", "opportunity_id"], ignore_index=True)


def _spans(days: Sequence[date], weeks_between: int) -> list[list[date]]:
    """Days that one model speaks of, the first being that on which it learns; the last day has its own."""
    firsts = [day for day in days if ((days[-1] - day).days // 7) % weeks_between == 0] or [days[0]]
    if firsts[0] != days[0]:
        firsts = [days[0], *firsts]
    edges = [*firsts, date.max]
    return [[day for day in days if first <= day < after] for first, after in pairwise(edges)]


def _learnt(past: ScoringRows, day: date) -> WinModel | None:
    known = _known_on(past, day)
    if len(known) == 0 or not known.is_dated:
        return None
    won, lost = n_closed_deals(known)
    if won + lost < _LEAST_CLOSED:
        return None
    is_rich = won + lost >= _HAZARD_FROM and min(won, lost) >= LEAST_OF_EACH and _days_of_closes(known) >= _HAZARD_DAYS
    return make_model("boosted_hazard" if is_rich else "stage_rates").fit(_telling(known))


def _days_of_closes(rows: ScoringRows) -> float:
    """Days from the first close that is known to the last."""
    if rows.ends is None:
        return 0.0
    closed = rows.is_won | rows.is_lost
    days = pd.to_timedelta(rows.ends["days_to_end"].to_numpy(dtype="float64")[closed], unit="D")
    on = rows.keys["as_of"].to_numpy()[closed] + days
    return float((on.max() - on.min()) / pd.Timedelta(days=1)) if len(on) else 0.0


def _known_on(past: ScoringRows, day: date) -> ScoringRows:
    """The rows of the four years before a day, with the ends as they were known on it."""
    if past.ends is None:
        raise ValueError("these rows are for scoring: their ends are not known")
    as_of = past.keys["as_of"]
    ends, is_there = ends_known_on(past.ends, as_of, day=day, time_zone=past.calendar.time_zone)
    is_late = np.asarray(as_of > pd.Timestamp(day) - pd.Timedelta(weeks=_TRAINING_WEEKS))
    return replace(past, ends=ends).take(is_there & is_late)


def _telling(rows: ScoringRows) -> ScoringRows:
    """Without the features that are the same everywhere, and those without a history that some rows lack.

    Where a source or a product is often missing, people may fill it in when a deal is won: whether it is there would
    tell.
    """
    gaps = {name for name in _FIXED if name in rows.values and rows.values[name].notna().mean() < _NEARLY_ALWAYS}
    kept = [str(name) for name in rows.values.columns if name not in gaps and _differs(rows.values[name])]
    return rows.with_features(kept)


def _differs(values: pd.Series) -> bool:
    return bool((values.isna() != pd.isna(values.iloc[0])).any() or (values.dropna() != values.iloc[0]).any())


def _frame(rows: ScoringRows, said: Prediction, model: str) -> pd.DataFrame:
    curves = {f"won_by_{round(days)}": said.won[:, place] for place, days in enumerate(LEAD_DAYS)}
    keys = rows.keys[["opportunity_id", "as_of"]].reset_index(drop=True)
    return pd.concat([keys, pd.DataFrame(curves), pd.Series([model] * len(rows), name="curve_model")], axis="columns")


def _no_curves() -> pd.DataFrame:
    curves = {f"won_by_{round(days)}": pd.Series(dtype="float64") for days in LEAD_DAYS}
    keys = {"opportunity_id": pd.Series(dtype="str"), "as_of": pd.Series(dtype="datetime64[us]")}
    return pd.DataFrame({**keys, **curves, "curve_model": pd.Series(dtype="str")})
