"""Scoring and reasons of 100k open deals, and training on 100k closed ones, against LightGBM with shap.TreeExplainer.

    python benchmarks/scoring.py --deals 100k

The data are made here (seeded; thresholds and crossings in the law). Each arm runs in a process of its own and prints
a line: CPU and wall seconds of the fit, of scoring, of the reasons, and the peak of the process. Skill is the log loss
against the true probabilities of the scored deals. Not a timed test: it fails only if a sum of reasons is off by 1e-9.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from oppnb.scoring.rows import Feature, ScoringRows
from oppnb.scoring.threads import n_threads
from oppnb.workspace.models import Calendar

ARMS = ("boosted_closed", "boosted_hazard", "spline_hazard", "lightgbm 15 leaves", "lightgbm hazard 8 leaves")
N_NUMBERS = 22
GROUPS = ("stage", "timing", "activity", "amount", "account", "people")


def main() -> int:
    """Run the arms and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", default="100k", help="closed deals to learn from, and open deals to score")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    given = parser.parse_args()
    n_deals = int(given.deals.replace("k", "000"))
    if given.arm:
        print(json.dumps(run_arm(given.arm, n_deals)))
        return 0
    print(f"{n_deals} deals learned from, {n_deals} scored, {n_threads()} threads")
    parts = ("fit CPU", "fit wall", "score CPU", "reasons CPU", "reasons wall", "log loss", "sum off by", "peak MB")
    print(f"{'arm':<26}" + "".join(f"{part:>14}" for part in parts))
    worst = 0.0
    for arm in given.arms.split(","):
        found = start_arm(arm, n_deals)
        print(f"{arm:<26}" + "".join(f"{found[part]:>14.4g}" for part in parts), flush=True)
        worst = max(worst, found["sum off by"] if "lightgbm" not in arm else 0.0)
    return 0 if worst < 1e-9 else 1


def start_arm(arm: str, n_deals: int) -> dict[str, float]:
    """Run an arm in a process of its own, with thread counts set for every library."""
    threads = {name: str(n_threads()) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPPNB_THREADS")}
    command = [sys.executable, __file__, "--deals", str(n_deals), "--arm", arm]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **threads})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_arm(arm: str, n_deals: int) -> dict[str, float]:
    """Fit, score, give reasons; measure each."""
    training, _ = make_deals(n_deals, seed=0)
    asked, truth = make_deals(n_deals, seed=1)
    make = own_arm if not arm.startswith("lightgbm") else lightgbm_arm
    fit, score, reasons = make(arm, training, asked)
    measured: dict[str, float] = {}
    for name, work in (("fit", fit), ("score", score), ("reasons", reasons)):
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        measured[f"{name} CPU"], measured[f"{name} wall"] = time.process_time() - cpu, time.perf_counter() - wall
        if name == "score":
            chance = np.clip(found, 1e-6, 1 - 1e-6)
            measured["log loss"] = float(-np.mean(truth * np.log(chance) + (1 - truth) * np.log(1 - chance)))
        if name == "reasons":
            measured["sum off by"] = float(found)
    return {**measured, "peak MB": peak_megabytes()}


def peak_megabytes() -> float:
    """Largest resident size of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make_deals(n: int, *, seed: int) -> tuple[ScoringRows, np.ndarray]:
    """One row a deal, 28 features, and the true probability of being won; a tenth is not followed to its end."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(n, N_NUMBERS))
    texts = random.integers(0, 8, size=(n, 6))
    score = numbers[:, :8] @ np.linspace(0.5, 0.1, 8) + np.where(numbers[:, 0] > 0, 0.6, -0.6) * np.sign(numbers[:, 9])
    score = (
        score + 0.8 * (numbers[:, 10] > 0.7) + 0.12 * texts[:, 0] - 0.6 - 0.5 * ((texts[:, 1] % 2) * (texts[:, 2] > 3))
    )
    truth = 1 / (1 + np.exp(-score))
    days = 7.0 * random.geometric(np.clip(0.07 * np.exp(0.3 * numbers[:, 11]), 0.01, 0.9)) - random.uniform(0, 6.9, n)
    followed = random.uniform(60, 800, size=n)
    numbers[random.random((n, N_NUMBERS)) < 0.05] = np.nan
    values = pd.DataFrame({f"number_{place}": numbers[:, place] for place in range(N_NUMBERS)})
    for place in range(6):
        values[f"text_{place}"] = pd.Series([f"t{text}" for text in texts[:, place]])
    features = tuple(
        Feature(str(name), GROUPS[place % len(GROUPS)], "number" if place < N_NUMBERS else "category")
        for place, name in enumerate(values.columns)
    )
    as_of = pd.Timestamp("2024-01-05") + pd.to_timedelta(7 * random.integers(0, 90, size=n), unit="D")
    keys = pd.DataFrame(
        {
            "opportunity_id": [f"D{seed}{place:07}" for place in range(n)],
            "as_of": as_of if seed == 0 else pd.Timestamp("2026-01-02"),
            "process": "sales",
            "stage": values["text_0"],
            "stage_position": texts[:, 0] + 1.0,
            "set_odds": np.nan,
            "amount_base": 1000.0,
            "owner_id": "U1",
        }
    )
    keys["expected_close_on"] = keys["as_of"] + pd.to_timedelta(random.integers(-30, 150, size=n), unit="D")
    end = np.where(days > followed, "open", np.where(random.random(n) < truth, "won", "lost"))
    ends = pd.DataFrame({"end": end, "days_to_end": np.minimum(days, followed)})
    return ScoringRows(keys, values, features, ends, Calendar()), truth


Work = tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]


def own_arm(arm: str, training: ScoringRows, asked: ScoringRows) -> Work:
    """One of oppnb's models."""
    from oppnb.scoring.models.boosted_closed import BoostedClosed
    from oppnb.scoring.models.boosted_hazard import BoostedHazard
    from oppnb.scoring.models.spline_hazard import SplineHazard

    model = {"boosted_closed": BoostedClosed, "boosted_hazard": BoostedHazard, "spline_hazard": SplineHazard}[arm]()
    said: dict[str, np.ndarray] = {}

    def score() -> np.ndarray:
        said["chance"] = model.predict(asked).won_ever
        return said["chance"]

    def reasons() -> float:
        parts = model.contributions(asked)
        return float(np.abs(parts.base + parts.values.sum(axis=1) - said["chance"]).max())

    return (lambda: model.fit(training)), score, reasons


def lightgbm_arm(arm: str, training: ScoringRows, asked: ScoringRows) -> Work:
    """Plain LightGBM on closed deals, explained by shap.TreeExplainer (in logits; the hazard at one lead of 27)."""
    import lightgbm
    import shap

    from oppnb.scoring.engine.columns import RowBins
    from oppnb.scoring.engine.leads import N_LEADS, lead_rows
    from oppnb.scoring.prediction import LEAD_DAYS

    is_hazard = "hazard" in arm
    bins = RowBins.of(training, weight=np.ones(len(training)))
    seen, new = bins.codes(training).astype("float32"), bins.codes(asked).astype("float32")
    assert training.ends is not None
    settings = {"num_leaves": 8 if is_hazard else 15, "verbosity": -1, "num_threads": n_threads(), "seed": 0}
    settings |= {"objective": "multiclass", "num_class": 3} if is_hazard else {"objective": "binary"}
    if is_hazard:
        leads = lead_rows(training.ends["days_to_end"].to_numpy(), training.is_closed)
        target = leads.ended * np.where(training.is_won, 1, 2)[leads.row]
        values = np.column_stack([seen[leads.row], leads.lead])
    else:
        values, target = seen[training.is_closed], training.is_won[training.is_closed]
    fitted: dict[str, Any] = {}

    def fit() -> None:
        data = lightgbm.Dataset(values, target)
        fitted["trees"] = lightgbm.train(settings, data, 120 if is_hazard else 200)

    def score() -> np.ndarray:
        if not is_hazard:
            return np.asarray(fitted["trees"].predict(new, num_threads=n_threads()))
        still, won, late = np.ones(len(new)), np.zeros(len(new)), []
        for lead in range(N_LEADS):
            chance = fitted["trees"].predict(np.column_stack([new, np.full(len(new), lead)]), num_threads=n_threads())
            won += still * chance[:, 1]
            still = still * chance[:, 0]
            late.append(chance[:, 1] / (chance[:, 1] + chance[:, 2]))
        return won + still * np.mean(late[-3:], axis=0)

    def reasons() -> float:
        rows = np.column_stack([new, np.full(len(new), 4)]) if is_hazard else new
        explained = shap.TreeExplainer(fitted["trees"])(rows)
        values, base = np.asarray(explained.values), np.asarray(explained.base_values)
        raw = fitted["trees"].predict(rows, raw_score=True, num_threads=n_threads())
        return float(np.abs(values.sum(axis=1) + base - raw).max())

    assert len(LEAD_DAYS) == N_LEADS
    return fit, score, reasons


if __name__ == "__main__":
    sys.exit(main())
