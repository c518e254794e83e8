"""What the CRM recorded of the lives: changes of stage, amount, expected close, owner and forecast category."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import Chain
from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.guesses import CATEGORIES, Calendar, guess_close, guess_first_amount, round_money
from oppnb.sources.synthetic.lives import IS_LOST, Lives
from oppnb.sources.synthetic.people import Sellers
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import TIME_ZONE, Weeks, stream

__all__ = ["Records", "history_table", "keep_records", "stage_names"]

_PUSH_OVERDUE, _PUSH_SILENT, _PUSH_EARLY, _PULL, _REVISE = 0.55, 0.03, 0.008, 0.006, 0.006
_REVISE_ON_MOVE = 0.35


@dataclass(frozen=True)
class Records:
    """One entry a recorded state, sorted by deal and moment; every field holds the state after it."""

    deal: NDArray[np.int64]
    moment: NDArray[np.datetime64]
    stage: NDArray[np.int64]
    amount: NDArray[np.float64]
    close_on: NDArray[np.datetime64]
    owner: NDArray[np.int64]
    category: NDArray[np.int64]

    @property
    def last(self) -> NDArray[np.int64]:
        """Position of each deal's last state."""
        return np.flatnonzero(np.append(self.deal[1:] != self.deal[:-1], True))


@dataclass(frozen=True)
class _World:
    settings: SyntheticSettings
    weeks: Weeks
    deals: Deals
    chain: Chain
    sellers: Sellers
    final_amount: NDArray[np.float64]
    category_of: NDArray[np.int64]


class _Desk:
    """The CRM's screen: the current fields of all deals, and the log of their changes."""

    def __init__(self, world: _World) -> None:
        self.world = world
        self.rng = stream(world.settings, "records")
        self.calendar = Calendar(world.weeks)
        n = world.deals.n
        self.stage = np.full(n, IS_LOST)
        self.is_open = np.zeros(n, dtype=bool)
        self.owner = world.deals.owner.copy()
        self.amount = guess_first_amount(self.rng, world.deals.quote, world.sellers.amount_bias[self.owner])
        self.close_on = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
        self.category = np.zeros(n, dtype="int64")
        self.log: list[tuple[NDArray[np.generic], ...]] = []

    def week(self, week: int, arrivals: pd.DataFrame, silent_week: NDArray[np.int64]) -> None:
        """One week: who leaves hands over, dates are pushed, amounts revised, stages changed."""
        changed = np.zeros(len(self.stage), dtype=bool)
        rows = np.flatnonzero(self.is_open)
        is_silent = (silent_week >= 0) & (silent_week <= week)
        closing = arrivals["deal"].to_numpy()[self._closes(arrivals)]
        staying = rows[~np.isin(rows, closing)]
        changed[self._hand_over(staying[~is_silent[staying]], week)] = True
        changed[self._move_close(staying, week, is_silent[staying])] = True
        changed[self._revise(staying[~is_silent[staying]], _REVISE)] = True
        self._arrive(arrivals, week)
        self._write(week, np.flatnonzero(changed), arrivals)

    def _closes(self, arrivals: pd.DataFrame) -> NDArray[np.bool_]:
        stage, deal = arrivals["stage"].to_numpy(), arrivals["deal"].to_numpy()
        return np.asarray((stage == IS_LOST) | (stage == self.world.chain.n_stages[deal]))

    def _hand_over(self, rows: NDArray[np.int64], week: int) -> NDArray[np.int64]:
        sellers = self.world.sellers
        gone = rows[sellers.leaves[self.owner[rows]] <= week]
        self.owner[gone] = sellers.pick(self.rng, sellers.team[self.owner[gone]], np.full(len(gone), week))
        return gone

    def _move_close(self, rows: NDArray[np.int64], week: int, is_silent: NDArray[np.bool_]) -> NDArray[np.int64]:
        monday = self.world.weeks.mondays(np.array([week]))[0]
        overdue = self.close_on[rows] < monday
        chance = np.where(overdue, np.where(is_silent, _PUSH_SILENT, _PUSH_OVERDUE), _PUSH_EARLY * ~is_silent)
        pushed = rows[self.rng.random(len(rows)) < chance]
        later = np.maximum(self._guess(pushed, week), self.close_on[pushed] + 7)
        self.close_on[pushed] = later
        pulled = rows[(self.rng.random(len(rows)) < _PULL) & ~overdue & ~is_silent]
        pulled = pulled[self.close_on[pulled] > monday + 28]
        self.close_on[pulled] -= 14
        return np.union1d(pushed, pulled)

    def _guess(self, rows: NDArray[np.int64], week: int) -> NDArray[np.datetime64]:
        world = self.world
        today = np.repeat(world.weeks.mondays(np.array([week])), len(rows)) + 4
        left = np.maximum(world.chain.n_stages[rows] - self.stage[rows], 1)
        optimism = world.sellers.optimism[self.owner[rows]]
        return guess_close(self.rng, self.calendar, today=today, stages_left=left, optimism=optimism)

    def _revise(self, rows: NDArray[np.int64], chance: float) -> NDArray[np.int64]:
        rows = rows[self.rng.random(len(rows)) < chance]
        halfway = np.sqrt(self.amount[rows] * self.world.deals.quote[rows])
        self.amount[rows] = round_money(halfway * np.exp(self.rng.normal(0, 0.12, size=len(rows))))
        return rows

    def _arrive(self, arrivals: pd.DataFrame, week: int) -> None:
        """Stage changes, first days and closes; a close overwrites the expected close and, if won, the amount."""
        world = self.world
        deal, stage = arrivals["deal"].to_numpy(), arrivals["stage"].to_numpy()
        was_open = self.is_open[deal]
        self.stage[deal] = stage
        closes = self._closes(arrivals)
        self.is_open[deal] = ~closes
        starts = deal[~was_open & ~closes]
        self.close_on[starts] = self._guess(starts, week)
        self._revise(deal[was_open & ~closes], _REVISE_ON_MOVE)
        local = arrivals["moment"].dt.tz_localize("UTC").dt.tz_convert(TIME_ZONE).dt.tz_localize(None)
        self.close_on[deal[closes]] = local.to_numpy()[closes].astype("datetime64[D]")
        won = deal[closes & (stage >= 0)]
        self.amount[won] = world.final_amount[won]
        self._categorise(deal, closes=closes)

    def _categorise(self, deal: NDArray[np.int64], *, closes: NDArray[np.bool_]) -> None:
        usual = self.world.category_of[self.world.deals.process[deal], self.stage[deal]]
        mood = self.rng.random(len(deal))
        noisy = np.clip(usual + (mood > 0.85).astype("int64") - (mood < 0.15), 1, 3)
        self.category[deal] = np.where(closes, usual, noisy)

    def _write(self, week: int, changed: NDArray[np.int64], arrivals: pd.DataFrame) -> None:
        arrived = arrivals["deal"].to_numpy()
        others = changed[~np.isin(changed, arrived)]
        moment = self.world.weeks.moments(self.rng, np.full(len(others), week))
        rows = np.concatenate([arrived, others])
        when = np.concatenate([arrivals["moment"].to_numpy().astype("datetime64[m]"), moment])
        state = (self.stage, self.amount, self.close_on, self.owner, self.category)
        self.log.append((rows, when, *(column[rows] for column in state)))


def keep_records(
    settings: SyntheticSettings,
    weeks: Weeks,
    *,
    deals: Deals,
    chain: Chain,
    lives: Lives,
    sellers: Sellers,
    final_amount: NDArray[np.float64],
) -> Records:
    """Record the lives as sellers would. Nothing recorded here acts back on the lives."""
    world = _World(settings, weeks, deals, chain, sellers, final_amount, _categories(settings))
    desk = _Desk(world)
    arrivals = pd.DataFrame({"deal": lives.deal, "week": lives.week, "stage": lives.stage, "moment": lives.moment})
    by_week = dict(iter(arrivals.groupby("week")))
    for week in range(weeks.n):
        desk.week(week, by_week.get(week, arrivals.iloc[:0]), lives.silent_week)
    columns = [np.concatenate([entry[position] for entry in desk.log]) for position in range(7)]
    order = np.lexsort((columns[1].astype("int64"), columns[0]))
    return Records(*(column[order] for column in columns))


def _categories(settings: SyntheticSettings) -> NDArray[np.int64]:
    """Usual forecast category by process and stage; the last column, read as -1, is lost."""
    table = np.full((len(settings.processes), settings.n_stages + 2), CATEGORIES.index("omitted"))
    for row, process in enumerate(settings.processes):
        for column, stage in enumerate(process.stages):
            table[row, column] = CATEGORIES.index(stage.forecast_category)
        table[row, len(process.stages)] = CATEGORIES.index("closed")
    return table


def stage_names(
    settings: SyntheticSettings, process: NDArray[np.int64], stage: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Names of stages, `Won` and `Lost` among them."""
    table = np.full((len(settings.processes), settings.n_stages + 2), "Lost", dtype=object)
    for row, one in enumerate(settings.processes):
        table[row, : len(one.stages) + 1] = [*(step.name for step in one.stages), "Won"]
    return table[process, stage]


def history_table(settings: SyntheticSettings, deals: Deals, records: Records, sellers: Sellers) -> pd.DataFrame:
    """The canonical table `opportunity_history`: the first row of a deal is full, later rows hold what changed."""
    is_first = np.append(True, records.deal[1:] != records.deal[:-1])

    def changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
        return np.asarray(is_first | np.append(True, values[1:] != values[:-1]))

    names = {
        "stage": (stage_names(settings, deals.process[records.deal], records.stage), records.stage),
        "owner_id": (sellers.ids()[records.owner], records.owner),
        "forecast_category": (np.array(CATEGORIES, dtype=object)[records.category], records.category),
    }
    text = {name: pd.Series(values, dtype="str").where(changes(codes)) for name, (values, codes) in names.items()}
    frame = pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids()[records.deal], dtype="str"),
            "changed_at": pd.Series(records.moment.astype("datetime64[us]")),
            "stage": text["stage"],
            "amount": pd.Series(records.amount).where(changes(records.amount)),
            "expected_close_on": pd.Series(records.close_on.astype("datetime64[us]")).where(changes(records.close_on)),
            "owner_id": text["owner_id"],
            "forecast_category": text["forecast_category"],
        }
    )
    is_change = frame.drop(columns=["opportunity_id", "changed_at"]).notna().any(axis=1)
    return frame[is_change].reset_index(drop=True)  # a revised amount may round to the old one
