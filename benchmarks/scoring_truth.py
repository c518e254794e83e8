"""Every model of winning against the true probability of synthetic deals, for seeds, sizes and laws.

    python benchmarks/scoring_truth.py --seeds 11,12,13 --deals 3000 --laws plain,bent

Each pipeline is made anew; models learn what was known on a Friday and score the deals open then. The law says what is
true of each: so the distance is to the truth, not to outcomes. `--thin 100,400` learns from a random part of the deals
with so many closed; `--weeks 26` asks that many weeks after the first day; `--chosen` adds the model that the backtest
would choose. Lines are means over seeds; a line in brackets below is the spread (standard deviation) over seeds.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.backtest import rolling_backtest
from oppnb.scoring.candidates import candidate_models, make_model, n_closed_deals
from oppnb.scoring.choice import choose_models
from oppnb.scoring.intervals import Doubt, learn_doubt, win_rate_intervals
from oppnb.scoring.judged import logit
from oppnb.scoring.measures import equal_bins
from oppnb.scoring.prediction import Prediction, WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.spread import logit_sd
from oppnb.scoring.training import doubt_of, fit_chosen
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.oracle import win_probability
from oppnb.sources.synthetic.settings import Laws
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.workspace import parse_workspace

Floats = npt.NDArray[np.float64]

LAWS = {"plain": Laws(), "bent": Laws(crossed=0.8, threshold=0.6)}
MODELS = "observed_stage_odds,logistic,stage_rates,ridge_on_rates,ridge,boosted_closed,boosted_hazard,spline_hazard"
AS_OF = date(2025, 6, 27)
DAYS = 91
LEFT_OUT = ("n_line_items",)  # written once the quote is made: the audit leaves it out


@dataclass(frozen=True)
class Case:
    """What one company knew on the day, and what was true."""

    rows: ScoringRows
    now: ScoringRows
    ever: Floats
    soon: Floats


def make_case(seed: int, n_deals: int, law: str, *, as_of: date = AS_OF) -> Case:
    """A pipeline, the rows known on the day, and the truth of the deals open on it."""
    made = make_pipeline(SyntheticSettings(n_opportunities=n_deals, seed=seed, laws=LAWS[law]))
    workspace = parse_workspace(workspace_yaml(made.settings))
    rows = training_rows(made.tables, until=as_of, workspace=workspace)
    now = scoring_rows(made.tables, as_of, workspace=workspace)
    names = [feature.name for feature in rows.features if feature.name not in LEFT_OUT]
    found = [
        win_probability(made, as_of=as_of, by=by).set_index("opportunity_id")["win_probability"]
        for by in (None, as_of + timedelta(days=DAYS))
    ]
    ever, soon = (truth.reindex(now.keys["opportunity_id"]).to_numpy(dtype="float64") for truth in found)
    return Case(rows.with_features(names), now.with_features(names), ever, soon)


def thinned(case: Case, n_closed: int, *, seed: int) -> Case:
    """The same open deals, learned from a random part of the deals."""
    deals = case.rows.keys["opportunity_id"]
    every = np.unique(deals.to_numpy(dtype="str"))
    share = min(n_closed / max(deals[case.rows.is_closed].nunique(), 1), 1.0)
    kept = np.random.default_rng(seed).choice(every, size=round(share * len(every)), replace=False)
    return Case(case.rows.take(deals.isin(kept).to_numpy(dtype=bool)), case.now, case.ever, case.soon)


def judge(case: Case, said: Prediction, sd: Floats, doubt: Doubt | None = None) -> dict[str, float]:
    """Distance to the truth, expected log loss, slope, bias, coverage; and the first four by the date."""
    found = against(case.ever, said.won_ever) | coverage(case.ever, said.won_ever, sd, doubt)
    return found | {f"{name} {DAYS}d": value for name, value in against(case.soon, said.won_by(float(DAYS))).items()}


def against(truth: Floats, p: Floats) -> dict[str, float]:
    """Mean absolute distance, expected log loss, calibration slope and bias."""
    sure = np.clip(p, 1e-6, 1 - 1e-6)
    loss = -np.mean(truth * np.log(sure) + (1 - truth) * np.log(1 - sure))
    return {
        "distance": float(np.abs(truth - p).mean()),
        "log loss": float(loss),
        "slope": slope(truth, sure),
        "bias": float((p - truth).mean()),
    }


def slope(truth: Floats, p: Floats) -> float:
    """Slope of the logistic regression of the truth on the stated log odds: 1 is calibrated, below 1 too sure."""
    design = np.stack([np.ones(len(p)), logit(p)], axis=1)
    found = np.array([0.0, 1.0])
    for _ in range(25):
        share = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        curvature = (design * (share * (1 - share))[:, None]).T @ design + 1e-6 * np.eye(2)
        found = found + np.linalg.solve(curvature, design.T @ (truth - share))
    return float(found[1])


def coverage(truth: Floats, p: Floats, sd: Floats, doubt: Doubt | None) -> dict[str, float]:
    """How often the mean interval of a tenth of the deals holds their mean truth; equal scores stay together."""
    ends = win_rate_intervals(p, sd, doubt=doubt)
    tenth = equal_bins(p, np.ones(len(p)), 10)
    means = ends.assign(truth=truth).groupby(tenth).mean()
    return {
        f"held {level}%": float(means["truth"].between(means[f"low_{level}"], means[f"high_{level}"]).mean())
        for level in (80, 95)
    }


def fitted(name: str, rows: ScoringRows) -> tuple[WinModel, Doubt]:
    """A model by name, and its doubt by a backtest of its own; `chosen`: by a backtest of all candidates."""
    if name != "chosen":
        return make_model(name).fit(rows), learn_doubt(rolling_backtest(rows, [partial(make_model, name)]), name)
    backtest = rolling_backtest(rows, candidate_models(rows))
    choice = choose_models(backtest)
    model = fit_chosen(rows, choice, backtest)
    return model, doubt_of(backtest, choice, model)


def measured(name: str, case: Case) -> dict[str, float]:
    """One line; the time is that of the fit and its backtest."""
    start = time.process_time()
    model, doubt = fitted(name, case.rows)
    spent = time.process_time() - start
    return judge(case, model.predict(case.now), logit_sd(model, case.now), doubt) | {"CPU s": spent}


def cases(given: argparse.Namespace, law: str) -> Iterator[tuple[str, list[Case]]]:
    """Titles with a case a seed."""
    seeds = [int(seed) for seed in given.seeds.split(",")]
    as_of = AS_OF if not given.weeks else date(2023, 1, 6) + timedelta(weeks=given.weeks)
    whole = [make_case(seed, given.deals, law, as_of=as_of) for seed in seeds]
    closed = np.mean([sum(n_closed_deals(case.rows)) for case in whole])
    if not given.thin:
        yield f"{law}, {closed:,.0f} closed deals", whole
    for n_closed in [int(part) for part in given.thin.split(",") if part]:
        thin = [thinned(case, n_closed, seed=seed) for case, seed in zip(whole, seeds, strict=True)]
        yield f"{law}, thinned to {n_closed} closed deals", thin


def main() -> int:
    """Print a table for each law and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="11,12,13")
    parser.add_argument("--deals", type=int, default=3_000, help="opportunities in three years")
    parser.add_argument("--laws", default="plain,bent")
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--thin", default="", help="closed deals, separated by commas")
    parser.add_argument("--weeks", type=int, default=0, help="weeks of history; by default 129")
    parser.add_argument("--chosen", action="store_true")
    given = parser.parse_args()
    names = [*given.models.split(","), *(["chosen"] if given.chosen else [])]
    for law in given.laws.split(","):
        for title, each in cases(given, law):
            show(title, names, lambda name, each=each: pd.DataFrame([measured(name, case) for case in each]))
    return 0


def show(title: str, names: list[str], measure: Callable[[str], pd.DataFrame]) -> None:
    """Means over seeds, and the spread below."""
    print(f"\n{title}", flush=True)
    for place, name in enumerate(names):
        lines = measure(name)
        if place == 0:
            print(f"{'':<22}" + "".join(f"{column:>13}" for column in lines.columns))
        print(f"{name:<22}" + "".join(f"{value:>13.3f}" for value in lines.mean()))
        if len(lines) > 1:
            print(f"{'':<22}" + "".join(f"{f'({value:.3f})':>13}" for value in lines.std()), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
