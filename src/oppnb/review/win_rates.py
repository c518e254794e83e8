"""Win rates of sellers, regions and industries beside those of all others, and which of them differ beyond chance."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import MetricInputs, measure, metric_rows, missing_needs

__all__ = ["COMPARED_BY", "compare_win_rates", "win_rates"]

COMPARED_BY = ("region", "source", "product", "industry", "team", "owner_id")
"""Columns by which win rates are held beside each other."""

_CHANCE = 0.05
_NARROW = 12.0  # standard deviations beyond which nothing is left of a distribution
_ALIKE = 1 + 1e-9  # two ways of adding up the same probability
Table = tuple[int, int, int, int]
"""Deals closed and won of a slice, and of all in the same process, the slice among them."""


def compare_win_rates(inputs: MetricInputs, columns: Sequence[str] = COMPARED_BY) -> dict[str, pd.DataFrame]:
    """`win_rates` by each column that tells deals apart; a chance of 5 % is shared by all of them.

    Columns that the data does not have, or that hold one value only, are left out.
    """
    snapshot = inputs.snapshot
    told = [by for by in columns if by in snapshot and snapshot[by].dropna().nunique() >= 2]
    return {by: win_rates(inputs, by, chance=_CHANCE / len(told)) for by in told}


def win_rates(inputs: MetricInputs, by: str, *, least: int = 10, chance: float = _CHANCE) -> pd.DataFrame:
    """Win rate of each seller, region or source beside that of all others, process by process.

    Parameters
    ----------
    inputs : MetricInputs
        Of the period whose closed deals count.
    by : str
        A column of the snapshot.
    least : int
        Deals closed below which nothing is said of a difference.
    chance : float
        How likely it may be that any slice is said to differ although none does.

    Returns
    -------
    DataFrame
        `slice` (null: not told), `n` (closed), `n_won`, `win_rate`, `low`, `high` (95 %, Wilson); `n_beside`,
        `won_beside` (of them, those in processes in which others closed deals as well), `others_rate` (what the others
        won, weighed by the slice's mix of processes; null where there are none), `differs`: `above` or `below` where
        chance alone would hardly explain it (Fisher's exact test, process by process, at `chance` over all slices
        together, Bonferroni), else `alike`, or `few`. Most closed deals first; slices without any are left out.

    Notes
    -----
    Given how many deals each process won, and how many of its deals are the slice's, the number that the slice won by
    chance is a sum of hypergeometric numbers, one a process. The others' rate is itself uncertain; to test against it
    as if it were known finds differences between equal slices.

    References
    ----------
    J. J. Gart, "The comparison of proportions: a review of significance tests, confidence intervals and adjustments for
    stratification", Review of the International Statistical Institute 39 (1971), 148-169.
    """
    columns = ["slice", "n", "n_won", "win_rate", "low", "high", "n_beside", "won_beside", "others_rate", "differs"]
    if missing_needs("win_rate", inputs, variant="closed"):
        return pd.DataFrame(columns=columns)
    found = measure("win_rate", inputs, variant="closed", by=by).rename(columns={by: "slice", "value": "win_rate"})
    found = found[found["n"] > 0].assign(n_won=lambda rows: (rows["win_rate"] * rows["n"]).round().astype("int64"))
    tables = _tables(inputs, by)
    found = found.assign(slice=found["slice"].astype("str")).merge(_beside(tables), on="slice", how="left")
    is_enough = found["n_beside"] >= least
    n_tests = int(is_enough.sum()) if len(found) != 2 else 1  # two slices are one question
    limit = chance / max(n_tests, 1)
    is_apart = is_enough & (found["chance"] < limit)
    is_above = found["won_beside"] > found["others_rate"] * found["n_beside"]
    told = np.select([~is_enough, ~is_apart, is_above], ["few", "alike", "above"], "below")
    found = found.assign(differs=pd.Series(told, index=found.index, dtype="str"))
    return found[columns].sort_values(["n", "slice"], ascending=[False, True], kind="stable", ignore_index=True)


def _tables(inputs: MetricInputs, by: str) -> pd.DataFrame:
    """`slice`, `n`, `won` beside `n_all`, `won_all` of the same process, where others closed deals in it.

    A renewal is no yardstick for new business.
    """
    keys = [by, "process"] if by != "process" else [by]
    rows = metric_rows("win_rate", inputs, variant="closed", by=keys)
    rows = rows.assign(slice=rows[by].astype("str"), within=rows["process"].fillna("") if len(keys) > 1 else "")
    own = rows.groupby(["slice", "within"], dropna=False, sort=True)["is_won"].agg(n="size", won="sum").reset_index()
    whole = own.groupby("within")[["n", "won"]].transform("sum").add_suffix("_all")
    found: pd.DataFrame = own.join(whole)[own["n"] < whole["n_all"]]
    return found


def _beside(tables: pd.DataFrame) -> pd.DataFrame:
    rate = (tables["won_all"] - tables["won"]) / (tables["n_all"] - tables["n"])
    rows = tables.assign(expected=tables["n"] * rate)
    groups = rows.groupby("slice", dropna=False, sort=True)
    sums = groups[["n", "won", "expected"]].sum().reset_index()
    made = sums.assign(n_beside=sums["n"], won_beside=sums["won"], others_rate=sums["expected"] / sums["n"])
    chances = [_chance_of(_counts(own)) for _, own in groups]
    found: pd.DataFrame = made.assign(chance=pd.Series(chances, dtype="float64"))[
        ["slice", "n_beside", "won_beside", "others_rate", "chance"]
    ]
    return found


def _counts(rows: pd.DataFrame) -> list[Table]:
    return [tuple(map(int, row)) for row in rows[["n", "won", "n_all", "won_all"]].to_numpy()]  # type: ignore[misc]


def _chance_of(tables: Sequence[Table]) -> float:
    """Probability, were all alike, of a number won that is as unlikely as the slice's, or more so (two-sided).

    Examples
    --------
    >>> round(_chance_of([(10, 2, 20, 10)]), 4)  # two of ten beside eight of ten
    0.023
    """
    likely, first = np.ones(1), 0
    for n, _, n_all, won_all in tables:
        start, one = _hypergeometric(n, n_all, won_all)
        likely, first = np.convolve(likely, one), first + start
    place = sum(won for _, won, _, _ in tables) - first
    if not 0 <= place < len(likely):
        return 0.0
    return float(min(likely[likely <= likely[place] * _ALIKE].sum(), 1.0))


def _hypergeometric(n: int, n_all: int, won_all: int) -> tuple[int, npt.NDArray[np.float64]]:
    """The least number won that counts, and the probabilities from there on."""
    from scipy.stats import hypergeom

    law = hypergeom(n_all, won_all, n)
    width = _NARROW * float(law.std()) + 1
    low = max(int(law.mean() - width), 0, n + won_all - n_all)
    high = min(int(law.mean() + width) + 1, n, won_all)
    return low, np.asarray(law.pmf(np.arange(low, high + 1)), dtype="float64")
