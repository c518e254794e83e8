"""How near forecasts come to somebody who knows the law: error, score and coverage beside the oracle's.

    python benchmarks/forecast_truth.py --seeds 31,32 --deals 7000 --shock 0

The law of a synthetic pipeline says what is true of every open deal, known or hidden; the oracle knows it and the state
of every deal, but no shock of the running quarter or later. Forecasts stand on the Sunday before a quarter, and four
and eight weeks after it, with what was known then. `apart` is the root mean square distance of a forecast's mean to the
oracle's, over the mean of what came: it sees what is left to gain much earlier than the error does. `expected` is the
score a forecast can expect of what the oracle draws, over the mean of that: no luck of the quarters that came is in it,
so far fewer tell forecasts apart. `would_hold` is the share of the oracle's draws that an interval holds.

With `--by owner_id,product,region` nodes are judged too: one line a column, week and model, the scores of all nodes
added up, and the same differences; the oracle says nothing of nodes.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.forecasting import Distribution, Point, backtest_forecasts, compare_forecasts
from oppnb.forecasting.models import PointForecasts
from oppnb.history import open_source
from oppnb.history.book import read_book, weekly_days
from oppnb.periods import period_of
from oppnb.scoring.win_curves import win_curves
from oppnb.sources.synthetic import Laws, SyntheticSettings, make_pipeline, revenue_oracle
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.workspace import parse_workspace

WEEKS = (0, 4, 8)
LAST = date(2024, 12, 29)
QUARTERS = 8
BEFORE = 6
YEARS = 5
COVERAGES = (0.5, 0.8, 0.95)
EXPECTED = ("expected_crps", "expected_in_50", "expected_in_80", "expected_in_95")


def main() -> None:
    """Run every seed and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="31", help="comma-separated")
    parser.add_argument("--deals", type=int, default=7_000, help="of seven years")
    parser.add_argument(
        "--shock", type=float, default=0.0, help="standard deviation of what all deals of a quarter share"
    )
    parser.add_argument("--by", default="", help="comma-separated columns whose nodes are judged too")
    asked = parser.parse_args()
    columns = [name for name in asked.by.split(",") if name]
    parts, of_nodes = [], []
    for seed in (int(text) for text in asked.seeds.split(",")):
        began = time.process_time()
        rows, nodes = measured(seed, asked.deals, asked.shock, by=columns)
        parts.append(rows)
        of_nodes.append(nodes)
        print(f"seed {seed}: {time.process_time() - began:.0f} CPU s", flush=True)
    rows = pd.concat(parts, ignore_index=True)
    print(summary(rows).to_string(index=False))
    print(differences(rows).to_string(index=False))
    print(expected_differences(rows).to_string(index=False))
    print(above_oracle(rows).to_string(index=False))
    for column in columns:
        nodes = pd.concat(of_nodes, ignore_index=True).query("by == @column")
        print(f"\nby {column}, {nodes.drop_duplicates(['seed', 'node']).shape[0]} nodes")
        print(summary(nodes).dropna(axis=1, how="all").to_string(index=False))
        print(differences(of_days(nodes)).to_string(index=False))


def measured(seed: int, deals: int, shock: float, *, by: Sequence[str] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The backtest of one pipeline with the oracle among the models, `oracle_mean` beside every row; and of nodes."""
    laws = Laws(shock_sd=shock)
    settings = SyntheticSettings(
        n_opportunities=deals, start=date(2018, 1, 1), end=date(2024, 12, 31), seed=seed, laws=laws
    )
    made = make_pipeline(settings)
    workspace = parse_workspace(workspace_yaml(settings))
    source = open_source(made.tables)
    days = weekly_days(LAST, weeks=52 * YEARS)
    book = read_book(source, days, workspace=workspace)
    book = book.with_columns(win_curves(source, days[52:], workspace=workspace))
    judged = points(-BEFORE)
    found = backtest_forecasts(book, judged, report_from=points(0)[0].day, by=by, keep=points(0))
    oracle = {
        pd.Timestamp(point.day): Distribution.of(revenue_oracle(made, as_of=point.day, period=point.period))
        for point in points(0)
    }
    rows = pd.concat([found.frame, oracle_rows(oracle, found.frame)], ignore_index=True)
    means = rows["as_of"].map({day: told.mean for day, told in oracle.items()})
    rows = rows.merge(expected_scores(found.said, oracle), on=["as_of", "model"])
    rows = rows.assign(oracle_mean=means, seed=seed, stand=rows["as_of"].map(stands()))
    if not by:
        return rows, found.nodes
    unknown = dict.fromkeys(["oracle_mean", *EXPECTED], np.nan)
    return rows, found.nodes.assign(**unknown, seed=seed, stand=found.nodes["as_of"].map(stands()))


def points(first: int) -> list[Point]:
    """Where forecasts stand, from so many quarters before the first judged one."""
    found = []
    for back in range(first, QUARTERS):
        quarter = period_of(LAST).shift(back - QUARTERS + 1)
        eve = quarter.start - timedelta(days=1)
        sunday = eve - timedelta(days=(eve.weekday() + 1) % 7)
        found += [Point(sunday + timedelta(weeks=week), quarter) for week in WEEKS]
    return found


def stands() -> dict[pd.Timestamp, int]:
    """Week of each day in its quarter."""
    return {pd.Timestamp(point.day): WEEKS[place % len(WEEKS)] for place, point in enumerate(points(0))}


def oracle_rows(oracle: Mapping[pd.Timestamp, Distribution], frame: pd.DataFrame) -> pd.DataFrame:
    """What whoever knows the law would have said."""
    days = frame.drop_duplicates("as_of").set_index("as_of")
    rows = []
    for day, told in oracle.items():
        actual = float(days["actual"][day])
        row: dict[str, object] = {"as_of": day, "period": days["period"][day], "model": "oracle"}
        row |= {"forecast": told.mean, "actual": actual, "crps": told.crps(actual), "is_baseline": False}
        for coverage in COVERAGES:
            low, high = told.interval(coverage)
            row[f"in_{round(100 * coverage)}"] = low <= actual <= high
        rows.append(row)
    return pd.DataFrame(rows)


def expected_scores(said: Sequence[PointForecasts], oracle: Mapping[pd.Timestamp, Distribution]) -> pd.DataFrame:
    """Mean CRPS of each forecast over what the oracle draws, in hundredths of its distribution, and what it holds."""
    places = (np.arange(100) + 0.5) / 100
    rows = []
    for one in said:
        day = pd.Timestamp(one.parts.point.day)
        drawn = oracle[day].quantiles(places)
        for model, told in {**one.forecasts, "oracle": oracle[day]}.items():
            row: dict[str, object] = {"as_of": day, "model": model}
            row["expected_crps"] = float(np.mean([told.crps(float(figure)) for figure in drawn]))
            for coverage in COVERAGES:
                low, high = told.interval(coverage)
                row[f"expected_in_{round(100 * coverage)}"] = float(((drawn >= low) & (drawn <= high)).mean())
            rows.append(row)
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """One line a week and model, the nearest first."""
    found = []
    for (week, model), group in rows.groupby(["stand", "model"]):
        actual = float(group["actual"].sum())
        gap = group["forecast"] - group["actual"]
        apart = np.sqrt(float(((group["forecast"] - group["oracle_mean"]) ** 2).mean())) / float(group["actual"].mean())
        told = {"week": week, "model": model, "n": len(group), "error": float(gap.abs().sum()) / actual}
        told |= {"bias": float(gap.sum()) / actual, "crps": float(group["crps"].sum()) / actual, "apart": apart}
        told |= {"expected": float(group["expected_crps"].sum()) / float(group["oracle_mean"].sum() or np.nan)}
        told |= {f"held_{level}": float(group[f"in_{level}"].astype("float64").mean()) for level in (50, 80, 95)}
        told |= {f"would_hold_{level}": float(group[f"expected_in_{level}"].mean()) for level in (50, 80, 95)}
        found.append(told)
    return pd.DataFrame(found).sort_values(["week", "crps"], ignore_index=True).round(4)


def of_days(nodes: pd.DataFrame) -> pd.DataFrame:
    """Scores and errors of all nodes of a day added up: nodes of one company share its fate."""
    gap = (nodes["forecast"] - nodes["actual"]).abs()
    keys = ["seed", "stand", "as_of", "period", "model", "is_baseline"]
    found = nodes.assign(gap=gap).groupby(keys, as_index=False)[["crps", "actual", "gap"]].sum()
    return found.assign(forecast=found["actual"] + found["gap"])


def differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Our own and the mean less the conversion table, over what came; quarters of all pipelines drawn anew."""
    named = rows.assign(period=rows["seed"].astype("str") + " " + rows["period"])
    found = []
    for week, group in named.groupby("stand"):
        # days are those of the pipeline: the same Sunday of another one is another day
        pairs = group.assign(as_of=group["seed"].astype("str") + " " + group["as_of"].astype("str"))
        for model in ("combination", "win_curves"):
            for measure in ("crps", "error"):
                told = compare_forecasts(pairs, model, measure=measure)
                found.append(told[told["against"].isin(["conversion_table", "oracle"])].assign(week=week))
    return pd.concat(found, ignore_index=True).round(4)


def expected_differences(rows: pd.DataFrame) -> pd.DataFrame:
    """The same of expected scores; whole pipelines drawn anew, as the quarters of one share what was learnt wrong."""
    told = rows.assign(crps=rows["expected_crps"], actual=rows["oracle_mean"], period=rows["seed"].astype("str"))
    found = []
    for week, group in told.groupby("stand"):
        pairs = group.assign(as_of=group["period"] + " " + group["as_of"].astype("str"))
        for model in ("combination", "win_curves"):
            compared = compare_forecasts(pairs, model)
            found.append(compared.query("against == 'conversion_table'").assign(week=week, measure="expected"))
    return pd.concat(found, ignore_index=True).round(4)


def above_oracle(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores over the oracle's; `low` and `high` of 95 %, quarters drawn anew, pipelines for expected."""
    rng = np.random.default_rng(0)
    found = []
    for week, group in rows.groupby("stand"):
        for measure, keys in (("crps", ["seed", "period"]), ("expected_crps", ["seed"])):
            sums = group.pivot_table(index=keys, columns="model", values=measure, aggfunc="sum")
            drawn = rng.integers(0, len(sums), (2_000, len(sums)))
            for model in ("combination", "win_curves", "conversion_table"):
                own, oracle = sums[model].to_numpy(), sums["oracle"].to_numpy()
                low, high = np.quantile(own[drawn].sum(axis=1) / oracle[drawn].sum(axis=1), [0.025, 0.975])
                told = {"week": week, "model": model, "measure": measure, "over_oracle": own.sum() / oracle.sum()}
                found.append({**told, "low": low, "high": high})
    return pd.DataFrame(found).round(3)


if __name__ == "__main__":
    main()
