"""The simple models against the true probability of synthetic deals, at several sizes and ages of the company."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.models.ladder import BASELINES, LADDER
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline, win_probability
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.workspace import parse_workspace

UNTIL = date(2024, 12, 27)
Floats = npt.NDArray[np.float64]


@cache
def company() -> tuple[ScoringRows, ScoringRows, Floats, Floats]:
    """Rows to learn from, the deals open 12 weeks later, and their true chances: ever, and within 13 weeks of that."""
    made = make_pipeline(SyntheticSettings(n_opportunities=2_500, start=date(2022, 6, 1), seed=11))
    workspace = parse_workspace(workspace_yaml(made.settings))
    day = UNTIL + timedelta(weeks=12)
    learned = training_rows(made.tables, until=UNTIL, workspace=workspace)
    dated = [feature.name for feature in learned.features if feature.is_dated]  # the others may know the outcome
    learned = learned.with_features(dated)
    scored = scoring_rows(made.tables, day, workspace=workspace).with_features(dated)
    chances = [
        win_probability(made, as_of=day, by=by).set_index("opportunity_id")["win_probability"]
        for by in (None, day + timedelta(days=91))
    ]
    scored = scored.take(scored.keys["opportunity_id"].isin(chances[0].index).to_numpy())
    ever, soon = (chance.loc[scored.keys["opportunity_id"]].to_numpy() for chance in chances)
    return learned, scored, ever, soon


def log_loss(said: Floats, truth: Floats) -> float:
    """Mean over what may come: the truth is a probability itself."""
    inside = np.clip(said, 1e-4, 1 - 1e-4)
    return float(-(truth * np.log(inside) + (1 - truth) * np.log(1 - inside)).mean())


def losses(rows: ScoringRows, *names: str) -> list[float]:
    _, scored, ever, _ = company()
    models: dict[str, type[WinModel]] = {**BASELINES, **LADDER}  # type: ignore[dict-item]
    return [log_loss(models[name]().fit(rows).predict(scored).won_ever, ever) for name in names]


def some_deals(n_closed: int, *, seed: int) -> ScoringRows:
    """About so many closed deals, and the open ones of the same share."""
    rows = company()[0]
    deals = rows.keys["opportunity_id"]
    share = n_closed / deals[rows.is_closed].nunique()
    every = np.sort(deals.unique())
    kept = every[np.random.default_rng(seed).random(len(every)) < share]
    return rows.take(deals.isin(kept).to_numpy())


def test_with_twenty_deals_shrunken_rates_are_no_worse_than_set_odds_and_raw_ones_are() -> None:
    names = ("set_stage_odds", "observed_stage_odds", "stage_rates", "ridge_on_rates")
    found = np.mean([losses(some_deals(20, seed=seed), *names) for seed in range(8)], axis=0)
    set_odds, raw, shrunken, seven = found
    assert shrunken < set_odds + 0.01
    assert raw > shrunken + 0.1
    assert seven < shrunken  # it starts from them


def test_with_a_hundred_deals_seven_features_tell_more_and_plain_logistic_regression_less() -> None:
    names = ("stage_rates", "ridge_on_rates", "ridge", "logistic")
    rates, seven, every, plain = np.mean([losses(some_deals(100, seed=seed), *names) for seed in range(4)], axis=0)
    assert seven < rates - 0.03
    assert every < rates - 0.03
    assert plain > seven + 0.05


def test_with_all_deals_all_features_tell_most() -> None:
    names = ("base_rate", "observed_stage_odds", "stage_rates", "ridge_on_rates", "ridge")
    found = losses(company()[0], *names)
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[-2] - 0.005


def test_in_a_young_company_each_step_loses_less_than_plain_logistic_regression_and_the_lowest_least() -> None:
    rows, scored, ever, _ = company()
    for weeks in (13, 26):
        born = rows.keys["as_of"] - pd.to_timedelta(rows.values["age_days"], unit="D")
        young = rows.take((born >= rows.keys["as_of"].max() - pd.Timedelta(weeks=weeks)).to_numpy())
        mine = (scored.values["age_days"] <= 7 * weeks).to_numpy()
        models = {name: {**BASELINES, **LADDER}[name]() for name in ("logistic", "set_stage_odds", *LADDER)}
        said = {name: model.fit(young).predict(scored).won_ever[mine] for name, model in models.items()}
        found = {name: log_loss(chance, ever[mine]) for name, chance in said.items()}
        assert found["stage_rates"] < found["set_stage_odds"] + 0.02
        assert max(found[name] for name in LADDER) < found["logistic"]


def test_by_a_date_the_curve_of_the_stage_beats_what_a_crm_would_say() -> None:
    rows, scored, _, soon = company()
    said = {name: make().fit(rows).predict(scored).won_by(91.0) for name, make in {**BASELINES, **LADDER}.items()}
    found = {name: log_loss(chance, soon) for name, chance in said.items()}
    assert found["stage_rates"] < found["observed_stage_odds"]
    assert found["ridge"] < found["stage_rates"] - 0.03
    assert abs(said["ridge"].mean() - soon.mean()) < 0.05
