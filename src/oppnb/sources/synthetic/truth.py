"""What is really true of the synthetic pipeline: every deal's law, and what follows from it. For tests only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import BACK, FORWARD, LOST, SILENT, SKIP, Chain
from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.dwell import mean_and_survival
from oppnb.sources.synthetic.lives import IS_LOST, Lives
from oppnb.sources.synthetic.records import stage_names
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks

__all__ = ["SyntheticTruth", "tell_truth"]


@dataclass(frozen=True)
class SyntheticTruth:
    """The truth, as frames. Where the laws have shocks, every probability and length is that at a shock of zero.

    Attributes
    ----------
    settings : dict
        The laws in figures, and per process and stage the expectations over the deals that entered it.
    deals : DataFrame
        One row a deal: `opportunity_id`, `process`, `score`, `quality`, `engagement`, `size_class`, `quote`,
        `silent_week_on` (Monday of the week in which it fell silent; null if it has not), `win_probability` (on the
        first day, of winning ever), `win_probability_by_end` (of winning by the last day).
    deal_stages : DataFrame
        One row a deal and stage of its process: `forward`, `skip`, `back`, `lost`, `silent` (weekly intensities) and
        `win_probability`, `beyond_probability` (of ever winning, of ever coming beyond the stage, while active in it).
    spells : DataFrame
        One row a stay in an open stage: `opportunity_id`, `spell`, `stage`, `entered_at`, `is_first_entry`,
        `next_is_beyond` (probability that the next stage lies beyond, or is won), `next_is_lost` (lost, at once or
        after silence), `win_probability_by_end`, `beyond_by_end` (probabilities by the last day), `left_by_end`,
        `mean_days` (expected length were the data endless).
    dwell : DataFrame
        Per process, stage and `days` (0, 7, 14, …): `survival`, the expected share of its stays still going on.
    """

    settings: dict[str, Any]
    deals: pd.DataFrame
    deal_stages: pd.DataFrame
    spells: pd.DataFrame
    dwell: pd.DataFrame


def tell_truth(
    settings: SyntheticSettings, weeks: Weeks, *, deals: Deals, chain: Chain, lives: Lives
) -> SyntheticTruth:
    """Work out the probabilities from the law of every deal."""
    spells = _spells(settings, weeks, chain=chain, lives=lives)
    dwell = mean_and_survival(settings, weeks, chain=chain, spells=spells)
    spells["mean_days"] = dwell.mean_days
    first = spells.groupby("deal", sort=True)["win_probability_by_end"].first().to_numpy()
    win = chain.reach(chain.n_stages)
    names = ["opportunity_id", "process", "stage"]
    spells = spells.assign(
        opportunity_id=deals.ids()[spells["deal"]],
        process=np.array([one.name for one in settings.processes], dtype=object)[deals.process[spells["deal"]]],
        stage=stage_names(settings, deals.process[spells["deal"]], spells["position"].to_numpy()),
    ).astype(dict.fromkeys(names, "str"))
    return SyntheticTruth(
        settings=_figures(settings, weeks, spells),
        deals=_deals(settings, weeks, deals=deals, lives=lives, win=win, by_end=first),
        deal_stages=_deal_stages(settings, deals, chain, win),
        spells=spells[
            ["opportunity_id", "process", "spell", "stage", "entered_at", "is_first_entry", "next_is_beyond",
             "next_is_lost", "win_probability_by_end", "beyond_by_end", "left_by_end", "mean_days"]
        ],
        dwell=dwell.survival,
    )  # fmt: skip


def _spells(settings: SyntheticSettings, weeks: Weeks, *, chain: Chain, lives: Lives) -> pd.DataFrame:
    is_open = (lives.stage != IS_LOST) & (lives.stage < chain.n_stages[lives.deal])
    rows = np.flatnonzero(is_open)
    deal, stage, week = lives.deal[rows], lives.stage[rows], lives.week[rows]
    branch = chain.branches[deal, stage]
    frame = pd.DataFrame(
        {
            "deal": deal,
            "position": stage,
            "week": week,
            "entered_at": lives.moment[rows].astype("datetime64[us]"),
            "next_is_beyond": branch[:, FORWARD] + branch[:, SKIP],
            "next_is_lost": branch[:, LOST] + branch[:, SILENT],
            "next_is_back": branch[:, BACK],
        }
    )
    frame["spell"] = frame.groupby("deal").cumcount() + 1
    frame["is_first_entry"] = ~frame.duplicated(["deal", "position"])
    rush = weeks.rush(settings)
    frame["win_probability_by_end"] = _by_end(chain, weeks, rush, spells=frame, target=chain.n_stages)
    frame["beyond_by_end"] = np.nan
    for position in range(settings.n_stages):
        here = frame["position"] == position
        target = np.minimum(position + 1, chain.n_stages)
        frame.loc[here, "beyond_by_end"] = _by_end(chain, weeks, rush, spells=frame[here], target=target)
    return frame


def _by_end(
    chain: Chain, weeks: Weeks, rush: NDArray[np.float64], *, spells: pd.DataFrame, target: NDArray[np.int64]
) -> NDArray[np.float64]:
    found = np.zeros(len(spells))
    deal, position = spells["deal"].to_numpy(), spells["position"].to_numpy()
    rows_of = {int(week): rows for week, rows in spells.groupby("week").indices.items()}  # type: ignore[call-overload]
    for week, value in chain.reach_by_end(target, weeks, rush):
        rows = rows_of.get(week)
        if rows is not None:
            found[rows] = value[deal[rows], position[rows]]
    return found


def _deals(
    settings: SyntheticSettings,
    weeks: Weeks,
    *,
    deals: Deals,
    lives: Lives,
    win: NDArray[np.float64],
    by_end: NDArray[np.float64],
) -> pd.DataFrame:
    silent = pd.Series(weeks.mondays(lives.silent_week).astype("datetime64[us]")).where(lives.silent_week >= 0)
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids(), dtype="str"),
            "process": pd.Series([settings.processes[position].name for position in deals.process], dtype="str"),
            "score": deals.score,
            "quality": deals.quality,
            "engagement": deals.engagement,
            "size_class": deals.size.astype("float64"),
            "quote": deals.quote,
            "silent_week_on": silent,
            "win_probability": win[:, 0],
            "win_probability_by_end": by_end,
        }
    )


def _deal_stages(settings: SyntheticSettings, deals: Deals, chain: Chain, win: NDArray[np.float64]) -> pd.DataFrame:
    deal, position = np.nonzero(np.arange(settings.n_stages)[None, :] < chain.n_stages[:, None])
    beyond = np.stack(
        [chain.reach(np.minimum(stage + 1, chain.n_stages))[:, stage] for stage in range(settings.n_stages)], axis=1
    )
    causes = {"forward": FORWARD, "skip": SKIP, "back": BACK, "lost": LOST, "silent": SILENT}
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids()[deal], dtype="str"),
            "stage": pd.Series(stage_names(settings, deals.process[deal], position), dtype="str"),
            **{name: chain.intensities[deal, position, cause] for name, cause in causes.items()},
            "win_probability": win[deal, position],
            "beyond_probability": beyond[deal, position],
        }
    )


def _figures(settings: SyntheticSettings, weeks: Weeks, spells: pd.DataFrame) -> dict[str, Any]:
    laws = settings.laws
    columns = ["next_is_beyond", "next_is_lost", "beyond_by_end", "win_probability_by_end", "left_by_end", "mean_days"]
    stages = [
        {"process": process.name, "stage": stage.name}
        | {"n_stays": int(mine.sum()), "n_deals": int((mine & spells["is_first_entry"]).sum())}
        | {f"mean_{name}": round(float(spells.loc[mine, name].mean()), 6) for name in columns}
        for process in settings.processes
        for stage in process.stages
        for mine in [(spells["process"] == process.name) & (spells["stage"] == stage.name)]
    ]
    return {
        "n_opportunities": settings.n_opportunities,
        "seed": settings.seed,
        "first_monday": weeks.monday.isoformat(),
        "last_day": settings.end.isoformat(),
        "rush": {"last_weeks_of_quarter": list(laws.rush), "else": laws.rush_else},
        "effects": {
            "source": dict(laws.source),
            "industry": dict(laws.industry),
            "size_class": list(laws.size_class),
            "skill_sd": laws.skill_sd,
            "quality": laws.quality,
            "engagement": laws.engagement,
            "slowness": laws.slowness,
        },
        "clean_up_weekly": laws.clean_up_weekly,
        "reopen_share": laws.reopen_share,
        "return_weekly": laws.return_weekly,
        "stages": stages,
    }
