"""Who added accuracy, and at which horizon."""

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, ParameterError
from oppnb.forecasting import accuracy_by_source
from oppnb.forecasting.accuracy import spoken_by_people

NODES = ("region=East", "region=West")
NOBODY = pd.DataFrame(columns=["as_of", "period", "node", "value"])


def quarters(count: int) -> list[str]:
    return [f"{2015 + number // 4}Q{number % 4 + 1}" for number in range(count)]


def made(
    n_periods: int = 12, *, seed: int = 1, noise: dict[str, float] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecasts of several models with their own noise, on four days a quarter, and what came."""
    rng = np.random.default_rng(seed)
    noise = noise or {"model": 10.0, "rep": 30.0, "blend": 5.0}
    said, came = [], []
    for period in quarters(n_periods):
        end = pd.Period(period, freq="Q").end_time.normalize()
        for node in NODES:
            actual = float(rng.uniform(80, 120))
            came.append({"period": period, "node": node, "value": actual})
            for weeks in (0, 4, 8, 12):
                for model, sd in noise.items():
                    value = actual + sd * rng.normal()
                    row = {"as_of": end - pd.Timedelta(weeks=weeks), "period": period, "node": node}
                    said.append({**row, "model": model, "quantity": "mean", "value": value})
    return pd.DataFrame(said), pd.DataFrame(came)


def overall(found: pd.DataFrame) -> pd.DataFrame:
    return found[found["weeks_from"].isna()].set_index("source")


def test_the_reference_adds_nothing_to_itself_and_a_copy_of_it_neither() -> None:
    said, came = made(noise={"model": 10.0})
    both = pd.concat([said, said.assign(model="copy")])
    found = overall(accuracy_by_source(both, NOBODY, came))
    assert found["verdict"].to_dict() == {"copy": "not_clear", "model": "reference"}
    assert (found["added"] == 0).all()
    assert found.loc["copy", ["added_low", "added_high"]].tolist() == [0, 0]


def test_errors_are_those_of_a_hand_made_table() -> None:
    day = pd.Timestamp("2024-03-03")
    said = pd.DataFrame(
        [
            {"as_of": day, "period": "2024Q1", "node": node, "model": model, "quantity": "mean", "value": value}
            for node, model, value in [("a", "model", 110.0), ("b", "model", 40.0), ("a", "rep", 150.0)]
        ]
    )
    came = pd.DataFrame({"period": "2024Q1", "node": ["a", "b"], "value": [100.0, 50.0]})
    found = overall(accuracy_by_source(said, NOBODY, came))
    model, rep = found.loc["model"], found.loc["rep"]
    assert (model["n"], model["absolute_error"], model["wape"], model["bias"]) == (2, 10.0, 20 / 150, 0.0)
    # The rep spoke of one node only: 50 off of 100, where the model was 10 off.
    assert (rep["wape"], rep["bias"], rep["reference_wape"], rep["added"]) == pytest.approx((0.5, 0.5, 0.1, -0.4))
    assert rep["verdict"] == "too_few_periods"
    assert np.isnan(rep["added_low"])


def test_one_that_is_clearly_nearer_is_better_and_one_farther_off_is_worse() -> None:
    found = overall(accuracy_by_source(*_with_nobody(made())))
    assert found["verdict"].to_dict() == {"blend": "better", "model": "reference", "rep": "worse"}


def _with_nobody(frames: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return frames[0], NOBODY, frames[1]


def test_two_of_the_same_skill_are_told_apart_about_as_seldom_as_stated() -> None:
    verdicts = []
    for seed in range(120):
        said, came = made(8, seed=seed, noise={"model": 10.0, "other": 10.0})
        verdicts.append(overall(accuracy_by_source(said, NOBODY, came, horizons=()))["verdict"]["other"])
    assert 0.90 <= np.mean([verdict == "not_clear" for verdict in verdicts]) <= 0.995


def test_with_few_periods_nothing_is_concluded_however_large_the_difference() -> None:
    found = overall(accuracy_by_source(*_with_nobody(made(5, noise={"model": 1.0, "rep": 90.0}))))
    assert found["verdict"]["rep"] == "too_few_periods"
    assert np.isnan(found["added_low"]["rep"])
    assert found["added"]["rep"] < 0


def test_horizons_take_the_rows_apart_and_together_are_all() -> None:
    found = accuracy_by_source(*_with_nobody(made()))
    each = found[found["weeks_from"].notna()].groupby("source")["n"].sum()
    assert each.to_dict() == overall(found)["n"].to_dict()
    model = found[(found["source"] == "model") & found["weeks_from"].notna()]
    assert model[["weeks_from", "weeks_to"]].fillna(-1).to_numpy().tolist() == [[0, 2], [3, 5], [6, 9], [10, -1]]


def test_the_same_seed_gives_the_same_interval_and_the_order_of_rows_does_not_matter() -> None:
    said, came = made()
    mixed = said.sample(frac=1.0, random_state=3)
    found = [accuracy_by_source(frame, NOBODY, came, seed=7) for frame in (said, mixed)]
    pd.testing.assert_frame_equal(*found, check_exact=True)


def test_a_manager_is_judged_only_where_one_had_spoken_by_then_and_not_taken_it_back() -> None:
    said, came = made(8, noise={"model": 10.0})
    period, node = "2015Q2", NODES[0]
    days = sorted(said.loc[said["period"] == period, "as_of"].unique())
    overrides = pd.DataFrame(
        {
            "as_of": [days[1], days[3]],
            "period": period,
            "node": node,
            "value": [100.0, 100.0],
            "is_withdrawn": [False, True],
        }
    )
    manager = overall(accuracy_by_source(said, overrides, came)).loc["manager"]
    assert (manager["n"], manager["n_periods"]) == (2, 1)
    asked = pd.DataFrame({"as_of": days, "period": period, "node": node})
    assert spoken_by_people(asked, overrides)["value"].fillna(-1).tolist() == [-1, 100, 100, -1]


def test_one_that_is_written_down_after_the_end_does_not_count() -> None:
    said, came = made(8, noise={"model": 10.0})
    day = said.loc[said["period"] == "2015Q2", "as_of"].min()
    late = pd.DataFrame({"as_of": [day], "period": "2015Q2", "node": NODES[0], "value": [100.0]})
    written = late.assign(seen_at=day + pd.Timedelta(hours=9))
    found = [set(accuracy_by_source(said, one, came)["source"]) for one in (written, late.assign(seen_at="2020-01-01"))]
    assert found == [{"model", "manager"}, {"model"}]


def test_what_was_said_later_changes_nothing_of_earlier_days() -> None:
    said, came = made(8, noise={"model": 10.0})
    later = pd.DataFrame({"as_of": [pd.Timestamp("2030-01-01")], "period": "2015Q2", "node": NODES[0], "value": [9.0]})
    one, other = (accuracy_by_source(said, overrides, came) for overrides in (NOBODY, later))
    pd.testing.assert_frame_equal(one, other)


def test_periods_without_an_end_and_days_after_it_are_left_out() -> None:
    said, came = made(8)
    after = said.head(3).assign(as_of=pd.Timestamp("2016-01-01"))
    unknown = said.head(3).assign(period="2030Q1", as_of=pd.Timestamp("2029-12-01"))
    found = [accuracy_by_source(frame, NOBODY, came) for frame in (said, pd.concat([said, after, unknown]))]
    pd.testing.assert_frame_equal(*found)


def test_sources_can_be_given_names_of_their_own() -> None:
    said, came = made()
    found = accuracy_by_source(said, NOBODY, came, sources={"reps": "rep", "machine": "model"}, reference="machine")
    assert set(found["source"]) == {"reps", "machine"}


def test_what_is_not_there_is_told() -> None:
    said, came = made(2)
    with pytest.raises(ParameterError, match=r"no model 'blnd' for the source 'mix'. Did you mean 'blend'"):
        accuracy_by_source(said, NOBODY, came, sources={"mix": "blnd", "model": "model"})
    with pytest.raises(ParameterError, match="no model 'modell'"):
        accuracy_by_source(said, NOBODY, came, reference="modell")
    with pytest.raises(ColumnMissingError, match="'actuals' has no column 'node'"):
        accuracy_by_source(said, NOBODY, came.drop(columns="node"))


def test_a_source_that_never_spoke_where_the_model_did_is_not_comparable() -> None:
    said, came = made(noise={"model": 10.0, "rep": 10.0})
    apart = said[(said["model"] == "model") == (said["node"] == NODES[0])]
    found = overall(accuracy_by_source(apart, NOBODY, came))
    assert found["verdict"]["rep"] == "not_comparable"
    assert np.isnan(found["added"]["rep"])
