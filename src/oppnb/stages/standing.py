"""Odds of the deals that stand in a stage on a day: they have lingered there, and what lingers is won less often."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import clustered_limits, cumulative_incidence, incidence_and_influence
from oppnb.metrics.inputs import cutoff_of
from oppnb.stages.longest_stays import LongestStays, longest_stays

__all__ = ["MIN_DECIDED", "N_LANDMARKS", "STANDING_COLUMNS", "landmark_rows", "standing_odds"]

N_LANDMARKS = 104
"""Landmark days: each a whole number of weeks before the day of knowledge, two years back."""
MIN_DECIDED = 10
"""Closed deals below which nothing is said."""

_FEW_BANDS, _MAX_BANDS = 5, 20
_DEALS_A_BAND, _DEALS_A_FINE_BAND = 20, 100
_DAY = np.timedelta64(86_400_000_000, "us")
_WON, _LOST = 1, 2
_STAGE = ["process", "stage"]
STANDING_COLUMNS = {
    **dict.fromkeys(["standing_odds", "standing_low", "standing_high"], "float64"),
    **dict.fromkeys(["standing_n", "standing_n_closed", "standing_n_beyond", "n_now"], "int64"),
    **dict.fromkeys(["stood_odds", "stood_low", "stood_high", "longest_days"], "float64"),
    **dict.fromkeys(["within_odds", "within_low", "within_high"], "float64"),
    **dict.fromkeys(["at_most_odds", "at_most_low", "at_most_high", "at_most_days"], "float64"),
    "at_most_n": "int64",
}
"""What `standing_odds` tells of a stage, with types."""

_Told = dict[str, float | int | None]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.datetime64]


def standing_odds(snapshot: pd.DataFrame, spells: pd.DataFrame, *, time_zone: str = "UTC") -> pd.DataFrame:
    """Probability of being won in the end, of the deals that stand open in a stage on a day.

    On each of the 104 days that lie 1, 2, ... weeks before the day of knowledge (landmarks), the deals that stood open
    in the stage are followed to their close, or as far as it is known while they are open, the loss being the
    competing end (Aalen-Johansen over the time since the landmark). All landmarks are pooled.

    A pipeline ages: today's deals may have stood there longer than those of earlier landmarks. So this is done within
    bands of the time in the stage (quantiles of the landmark rows; one band for each 20 deals up to five, then one for
    each 100 up to twenty), and the bands are weighed as the deals that stand in the stage now are spread over them; a
    band in which nothing has ended yet is joined with the next shorter stays. On synthetic pipelines of 4,000 deals
    this took the error of the weighted count from +33 % (odds of those who entered) and +12 % (one band) to +5 % with
    five bands.

    Some of today's deals may have stood there longer than any deal that is closed ever did. What becomes of such deals
    was never observed. `within_odds` are of the others alone; these count in `standing_odds` with `at_most_odds`, those
    of the closed deals that stood longest, and may be anything from none to `at_most_high` of them in the interval: so
    the odds of all are rather too high than too low, if deals are not won more often the longer they stand.

    A deal stands at many landmarks and its rows say much the same: the interval takes the deal, not the row, as the
    unit (infinitesimal jackknife over deals). It tells how well the odds are known, not how today's deals will fall.
    A reopened deal stands wherever it was open, and its last close counts; a loss that may be taken back later is
    a loss.

    Parameters
    ----------
    snapshot : DataFrame
        `oppnb.history.as_of` on the day of knowledge; uses opportunity_id, outcome, closed_at, as_of.
    spells : DataFrame
        `oppnb.history.spells` known on the same day; uses opportunity_id, process, stage, outcome, entered_at, left_at.
    time_zone : str
        Where days end.

    Returns
    -------
    DataFrame
        One row a process and stage in which a deal stood, sorted: `process`, `stage`, `standing_odds` (0-1, null if
        fewer than 10 of the deals are closed), `standing_low`, `standing_high` (95 % interval), `standing_n` (distinct
        deals that stood there), `standing_n_closed` (those of them that are closed).

        Not adjusted to today's stays: `stood_odds`, `stood_low`, `stood_high`, of all deals that stood there, each from
        its first landmark on.

        Of today's deals: `n_now`, `standing_n_beyond` (stand there longer than `longest_days`, the longest stay of a
        closed deal), `within_odds`, `within_low`, `within_high` (the others; null where there are none),
        `at_most_odds`, `at_most_low`, `at_most_high` (bound of those beyond: the odds of deals that stood there for
        `at_most_days` or longer, `at_most_n` of them closed; null where no deal is beyond).

        Without stays (a flat export) there is no row.

    References
    ----------
    .. [2] H. C. van Houwelingen, "Dynamic prediction by landmarking in event history analysis", Scandinavian Journal
       of Statistics 34, 2007, pp. 70-85.

    Examples
    --------
    >>> day = pd.Timestamp("2025-01-31")
    >>> deals = [f"d{i}" for i in range(40)]  # half are won after a week; the others linger for ten and are lost
    >>> entered, is_quick = pd.Timestamp("2024-10-01"), np.arange(40) < 20
    >>> closed = entered + pd.to_timedelta(np.where(is_quick, 7, 70), unit="D")
    >>> spells = pd.DataFrame({"opportunity_id": deals, "process": "p", "stage": "Demo", "outcome": "open",
    ...     "entered_at": entered, "left_at": closed})
    >>> snapshot = pd.DataFrame({"opportunity_id": deals, "outcome": np.where(is_quick, "won", "lost"),
    ...     "closed_at": closed, "as_of": day})
    >>> standing_odds(snapshot, spells)[["standing_odds", "standing_n"]].round(3).values.tolist()  # 1 row to 10
    [[0.091, 40.0]]
    """
    rows, today = landmark_rows(snapshot, spells, time_zone=time_zone)
    stays_today = {key: part["days_there"].to_numpy() for key, part in today.groupby(_STAGE, sort=True)}
    cutoffs, every = _cutoffs(snapshot, time_zone), _open_stays(snapshot, spells)
    if len(cutoffs):
        every = every[_moments(every["entered_at"]) < cutoffs[-2]]  # a later one stood on no landmark
    found = [
        {
            **dict(zip(_STAGE, key, strict=True)),
            **_stage_odds(
                part,
                stays_today.get(key, np.zeros(0)),
                longest=longest_stays(
                    every[(every[_STAGE] == list(key)).all(axis="columns")], now=cutoffs[-1], time_zone=time_zone
                ),
            ),
        }
        for key, part in rows.groupby(_STAGE, sort=True)
    ]
    frame = pd.DataFrame(found, columns=[*_STAGE, *STANDING_COLUMNS])
    return frame.astype({"process": "str", "stage": "str", **STANDING_COLUMNS})


def landmark_rows(
    snapshot: pd.DataFrame, spells: pd.DataFrame, *, time_zone: str = "UTC"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who stood open in a stage on each landmark day, and who does now.

    Returns
    -------
    tuple of DataFrame
        Both with `deal` (its row number in the snapshot), `process`, `stage`, `landmark` (0 is now, 1 a week before,
        ...), `days_there` (in the stage by then), `days` (from then to the last known close, or so far), `end` (0 open,
        1 won, 2 lost). The first has the landmarks 1 to 104, the second the deals that are open now.
    """
    cutoffs = _cutoffs(snapshot, time_zone)
    stays = _open_stays(snapshot, spells)
    if not len(cutoffs) or stays.empty:
        empty = pd.DataFrame(columns=["deal", *_STAGE, "landmark", "days_there", "days", "end"])
        return empty, empty
    now = cutoffs[-1]
    stays = stays.assign(
        left_at=stays["left_at"].fillna(pd.Timestamp.max.as_unit("us")),
        until=stays["closed_at"].where(stays["end"] > 0, pd.Timestamp(now)),
    )
    every = _standing(stays, cutoffs)
    is_now = every["landmark"] == 0
    return every[~is_now], every[is_now & (every["end"] == 0)]


def _cutoffs(snapshot: pd.DataFrame, time_zone: str) -> Moments:
    """The ends of the landmark days, the earliest first; the last is the day of knowledge."""
    if snapshot.empty:
        return np.zeros(0, dtype="datetime64[us]")
    day: date = pd.Timestamp(snapshot["as_of"].iloc[0]).date()
    days = [day - timedelta(weeks=weeks) for weeks in range(N_LANDMARKS, -1, -1)]
    return np.array([cutoff_of(day, time_zone=time_zone) for day in days], dtype="datetime64[us]")


def _open_stays(snapshot: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Stays in open stages with how their deal ended; those entered at an unknown moment cannot be placed."""
    known = pd.Index(snapshot["opportunity_id"])
    stays = spells[(spells["outcome"] == "open") & spells["entered_at"].notna()]
    stays = stays[[*_STAGE, "opportunity_id", "entered_at", "left_at"]].dropna(subset=_STAGE).drop_duplicates()
    deal = known.get_indexer(pd.Index(stays["opportunity_id"]))
    stays, deal = stays[deal >= 0].drop(columns="opportunity_id"), deal[deal >= 0]
    outcome = snapshot["outcome"].to_numpy(dtype=object)
    end = np.select([outcome == "won", outcome == "lost"], [_WON, _LOST], default=0)
    closed = pd.to_datetime(snapshot["closed_at"]).to_numpy(dtype="datetime64[us]")
    stays = stays.assign(deal=deal, end=end[deal], closed_at=closed[deal])
    kept: pd.DataFrame = stays[(stays["end"] == 0) | stays["closed_at"].notna()]
    return kept


def _standing(stays: pd.DataFrame, cutoffs: Moments) -> pd.DataFrame:
    """One row a stay and a day at whose end it lasted."""
    entered, left, until = (_moments(stays[name]) for name in ("entered_at", "left_at", "until"))
    # A moment belongs to a day if it lies before the day's end: on that day one has entered, or left.
    first = np.searchsorted(cutoffs, entered, side="right")
    beyond = np.searchsorted(cutoffs, np.minimum(left, np.where(stays["end"] > 0, until, left)), side="right")
    n_days = np.maximum(beyond - first, 0)
    stay = np.repeat(np.arange(len(stays)), n_days)
    place = np.arange(len(stay)) - np.repeat(np.cumsum(n_days) - n_days, n_days) + first[stay]
    at = cutoffs[place]
    told = stays[["deal", *_STAGE, "end"]].astype(dict.fromkeys(_STAGE, "category")).iloc[stay]
    return told.assign(
        landmark=len(cutoffs) - 1 - place, days_there=(at - entered[stay]) / _DAY, days=(until[stay] - at) / _DAY
    ).reset_index(drop=True)


def _moments(values: pd.Series) -> Moments:
    return np.asarray(pd.to_datetime(values).to_numpy(dtype="datetime64[us]"))


def _stage_odds(rows: pd.DataFrame, stays_today: Floats, *, longest: LongestStays) -> _Told:
    """What `STANDING_COLUMNS` name, of one stage."""
    n, n_closed = rows["deal"].nunique(), rows.loc[rows["end"] > 0, "deal"].nunique()
    is_beyond = stays_today > longest.until_night
    told: _Told = {"standing_n": n, "standing_n_closed": n_closed, "n_now": len(stays_today)}
    told |= {"standing_n_beyond": int(is_beyond.sum()), "longest_days": longest.days, "at_most_n": 0}
    if n_closed < MIN_DECIDED:
        return told
    told |= _named("stood", _each_once(rows))
    within = None
    if not len(is_beyond) or not is_beyond.all():
        within = _within(rows[rows["days_there"] <= longest.until_night], stays_today[~is_beyond])
        told |= _named("within", within)
    if not is_beyond.any():
        return told | _named("standing", within)
    told |= _named("at_most", (longest.odds, longest.low, longest.high))
    told |= {"at_most_days": longest.from_days, "at_most_n": longest.n}
    share, (odds, low, high) = float(is_beyond.mean()), within or (0.0, 0.0, 0.0)
    # of those beyond none need be won: the lower limit is that of the others alone
    both = (1 - share) * odds + share * longest.odds, (1 - share) * low, (1 - share) * high + share * longest.high
    return told | _named("standing", both)


def _named(kind: str, found: tuple[float, float, float] | None) -> _Told:
    if found is None:
        return {}
    return {f"{kind}_odds": found[0], f"{kind}_low": found[1], f"{kind}_high": found[2]}


def _each_once(rows: pd.DataFrame) -> tuple[float, float, float] | None:
    """Odds with limits of each deal from the first landmark at which it stood there."""
    first = rows.sort_values("landmark", ascending=False, kind="stable").drop_duplicates("deal")
    days, end = first["days"].to_numpy(dtype="float64"), first["end"].to_numpy(dtype="int64")
    return cumulative_incidence(days, end, horizon=float(days.max()))


def _within(rows: pd.DataFrame, stays_today: Floats) -> tuple[float, float, float]:
    """Odds with limits of today's deals that stand there no longer than a closed deal did."""
    days, end = rows["days"].to_numpy(dtype="float64"), rows["end"].to_numpy(dtype="int64")
    _, deal = np.unique(rows["deal"].to_numpy(dtype="int64"), return_inverse=True)
    n = int(deal.max()) + 1
    band, share = _bands(rows["days_there"].to_numpy(dtype="float64"), stays_today, n_deals=n)
    value, influence = _standardised(days, end, band=band, share=share)
    return value, *clustered_limits(value, influence, deal, n_decided=len(np.unique(deal[end > 0])))


def _bands(days_there: Floats, today: Floats, *, n_deals: int) -> tuple[Ints, Floats]:
    """The band of each row by its time in the stage, and the share of today's deals in each band."""
    n_bands = max(min(n_deals // _DEALS_A_BAND, _FEW_BANDS), min(n_deals // _DEALS_A_FINE_BAND, _MAX_BANDS), 1)
    steps = np.arange(1, n_bands) / n_bands
    edges = np.quantile(days_there, steps, method="inverted_cdf")  # the same for twice the rows
    band = np.searchsorted(edges, days_there, side="left").astype("int64")
    spread = np.searchsorted(edges, today if len(today) else days_there, side="left")
    count = np.bincount(spread, minlength=n_bands)
    return band, count / count.sum()


def _standardised(days: Floats, end: Ints, *, band: Ints, share: Floats) -> tuple[float, Floats]:
    """Odds of each band, weighed by its share."""
    value, influence = 0.0, np.zeros(len(days))
    for number in np.flatnonzero(share):
        mine = _told_by(int(number), band, end)
        part, moves = incidence_and_influence(days[mine], end[mine])
        value += share[number] * part
        influence[mine] += share[number] * moves
    return min(value, 1.0), influence


def _told_by(number: int, band: Ints, end: Ints) -> Bools:
    """The rows of a band; where nothing has ended in it yet, with the next shorter stays, else with the next longer.

    Those of all would make deals that have stood there longest as likely to be won as those that came yesterday.
    """
    low = high = number
    while not (end[(band >= low) & (band <= high)] > 0).any():
        low, high = (low - 1, high) if low > 0 else (low, high + 1)
    return np.asarray((band >= low) & (band <= high))
