"""A published random-split figure and the honest one beside it, on a list of closed deals without dates.

    python benchmarks/published_split.py salvirt_b2b --repeats 5

Papers on such lists split rows at random. Where the same row stands in the list twice, one copy is then learnt and the
other is asked; a model that keeps single rows in mind looks better for it. Each model is judged three times on the same
rows, ten parts each: rows at random, identical rows in the same part, and identical rows once. The forest is
scikit-learn's, of the size that papers use; it stands for what is published.
"""

import argparse
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import OrdinalEncoder

from oppnb.history import open_source
from oppnb.scoring.candidates import make_model
from oppnb.scoring.folds import grouped_folds
from oppnb.scoring.leakage import audit_leakage
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.stages import open_data

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Predict = Callable[[ScoringRows, ScoringRows], Floats]
LEVELS = ("logistic", "ridge", "boosted_closed")


def main() -> None:
    """Judge every model on every split and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="the list, as oppnb train takes it")
    parser.add_argument("--repeats", type=int, default=5, help="shuffles of each split; figures are means over them")
    asked = parser.parse_args()
    rows = rows_of(asked.data)
    once = rows.take(~rows.values.astype("str").assign(won=rows.is_won).duplicated().to_numpy())
    splits = {
        "rows at random": (rows, random_parts),
        "identical rows together": (rows, lambda some, seed: grouped_folds(some, seed=seed)),
        "identical rows once": (once, random_parts),
    }
    models: dict[str, Predict] = {name: level(name) for name in LEVELS} | {"random forest": forest}
    found = []
    for split, (judged, parts) in splits.items():
        for name, predict in models.items():
            runs = [measures(judged, parts(judged, seed), predict) for seed in range(asked.repeats)]
            auc, loss = (np.array(values) for values in zip(*runs, strict=True))
            low, high = auc_interval(auc.mean(), judged)
            row = {"split": split, "n": len(judged), "model": name, "auc": auc.mean(), "low": low, "high": high}
            found.append({**row, "spread": auc.std(), "log_loss": loss.mean()})
    print(pd.DataFrame(found).round(3).to_string(index=False))


def rows_of(data: str) -> ScoringRows:
    """The closed deals with every field that a model may learn from."""
    opened = open_data(data, default_day=pd.Timestamp.now().date())
    source, settled = open_source(opened.tables), opened.workspace
    rows = training_rows(source, until=None, workspace=settled)
    rows = rows.take(rows.is_closed)
    audit = audit_leakage(rows, open_now=scoring_rows(source, None, workspace=settled))
    return rows.with_features(audit.kept)


def random_parts(rows: ScoringRows, seed: int) -> Ints:
    """Ten parts of rows, whatever stands in them."""
    return np.random.default_rng(seed).permutation(np.arange(len(rows)) % 10)


def level(name: str) -> Predict:
    """A level of our own."""
    return lambda known, asked: np.asarray(make_model(name).fit(known).predict(asked).won_ever)


def forest(known: ScoringRows, asked: ScoringRows) -> Floats:
    """A random forest on ordinal codes, as published."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(known.values.astype("str"))
    grown = RandomForestClassifier(500, random_state=0, n_jobs=1)
    grown.fit(codes.transform(known.values.astype("str")), known.is_won)
    return np.asarray(grown.predict_proba(codes.transform(asked.values.astype("str")))[:, 1])


def measures(rows: ScoringRows, part: Ints, predict: Predict) -> tuple[float, float]:
    """AUC and log loss of all rows, each asked of a model that learnt the other parts."""
    said = np.empty(len(rows))
    for one in range(part.max() + 1):
        said[part == one] = predict(rows.take(part != one), rows.take(part == one))
    won = np.asarray(rows.is_won, dtype="bool")
    return float(roc_auc_score(won, said)), float(log_loss(won, np.clip(said, 1e-6, 1 - 1e-6)))


def auc_interval(auc: float, rows: ScoringRows) -> tuple[float, float]:
    """95 %, Hanley and McNeil 1982."""
    n_won = int(np.asarray(rows.is_won, dtype="bool").sum())
    n_lost = len(rows) - n_won
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (n_won - 1) * (first - auc**2) + (n_lost - 1) * (second - auc**2)
    reach = 1.96 * np.sqrt(variance / (n_won * n_lost))
    return auc - reach, auc + reach


if __name__ == "__main__":
    main()
