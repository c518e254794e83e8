"""The sellers: teams, managers, who joins and leaves, and the habits that nobody writes down."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.vocabulary import FAMILY_EN, FAMILY_ZH, GIVEN_EN, GIVEN_ZH
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["REGIONS", "Sellers", "hire_sellers", "owners_table"]

REGIONS = ("East", "North", "South", "Overseas")


@dataclass(frozen=True)
class Sellers:
    """One entry a seller; managers and the director are only in the table of owners.

    Attributes
    ----------
    team : array of int
        Position in `REGIONS`.
    joins, leaves : array of int
        First week with deals, and the week in which the deals are handed over (past the end: never).
    skill : array of float
        Effect on the score of the deals the seller opens.
    optimism : array of float
        Log of the factor on the time the seller believes a deal still needs; below 0: too early.
    amount_bias : array of float
        Log of the factor on the amount the seller first writes down.
    logging : array of float
        Share of activities that the seller writes down.
    """

    team: NDArray[np.int64]
    joins: NDArray[np.int64]
    leaves: NDArray[np.int64]
    skill: NDArray[np.float64]
    optimism: NDArray[np.float64]
    amount_bias: NDArray[np.float64]
    logging: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Number of sellers."""
        return len(self.team)

    def ids(self) -> NDArray[np.object_]:
        """Their keys, with leading zeros."""
        return np.array([f"U{position + 101:04d}" for position in range(self.n)], dtype=object)

    def pick(self, rng: np.random.Generator, team: NDArray[np.int64], week: NDArray[np.int64]) -> NDArray[np.int64]:
        """A seller of each team who is there in that week; the first of a team always is."""
        per_team = self.n // len(REGIONS)
        chosen = team.copy()
        missing = np.arange(len(team))
        for _ in range(20):
            tried = rng.integers(0, per_team, size=len(missing)) * len(REGIONS) + team[missing]
            good = (self.joins[tried] <= week[missing]) & (self.leaves[tried] > week[missing])
            chosen[missing[good]] = tried[good]
            missing = missing[~good]
        return chosen


def hire_sellers(settings: SyntheticSettings, weeks: Weeks) -> Sellers:
    """Draw the sellers: about one for 125 deals, every fifth leaves, every sixth joins later."""
    rng = stream(settings, "sellers")
    n = len(REGIONS) * max(2, settings.n_opportunities // (125 * len(REGIONS)))
    position = np.arange(n)
    may_change = position >= len(REGIONS)
    leaves = np.where(
        may_change & (position % 5 == 0), rng.integers(weeks.n // 3, weeks.n * 9 // 10, size=n), weeks.n + 9_999
    )
    joins = np.where(may_change & (position % 6 == 3), rng.integers(4, weeks.n // 3, size=n), 0)
    return Sellers(
        team=position % len(REGIONS),
        joins=joins,
        leaves=leaves,
        skill=rng.normal(0, settings.laws.skill_sd, size=n),
        optimism=rng.normal(-0.35, 0.25, size=n),
        amount_bias=rng.normal(0.22, 0.1, size=n),
        logging=rng.uniform(0.6, 1.0, size=n),
    )


def owners_table(settings: SyntheticSettings, sellers: Sellers, weeks: Weeks) -> pd.DataFrame:
    """The canonical table `owners`: a director, a manager for each team, the sellers."""
    rng = stream(settings, "owner names")
    managers = [f"U{position + 11:04d}" for position in range(len(REGIONS))]
    n_leaders = 1 + len(REGIONS)
    team = [REGIONS[position] for position in sellers.team]
    frame = pd.DataFrame(
        {
            "owner_id": ["U0001", *managers, *sellers.ids()],
            "name": _names(rng, n_leaders + sellers.n),
            "team": ["Head office", *(f"Team {region}" for region in (*REGIONS, *team))],
            "region": [None, *REGIONS, *team],
            "manager_id": [None, *(["U0001"] * len(REGIONS)), *(managers[position] for position in sellers.team)],
            "active": [True] * n_leaders + [bool(leaves >= weeks.n) for leaves in sellers.leaves],
        }
    )
    return frame.astype({**dict.fromkeys(frame.columns, "str"), "active": "boolean"})


def _names(rng: np.random.Generator, n: int) -> list[str]:
    chinese = [family + given for family in FAMILY_ZH for given in GIVEN_ZH]
    english = [f"{given} {family}" for family in FAMILY_EN for given in GIVEN_EN]
    pools = [[pool[i] for i in rng.permutation(len(pool))] for pool in (chinese, english)]
    used = [0, 0]
    names = []
    for position in range(n):
        language = position % 3 // 2
        pool, count = pools[language], used[language]
        names.append(pool[count % len(pool)] + (f" {count // len(pool) + 1}" if count >= len(pool) else ""))
        used[language] += 1
    return names
