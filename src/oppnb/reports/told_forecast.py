"""A forecast as a report tells it: sentences, and frames with the columns that its charts and tables need."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from oppnb.forecasting import Forecast, ForecastBacktest, compare_forecasts, measure_forecasts
from oppnb.forecasting.data_faults import find_data_faults, tell_data_faults
from oppnb.forecasting.distribution import LEVELS
from oppnb.forecasting.told import tell_choice, tell_width
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.reports.open_forecast import OpenedForecast
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["ToldForecast"]

_COVERAGES = (50, 80, 95)
_SURE, _HARDLY = 0.995, 0.005
_SAME = 0.005


@dataclass(frozen=True, eq=False)
class ToldForecast:
    """A forecast with the reader's language.

    Attributes
    ----------
    found : OpenedForecast
        The export and its book.
    forecast : Forecast
        Of a period.
    words, formats : Words, Formats
        The reader's language and currency.
    """

    found: OpenedForecast
    forecast: Forecast
    words: Words
    formats: Formats

    @property
    def book(self) -> PipelineBook:
        """The deals as they were known."""
        return self.found.book

    @property
    def tables(self) -> Tables:
        """The audited tables."""
        return self.found.opened.tables

    @property
    def workspace(self) -> Workspace:
        """With its processes settled."""
        return self.found.opened.workspace

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue's `report_forecast`."""
        return self.words(f"report_forecast.{key}", **values)

    def money(self, value: float | None) -> str:
        """An amount as 1.2M or 123万."""
        return self.formats.money(value, short=True)

    def between(self, coverage: float = 0.8) -> str:
        """The middle interval of the forecast that is told."""
        return " – ".join(self.money(end) for end in self.forecast.distribution.interval(coverage))

    def verdict(self) -> str:
        """The forecast in one sentence: expected, interval, chance of the target."""
        forecast = self.forecast
        known = {
            "period": forecast.point.period.name,
            "expected": self.money(forecast.distribution.mean),
            "interval": self.between(),
        }
        if forecast.is_unknown:
            return f"{known['period']}: {self.words('forecasting.cannot_be_said')}."
        if forecast.target is None:
            return self.said("verdict", **known)
        told = {"target": self.money(forecast.target), "chance": self.chance(forecast.chance_of_target)}
        return self.said("verdict_target", **known, **told)

    def chance(self, value: float | None) -> str:
        """A chance; what is nearly sure is not called sure."""
        if value is None:
            return "–"
        if value > _SURE or value < _HARDLY:
            key = "nearly_sure" if value > _SURE else "hardly"
            return self.said(key, share=self.formats.share(_SURE if value > _SURE else _HARDLY, digits=1))
        return self.formats.share(value)

    @property
    def scale(self) -> float:
        """Factor by which what is not won yet is told higher or lower than our own forecast says of the deals.

        1 where our own forecast is told; else the parts are multiplied by it, so that they add up to what is told.
        """
        own = self.forecast.parts.expected - self.forecast.parts.won_already
        rest = max(self.forecast.distribution.mean - self.forecast.parts.won_already, 0.0)
        return rest / own if own > 0 else 1.0

    @property
    def from_open_deals(self) -> float:
        """Expected of the deals that are open."""
        return self.scale * float(self.forecast.parts.expected_of_deals.sum())

    @property
    def from_new_business(self) -> float:
        """Expected of deals that nobody has created yet."""
        return self.scale * self.forecast.parts.new.mean

    def facts(self) -> list[str]:
        """Which forecast is told and how it did, how wide its interval is, and how its parts are told."""
        if self.forecast.is_unknown:
            return []
        width = tell_width(self.forecast.said.width, words=self.words, formats=self.formats)
        said = [tell_choice(self.forecast.chosen, words=self.words), width]
        if abs(self.scale - 1) > _SAME:
            said.append(self.said("scaled", factor=self.formats.number(self.scale, digits=2)))
        return said

    @cached_property
    def faults(self) -> list[str]:
        """Faults of the data that reach the forecast, and what to do about them; empty without any."""
        found = find_data_faults(self.forecast, self.book)
        return tell_data_faults(found, words=self.words, formats=self.formats)

    def cards(self) -> list[dict[str, str]]:
        """Expected, chance of the target, won already, from open deals, from deals not created yet."""
        forecast, parts = self.forecast, self.forecast.parts
        if forecast.is_unknown:
            return [self._card("won", self.money(parts.won_already), self._deals(len(parts.won)))]
        made = [self._card("expected", self.money(forecast.distribution.mean), self.said("in_80", span=self.between()))]
        if forecast.target is not None:
            beside = self.said("of_target", target=self.money(forecast.target))
            made.append(self._card("chance", self.chance(forecast.chance_of_target), beside))
        deals = self.formats.number(len(parts.deals))
        made.append(self._card("won", self.money(parts.won_already), self._deals(len(parts.won))))
        made.append(self._card("open", self.money(self.from_open_deals), self.said("of_n", n=deals)))
        made.append(self._card("new", self.money(self.from_new_business), ""))
        return made

    def _card(self, key: str, value: str, beside: str) -> dict[str, str]:
        return {"name": self.said(f"card_{key}"), "value": value, "beside": beside}

    def _deals(self, n: int) -> str:
        return self.words("chart.one_deal") if n == 1 else self.words("chart.n_deals", n=self.formats.number(n))

    def distribution(self) -> pd.DataFrame:
        """`level`, `amount`: equally likely values of the forecast that is told."""
        return pd.DataFrame({"level": LEVELS, "amount": self.forecast.distribution.quantiles(LEVELS)})

    def distribution_title(self) -> str:
        """The finding of its chart."""
        period = self.forecast.point.period.name
        if self.forecast.is_unknown:
            return self.verdict()
        if self.forecast.target is None:
            return self.said("title_distribution", period=period, interval=self.between())
        chance = self.chance(self.forecast.chance_of_target)
        return self.said("title_distribution_target", period=period, chance=chance)

    def parts(self) -> pd.DataFrame:
        """`part` (in words), `expected_amount`, `n_deals` (null for those not created yet)."""
        parts = self.forecast.parts
        rows = [
            ("won", parts.won_already, len(parts.won)),
            ("open", self.from_open_deals, len(parts.deals)),
            ("new", self.from_new_business, None),
        ]
        names = [self.said(f"card_{key}") for key, _, _ in rows]
        amounts, counts = [row[1] for row in rows], [row[2] for row in rows]
        return pd.DataFrame({"part": names, "expected_amount": amounts, "n_deals": pd.array(counts, dtype="Int64")})

    def parts_title(self) -> str:
        """The finding of the parts' chart: how much of the expectation is won already."""
        expected = self.forecast.distribution.mean
        share = self.forecast.parts.won_already / expected if expected > 0 else 0.0
        return self.said("title_parts", share=self.formats.share(share))

    @cached_property
    def models(self) -> pd.DataFrame:
        """Every forecast beside the one that is told.

        `model` (key), `forecast_model` (in words), `is_told`, `expected_amount`, `low_amount`, `high_amount` (80 %),
        `chance_probability` (of the target; null without one).
        """
        target = self.forecast.target
        rows = []
        for name, one in self.forecast.said.forecasts.items() if not self.forecast.is_unknown else ():
            low, high = one.interval(0.8)
            chance = None if target is None else one.chance_of(target)
            rows.append((name, self.model(name), name == self.forecast.chosen.model, one.mean, low, high, chance))
        columns = ["model", "forecast_model", "is_told", "expected_amount", "low_amount", "high_amount"]
        found = pd.DataFrame(rows, columns=[*columns, "chance_probability"])
        return found.astype({"chance_probability": "float64"}).sort_values(
            "is_told", ascending=False, kind="stable", ignore_index=True
        )

    def model(self, name: str) -> str:
        """A model in words."""
        return self.words.get(f"forecasting.model_{name}", name)

    def models_title(self) -> str:
        """The finding of the baselines' chart: how far apart the forecasts lie."""
        spread = self.models["expected_amount"]
        return self.said("title_models", low=self.money(spread.min()), high=self.money(spread.max()))

    def measures(self, backtest: ForecastBacktest) -> pd.DataFrame:
        """Every measure of every model on a backtest, the one told first, then by score; see `measure_forecasts`."""
        found = measure_forecasts(backtest.frame)
        if found.empty:
            return found
        is_told = found["model"] == self.forecast.chosen.model
        return found.assign(is_told=is_told).sort_values(
            ["is_told", "crps", "model"], ascending=[False, True, True], ignore_index=True
        )

    def measures_in_words(self, measures: pd.DataFrame) -> pd.DataFrame:
        """Error, bias, score and coverage as text, coverage with its interval."""
        share = self.formats.share
        rows = []
        for row in measures.to_dict("records"):
            told = {"forecast_model": self.model(str(row["model"])), "n": self.formats.number(row["n"])}
            told["n_periods"] = self.formats.number(row["n_periods"])
            told |= {f"{name}_share": share(row[name], digits=1) for name in ("wape", "bias", "crps")}
            for one in _COVERAGES:
                low, high = (share(row[f"coverage_{one}_{end}"]) for end in ("low", "high"))
                told[f"held_{one}"] = f"{share(row[f'coverage_{one}'])} ({low} – {high})"
            rows.append(told)
        return pd.DataFrame(rows)

    def past(self) -> pd.DataFrame:
        """The same point of earlier periods, one row each: `period`, `forecast`, `low`, `high`, `actual`."""
        frame = self.forecast.backtest.frame
        rows = frame[frame["model"] == self._judged(frame)] if len(frame) else frame
        far = (rows["weeks_left"] - self.forecast.point.weeks_left).abs()
        near = rows.assign(far=far).sort_values(["period", "far", "as_of"]).drop_duplicates("period", keep="first")
        found = near.sort_values("as_of", ignore_index=True)
        return found.rename(columns={"q_0.1": "low", "q_0.9": "high"})[["period", "forecast", "low", "high", "actual"]]

    def _judged(self, frame: pd.DataFrame) -> str:
        present = set(frame["model"])
        return self.forecast.chosen.model if self.forecast.chosen.model in present else str(frame["model"].iloc[0])

    def past_title(self, past: pd.DataFrame) -> str:
        """How many of the intervals held what came."""
        if past.empty:
            return self.words("forecasting.nothing_to_judge")
        held = int(((past["low"] <= past["actual"]) & (past["actual"] <= past["high"])).sum())
        return self.said("title_past", held=self.formats.number(held), n=self.formats.number(len(past)))

    def track(self, backtest: ForecastBacktest) -> pd.DataFrame:
        """The told forecast on each day of a backtest: `period`, `day`, `forecast`, `low`, `high`, `actual`."""
        frame = backtest.frame
        if frame.empty:
            return pd.DataFrame(columns=["period", "day", "forecast", "low", "high", "actual"])
        rows = frame[frame["model"] == self._judged(frame)].sort_values("as_of", ignore_index=True)
        rows = rows.rename(columns={"as_of": "day", "q_0.1": "low", "q_0.9": "high"})
        return rows[["period", "day", "forecast", "low", "high", "actual"]]

    def track_title(self, backtest: ForecastBacktest) -> str:
        """The finding of the track: how often the interval held what came."""
        track = self.track(backtest)
        if track.empty:
            return self.words("forecasting.nothing_to_judge")
        held = ((track["low"] <= track["actual"]) & (track["actual"] <= track["high"])).mean()
        periods, days = track["period"].nunique(), len(track)
        number = self.formats.number
        return self.said(
            "title_track", share=self.formats.share(float(held)), n=number(days), n_periods=number(periods)
        )

    def by_weeks(self, backtest: ForecastBacktest) -> pd.DataFrame:
        """Error of each model by weeks to the end: `weeks_left` and the columns of `measure_forecasts`."""
        found = measure_forecasts(backtest.frame, by=["weeks_left"])
        if found.empty:
            return found
        return found.sort_values(["weeks_left", "model"], ascending=[False, True], ignore_index=True)

    def by_weeks_in_words(self, by_weeks: pd.DataFrame) -> pd.DataFrame:
        """One row for each number of weeks left: error, bias and coverage of what is told, and the best baseline.

        Only baselines that forecast on as many days are compared.
        """
        if by_weeks.empty:
            return by_weeks
        share, told, rows = self.formats.share, self.forecast.chosen.model, []
        for weeks, group in by_weeks.groupby("weeks_left", sort=False):
            own, others = group[group["model"] == told], group[group["is_baseline"] & (group["model"] != told)]
            if own.empty or others.empty:
                continue
            one = own.iloc[0]
            others = others[others["n"] >= one["n"]]  # of fewer days, perhaps the easy ones, it would look better
            row = {
                "weeks_left": self.said("n_weeks", n=self.formats.number(float(str(weeks)))),
                "n": self.formats.number(one["n"]),
            }
            row |= {f"{name}_share": share(one[name], digits=1) for name in ("wape", "bias", "crps")}
            row["held_80"] = share(one["coverage_80"])
            best = others.sort_values("crps", kind="stable").head(1).to_dict("records")
            named = [f"{self.model(str(each['model']))} ({share(each['crps'], digits=1)})" for each in best]
            row["best_baseline"] = named[0] if named else self.formats.share(None)
            rows.append(row)
        return pd.DataFrame(rows)

    def against(self, backtest: ForecastBacktest) -> list[str]:
        """A sentence for each other forecast: how much nearer or further off the one told was, with its interval."""
        frame = backtest.frame
        if frame.empty:
            return []
        compared = compare_forecasts(frame, self._judged(frame))
        return [self._against(row) for _, row in compared.sort_values("difference", kind="stable").iterrows()]

    def _against(self, row: pd.Series) -> str:
        key = "nearer" if row["is_better"] else "further" if row["is_worse"] else "as_near"
        if pd.isna(row["low"]):
            key = "few_periods"
        difference, *ends = (
            round(float(row[name]), 3) + 0.0 for name in ("difference", "low", "high")
        )  # no minus zero
        low, high = (-ends[1], -ends[0]) if key == "nearer" else ends
        share = self.formats.share
        return self.said(
            f"against_{key}",
            other=self.model(str(row["against"])),
            difference=share(difference if key == "as_near" else abs(difference), digits=1),
            low=share(low, digits=1),
            high=share(high, digits=1),
            n=self.formats.number(row["n_periods"]),
        )
