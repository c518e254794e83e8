"""A stage calibration in words: the verdict, what stands out, tables that people read."""

from collections.abc import Mapping
from math import isnan
from typing import Any

import pandas as pd

from oppnb.charts import Estimate
from oppnb.charts.extremes import top_row
from oppnb.forecasting import Proposals
from oppnb.reports.calibration import StageCalibration
from oppnb.reports.calibration_observed import ObservedTold, is_known
from oppnb.reports.calibration_proposals import ProposalsTold
from oppnb.reports.columns import header

__all__ = ["CalibrationTold"]

_MOST = 6
_MOST_ROWS = 14
_OF_INTEREST = 0.1


class CalibrationTold:
    """Sentences and tables of a calibration.

    Parameters
    ----------
    found : StageCalibration
        What is told.
    labels : mapping
        Column -> key in the data -> name to show.
    """

    def __init__(self, found: StageCalibration, labels: Mapping[str, Mapping[str, str]]) -> None:
        self.found = found
        self.labels = labels
        self.words, self.formats = found.review.words, found.review.formats
        self.has_processes = len(found.odds["process"].unique()) > 1
        self.seen = ObservedTold(self.words, self.formats)

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue's `stage_calibration`."""
        return self.words(f"stage_calibration.{key}", **values)

    # --- names and numbers ------------------------------------------------------------------------------------------

    def place(self, row: Mapping[Any, Any]) -> str:
        """The stage, with its process where there are several."""
        stage = self._name("stage", row["stage"])
        return (
            self.said("place", process=self._name("process", row["process"]), stage=stage)
            if self.has_processes
            else stage
        )

    def segment(self, row: Mapping[Any, Any]) -> str:
        """The name of a segment."""
        return self._name(str(row["column"]), row["segment"])

    def _name(self, column: str, key: object) -> str:
        if not isinstance(key, str):
            return self.words("report.stage_unknown")
        return self.labels.get(column, {}).get(key, key)

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with stages named, first of all; processes too, or left out where there is one."""
        made = rows.assign(stage=[self._name("stage", one) for one in rows["stage"]])
        made = made[["stage", *made.columns.drop("stage")]]
        if not self.has_processes:
            return made.drop(columns="process")
        return made.assign(process=[self._name("process", one) for one in rows["process"]])

    def _share(self, value: float | None) -> str:
        return self.formats.share(None if value is None or pd.isna(value) else float(value))

    def _ranged(self, row: Mapping[Any, Any], value: str, low: str, high: str) -> str:
        """`28% (26% – 30%)`."""
        if pd.isna(row[value]):
            return "–"
        return f"{self._share(row[value])} ({self._share(row[low])} – {self._share(row[high])})"

    def _points(self, difference: float) -> str:
        """A difference of shares in points, with its sign."""
        points = self.formats.number(abs(100 * difference), digits=0)
        return ("+" if difference > 0 else "−" if points != "0" else "") + points

    def _money(self, value: float) -> str:
        return self.formats.money(value, short=True)

    # --- in short ---------------------------------------------------------------------------------------------------

    def verdict(self) -> str:
        """How many stages are off, and which most."""
        compared, odds = self.found.compared, self.found.odds
        if not (odds["n"] > 0).any():
            return self.said("verdict_nothing")
        if odds["set_odds"].isna().all():
            return self.said("verdict_not_set")
        if compared.empty:
            return self.said("verdict_too_few")
        n_off = int(compared["is_off"].sum())
        if not n_off:
            return self.said("verdict_agree", n=self.formats.number(len(compared)))
        worst = top_row(compared, compared["gap"].abs())
        return self.said(
            "verdict_off" if len(compared) > 1 else "verdict_off_one",
            n=self.formats.number(n_off),
            total=self.formats.number(len(compared)),
            stage=self.place(worst),
            set=self._share(worst["set_odds"]),
            seen=self.seen.seen(self.found.observed_of(worst["process"], worst["stage"])),
        )

    def nothing_observed(self) -> list[str]:
        """Of how many of today's deals nothing like them was ever observed, a sentence a stage."""
        rows = self.found.observed
        beyond = rows[(rows["standing_n_beyond"] > 0) & rows["standing_odds"].notna()].to_dict("records")
        return [
            self.said(
                "beyond_all" if row["standing_n_beyond"] == row["n_now"] else "beyond_some",
                stage=self.place(row),
                n=self.formats.number(row["standing_n_beyond"]),
                total=self.formats.number(row["n_now"]),
                days=self.formats.number(row["longest_days"]),
                bound=self.seen.bound(row),
            )
            for row in beyond
        ]

    def odds_title(self, rows: pd.DataFrame) -> str:
        """The finding of the chart of odds: which stage is set furthest off."""
        known = rows[rows["observed_odds"].notna() & rows["set_odds"].notna()]
        if known.empty:
            return self.words("chart.odds_not_set")
        gap = (known["set_odds"] - known["high"]).clip(lower=0.0) - (known["low"] - known["set_odds"]).clip(lower=0.0)
        if not gap.any():
            return self.words("chart.odds_agree")
        worst = top_row(known.assign(gap=gap), gap.abs())
        key = "title_too_high" if worst["gap"] > 0 else "title_too_low"
        return self.said(
            f"{key}_at_most" if worst["standing_n_beyond"] else key,
            stage=worst["stage"],
            set=self._share(worst["set_odds"]),
            observed=self._share(worst["observed_odds"]),
        )

    def proposals(self, proposals: Proposals) -> list[str]:
        """One text a proposal; see `ProposalsTold`."""
        return ProposalsTold(self.found, self.seen, self.place).texts(proposals)

    def cards(self) -> list[dict[str, str]]:
        """Stages off, and the pipeline at each of the odds."""
        totals, compared = self.found.weighted_totals, self.found.compared
        cards = []
        if len(compared):
            n = self.formats.number(int(compared["is_off"].sum()))
            off = self.said("of_total", n=n, total=self.formats.number(len(compared)))
            cards.append({"name": self.said("card_off"), "value": off, "beside": self.said("beside_off")})
        keys = ["set", "observed"] if self.found.proposals is None else ["set", "proposed", "observed"]
        cards += [
            {"name": self.said(f"card_{key}"), "value": self._money(totals[key]), "beside": self._beside(key)}
            for key in keys
            if not isnan(totals[key])
        ]
        return cards

    def _beside(self, key: str) -> str:
        """Of how much it is, for the first and for what other deals make up."""
        if key == "observed":
            rows = self.found.weighted
            is_bound = self.found.observed["standing_n_beyond"].gt(0).any()
            amount = rows.loc[rows["observed_amount"].notna(), "open_amount"].sum(min_count=1)
            key = "beside_at_most" if is_bound else "beside_open"
        else:
            amount, key = self.found.open_amount, "beside_open"
        return self.said(key, amount=self._money(float(amount))) if is_known(float(amount)) else ""

    def points(self) -> list[str]:
        """What was found, a sentence each."""
        found = self.found
        said = [self.said("observed_how")] if (found.odds["n"] > 0).any() else []
        said += self.weighted()[:1]
        tested, apart = int(found.by_segment["p_value"].notna().sum()), int(found.by_segment["stands_out"].sum())
        if tested:
            key = "segments_some" if apart else "segments_alike"
            said.append(self.said(key, n=self.formats.number(apart), tested=self.formats.number(tested)))
        if len(found.trends) and found.trends["p_value"].notna().any():
            said += self.trends()[:1]
        if found.proposals is not None and len(found.odds):
            n = len(found.proposals.kept.changes)
            key = "proposed_none" if not n else "proposed_one" if n == 1 else "proposed_some"
            said.append(self.said(key, n=self.formats.number(n)))
            said += ProposalsTold(found, self.seen, self.place).warnings(found.proposals.kept.changes)
        return said

    # --- odds -------------------------------------------------------------------------------------------------------

    def odds_table(self) -> pd.DataFrame:
        """Set odds, those of who entered and of who stood there, raw and adjusted, with n; empty without any."""
        rows = self.found.observed.to_dict("records")
        frame = pd.DataFrame(
            {
                "process": [row["process"] for row in rows],
                "stage": [row["stage"] for row in rows],
                "set_text": [self._share(row["set_odds"]) for row in rows],
                "standing_text": [self.seen.ranged(row, "standing") for row in rows],
                "odds_verdict": self._verdicts(),
                "within_text": [self.seen.ranged(row, "within") for row in rows],
                "beyond_text": [self.seen.beyond(row) for row in rows],
                "entered_text": [self._ranged(row, "observed_odds", "low", "high") for row in rows],
                "n_closed_of": [self._of(row["n"], row["n_entered"]) for row in rows],
            }
        )
        return self.named(frame)

    def _of(self, n: float, total: float) -> str:
        return self.said("of_total", n=self.formats.number(n), total=self.formats.number(total))

    def _verdicts(self) -> list[str]:
        off = {(row["process"], row["stage"]): row["gap"] for row in self.found.compared.to_dict("records")}
        said = []
        for row in self.found.odds.to_dict("records"):
            gap = off.get((row["process"], row["stage"]))
            if gap is None:
                key = "not_set" if pd.isna(row["set_odds"]) else "too_few"
            else:
                key = "too_high" if gap > 0 else "too_low" if gap < 0 else "fits"
            said.append(self.said(f"is_{key}"))
        return said

    # --- segments ---------------------------------------------------------------------------------------------------

    def segments(self, here: pd.DataFrame) -> list[str]:
        """What stands out by one column, the largest differences first."""
        apart = here[here["stands_out"]]
        if apart.empty:
            tested = self.formats.number(int(here["p_value"].notna().sum()))
            return [self.said("segment_none", column=header(here["column"].iloc[0], self.words), tested=tested)]
        ordered = apart.loc[apart["difference"].abs().sort_values(ascending=False, kind="stable").index]
        told = [self._segment(row) for row in ordered.head(_MOST).to_dict("records")]
        left = len(ordered) - len(told)
        more = "segment_more_one" if left == 1 else "segment_more"
        return [*told, *([self.said(more, n=self.formats.number(left))] if left else [])]

    def _segment(self, row: Mapping[Any, Any]) -> str:
        return self.said(
            "segment_apart",
            stage=self.place(row),
            segment=self.segment(row),
            own=self._share(row["win_rate"]),
            n=self.formats.number(row["n"]),
            others=self._share(row["others_win_rate"]),
            others_n=self.formats.number(row["others_n"]),
            points=self._points(row["difference"]),
            low=self._points(row["difference_low"]),
            high=self._points(row["difference_high"]),
        )

    def segment_chart(self, here: pd.DataFrame) -> tuple[str, pd.DataFrame]:
        """Title and rows of a chart: the stage at which a segment is furthest from the others."""
        top = top_row(here, here["difference"].where(here["stands_out"]).abs())
        is_stage = (here["process"] == top["process"]) & (here["stage"] == top["stage"])
        rows = here[is_stage & here["p_value"].notna()].sort_values(
            ["win_rate", "segment"], ascending=[False, True], kind="stable"
        )
        if len(rows) > _MOST_ROWS:
            rows = pd.concat([rows.head(_MOST_ROWS // 2), rows.tail(_MOST_ROWS // 2)])
        shown = rows.assign(segment=[self.segment(row) for row in rows.to_dict("records")]).reset_index(drop=True)
        title = self.said(
            "title_segment",
            stage=self.place(top),
            segment=self.segment(top),
            own=self._share(top["win_rate"]),
            others=self._share(top["others_win_rate"]),
        )
        return title, shown

    def segment_estimate(self) -> Estimate:
        """What the chart of segments draws."""
        return Estimate(
            "win_rate",
            "win_rate_low",
            "win_rate_high",
            name=self.said("segment_rate"),
            n="n",
            reference="others_win_rate",
            reference_name=self.said("others"),
        )

    def segment_table(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Every comparison, as people read it."""
        records = rows.to_dict("records")
        return pd.DataFrame(
            {
                "segment": [f"{header(row['column'], self.words)}: {self.segment(row)}" for row in records],
                "stage": [self.place(row) for row in records],
                "closed_text": [self._ranged(row, "win_rate", "win_rate_low", "win_rate_high") for row in records],
                "n_closed": [row["n"] for row in records],
                "others_text": [self._share(row["others_win_rate"]) for row in records],
                "apart": [self._apart(row) for row in records],
                "entered_odds_text": [self._share(row["observed_odds"]) for row in records],
                "n_entered": [row["n_entered"] for row in records],
            }
        )

    def _apart(self, row: Mapping[Any, Any]) -> str:
        if pd.isna(row["p_value"]):
            return self.said("is_too_few")
        told = {
            name: self._points(row[of])
            for name, of in (("points", "difference"), ("low", "difference_low"), ("high", "difference_high"))
        }
        return self.said("apart_yes" if row["stands_out"] else "apart_no", **told)

    # --- weighted ---------------------------------------------------------------------------------------------------

    def weighted(self) -> list[str]:
        """What the open pipeline weighs at each of the odds."""
        totals = self.found.weighted_totals
        if isnan(totals["set"]) and isnan(totals["observed"]):
            return [self.said("weighted_none")]
        if isnan(totals["set"]):
            return [self.said("weighted_not_set", observed=self._money(totals["observed"]))]
        if isnan(totals["observed"]):
            return [self.said("weighted_not_observed", set=self._money(totals["set"]))]
        if self.found.comparable.empty:
            return [self.said("weighted_not_observed", set=self._money(totals["set"]))]
        same = self.found.comparable_totals
        change = same["observed"] - same["set"]
        key = "weighted_less" if change < 0 else "weighted_more" if change > 0 else "weighted_same"
        rows = self.found.weighted
        part = {"part": self._stages(self.found.comparable)}
        is_part = len(self.found.comparable) < int(rows[["set_amount", "observed_amount"]].notna().any(axis=1).sum())
        values = {name: self._money(same[name]) for name in ("set", "observed")}
        said = [self.said(f"{key}_of" if is_part else key, change=self._money(abs(change)), **values, **part)]
        said += [self.said("weighted_beyond")] * bool(self.found.observed["standing_n_beyond"].gt(0).any())
        if self.found.proposals is not None and round(totals["proposed"] - totals["set"], 2) != 0:
            all_set, proposed = self._money(totals["set"]), self._money(totals["proposed"])
            said.append(self.said("weighted_proposed", set=all_set, proposed=proposed))
        for key, one, other in (
            ("weighted_without", "set_amount", "observed_amount"),
            ("weighted_unobserved", "observed_amount", "set_amount"),
        ):
            without = rows[rows[one].isna() & rows[other].notna()]
            if len(without):
                amount = self._money(float(without[other].sum()))
                said.append(self.said(key, stages=self._stages(without), amount=amount))
        return said

    def _stages(self, rows: pd.DataFrame) -> str:
        return self.words("scoring.between").join(self.place(row) for row in rows.to_dict("records"))

    def weighted_bars(self) -> pd.DataFrame:
        """From the pipeline at set odds to that at observed ones, of the stages of which both are known; else empty."""
        totals, rows = self.found.comparable_totals, self.found.comparable
        if rows.empty:
            return pd.DataFrame(columns=["bar", "label", "amount", "n"])
        n = int(rows["open_count"].sum())
        bars = [["start", self.said("card_set"), totals["set"], n]]
        for row in rows.to_dict("records"):
            amount = float(row["observed_amount"]) - float(row["set_amount"])
            bars.append([f"{row['process']}/{row['stage']}", self.place(row), amount, row["open_count"]])
        bars.append(["end", self.said("card_observed"), totals["observed"], n])
        return pd.DataFrame(bars, columns=["bar", "label", "amount", "n"])

    def weighted_title(self) -> str:
        """The finding of the chart: the first sentence on the weighted pipeline."""
        return self.weighted()[0]

    # --- trends -----------------------------------------------------------------------------------------------------

    def trends(self) -> list[str]:
        """Which stages' odds rise or fall beyond noise; or that none does, and over how many periods."""
        rows = self.found.trends
        known = rows[rows["p_value"].notna()]
        if known.empty:
            return [self.said("trend_too_short")]
        apart = known[known["stands_out"]]
        if apart.empty:
            most = self.formats.number(int(known["n_periods"].max()))
            key = "trend_none" if len(known) > 1 else "trend_none_one"
            return [self.said(key, stages=self.formats.number(len(known)), n=most)]
        ordered = apart.loc[apart["change_per_year"].abs().sort_values(ascending=False, kind="stable").index]
        return [self._trend(row) for row in ordered.to_dict("records")]

    def _trend(self, row: Mapping[Any, Any]) -> str:
        change = float(row["change_per_year"])
        ends = sorted((abs(row["low"]), abs(row["high"])))
        points = {
            name: self.formats.number(100 * value, digits=1)
            for name, value in (("points", abs(change)), ("low", ends[0]), ("high", ends[1]))
        }
        key = "trend_rises" if change > 0 else "trend_falls"
        return self.said(key, stage=self.place(row), n=self.formats.number(row["n_periods"]), **points)

    def trend_title(self, process: str) -> str:
        """The finding of a process."""
        rows = self.found.trends[self.found.trends["process"] == process]
        apart = rows[rows["stands_out"]]
        name = self._name("process", process)
        if apart.empty:
            key = "title_trend_none" if rows["p_value"].notna().any() else "title_trend_short"
            return self.said(key if self.has_processes else f"{key}_one", process=name)
        top = top_row(apart, apart["change_per_year"].abs())
        key = "title_trend_rises" if top["change_per_year"] > 0 else "title_trend_falls"
        points = self.formats.number(abs(100 * top["change_per_year"]), digits=1)
        return self.said(key, stage=self.place(top), points=points)

    def period_table(self) -> pd.DataFrame:
        """Odds by period as people read them: one row a stage and period."""
        rows = self.found.periods.to_dict("records")
        return pd.DataFrame(
            {
                "stage": [self.place(row) for row in rows],
                "entry_period": [row["period"] for row in rows],
                "own_text": [self._ranged(row, "observed_odds", "low", "high") for row in rows],
                "n": [row["n"] for row in rows],
                "still_open": [row["n_open"] for row in rows],
                "settled": [self.said("settled_yes" if row["is_settled"] else "settled_no") for row in rows],
            }
        )

    # --- stays ------------------------------------------------------------------------------------------------------

    def stays(self) -> list[str]:
        """Which limits are passed most, and which tell deals apart that are won less often."""
        rows = self.found.stays
        limited = rows[rows["time_limit_days"].notna() & rows["over_limit_share"].notna()]
        if limited.empty:
            return [self.said("no_limits")]
        often = limited[limited["over_limit_share"] >= 0.5]
        said = [self._stay("limit_often", row) for row in often.to_dict("records")]
        seldom = limited[limited["over_limit_share"] < _OF_INTEREST / 2]
        said += [self._stay("limit_seldom", row) for row in seldom.to_dict("records")]
        told = limited[(limited["beyond_n"] >= 20) & (limited["beyond_high"] < limited["observed_odds"])]
        told = told.assign(gap=told["observed_odds"] - told["beyond_odds"]).sort_values("gap", ascending=False)
        said += [self._late(row) for row in told.to_dict("records")[:3]]
        now = limited[limited["n_over_now"] > 0]
        if len(now):
            n = self.formats.number(int(now["n_over_now"].sum()))
            top = top_row(now, now["n_over_now"])
            most = {"stage": self.place(top), "most": self.formats.number(top["n_over_now"])}
            said.append(self.said("limit_now", n=n, **most))
        return said or [self.said("limits_fit")]

    def _stay(self, key: str, row: Mapping[Any, Any]) -> str:
        return self.said(
            key,
            stage=self.place(row),
            limit=self.formats.number(row["time_limit_days"]),
            share=self.formats.share(row["over_limit_share"]),
            median=self.formats.number(row["median_days"]) if pd.notna(row["median_days"]) else "–",
        )

    def _late(self, row: Mapping[Any, Any]) -> str:
        return self.said(
            "limit_late",
            stage=self.place(row),
            limit=self.formats.number(row["time_limit_days"]),
            late=self._ranged(row, "beyond_odds", "beyond_low", "beyond_high"),
            all=self._share(row["observed_odds"]),
            n=self.formats.number(row["beyond_n"]),
            n_late=self.formats.number(row["beyond_n_entered"]),
        )

    def stays_table(self) -> pd.DataFrame:
        """Limits beside stays, as people read them."""
        rows, number = self.found.stays.to_dict("records"), self.formats.number
        has_limit = [pd.notna(row["time_limit_days"]) for row in rows]
        frame = pd.DataFrame(
            {
                "process": [row["process"] for row in rows],
                "stage": [row["stage"] for row in rows],
                "limit_text": [
                    number(row["time_limit_days"]) if has else "–" for row, has in zip(rows, has_limit, strict=True)
                ],
                "median_text": [self._days(row) for row in rows],
                "over_text": [
                    self._ranged(row, "over_limit_share", "over_limit_low", "over_limit_high") for row in rows
                ],
                "n_over_now": [
                    number(row["n_over_now"]) if has else "–" for row, has in zip(rows, has_limit, strict=True)
                ],
                "all_text": [self._share(row["observed_odds"]) for row in rows],
                "late_text": [self._ranged(row, "beyond_odds", "beyond_low", "beyond_high") for row in rows],
            }
        )
        return self.named(frame)

    def _days(self, row: Mapping[Any, Any]) -> str:
        if pd.isna(row["median_days"]):
            return "–"
        ends = [self.formats.number(None if pd.isna(row[end]) else row[end]) for end in ("median_low", "median_high")]
        return f"{self.formats.number(row['median_days'])} ({ends[0]} – {ends[1]})"
