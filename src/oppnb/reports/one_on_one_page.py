"""The page of a talk between a seller and the manager."""

from typing import Any

import pandas as pd

from oppnb.reports.forecast_views import rolled_up
from oppnb.reports.names import report_name
from oppnb.reports.review_forecast import ReviewForecast
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.seller import DAYS, MIN_CLOSED, find_seller, rates_beside, review_of_seller
from oppnb.reports.tables_html import TableLook
from oppnb.review.definitions import FIGURES
from oppnb.review.scope import has_expected_close

__all__ = ["OneOnOnePage"]

_SOON = 7
_HEADLINES = (
    ("won_amount", "period"),
    ("quota_attainment", "period"),
    ("open_amount", "due"),
    ("coverage", "remaining"),
    ("slipped_amount", "period"),
    ("win_rate", "closed"),
    ("open_amount", "all"),
    ("weighted_pipeline", "set_odds"),
)
_MOST_CARDS = 6


class OneOnOnePage(ReviewPage):
    """A one on one while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`, of the whole or of the team: what the seller is held beside.
    seller : str or None
        Id or name; by default the one that the slice is of.
    """

    def __init__(self, review: Any, seller: str | None) -> None:
        self.whole = review
        self.owner_id = find_seller(review, seller)
        super().__init__(review_of_seller(review, self.owner_id), title=report_name("one_on_one", review.words))

    @property
    def name(self) -> str:
        """The seller's name."""
        return self.labels.get("owner_id", {}).get(self.owner_id, self.owner_id)

    def brief(self) -> None:
        """Show the seller's key figures and the review in a few sentences."""
        self.section("brief")
        kpis = self.review.kpis()
        known = kpis.dropna(subset=["value"]).set_index(["metric", "variant"]).index
        self.kpis(kpis, [key for key in _HEADLINES if key in known][:_MOST_CARDS])
        self.points(self.review.summary()[:-1])
        self.table("kpis", kpis, shown=self.kpi_table(kpis))

    def words_needed(self) -> None:
        """Show the deals that need a word, with why."""
        attention = self.review.attention()
        n_open = int((self.review.snapshot["outcome"] == "open").sum())
        values = {"n": self.formats.number(len(attention)), "total": self.formats.number(n_open)}
        key = "one_on_one_deals" if len(attention) else "one_on_one_no_deals" if n_open else "one_on_one_none_open"
        self.section("deals", lead=self.words(f"report.{key}", **values))
        if len(attention):
            self.deals(attention.drop(columns="owner_id").assign(owner_id=None), limit=8)
        self._undated()

    def _undated(self) -> None:
        """Say how many open deals have no creation date, so that no rule of age can name them, and what they are."""
        snapshot = self.review.snapshot
        deals = snapshot[snapshot["outcome"] == "open"]
        undated = deals[deals["created_at"].isna()]
        if undated.empty:
            return
        n, total = (self.formats.number(len(rows)) for rows in (undated, deals))
        amount, whole = undated["amount_base"].sum(min_count=1), deals["amount_base"].sum(min_count=1)
        if pd.isna(amount) or not whole > 0:
            self.say(self.words("report.one_on_one_undated", n=n, total=total))
            return
        worth = {"amount": self.short_money(amount), "share": self.share(amount / whole)}
        self.say(self.words("report.one_on_one_undated_worth", n=n, total=total, **worth))

    def definitions(self, frame: pd.DataFrame) -> None:
        """Show what the figures at the top mean; the workbook has all of them."""
        self.keep("definitions", frame)
        shown = {kind.id for kind in FIGURES.values() if (kind.metric, kind.variant) in _HEADLINES}
        rows = frame.loc[frame["metric"].isin(shown), ["name", "definition"]]
        self.show_rows("definitions", rows, look=TableLook(cards=True, folded=True, limit=len(rows)))

    def promises(self) -> None:
        """Show what was promised to be done next, what is overdue first; and deals without a next step."""
        self.section("promises")
        rows = self._promises()
        n_tasks = sum("key_task_overdue" in reasons for reasons in self.review.attention()["reasons"])
        tasks = [self.words("report.one_on_one_tasks", n=self.formats.number(n_tasks))] if n_tasks else []
        if rows.empty:
            self.points([self.words("report.one_on_one_no_promises"), *tasks])
            return
        counts = rows["is_overdue"].sum(), rows["is_soon"].sum(), rows["next_step"].isna().sum()
        said = [
            self.words(f"report.one_on_one_{key}", n=self.formats.number(int(n)), days=_SOON)
            for key, n in zip(("overdue", "soon", "without_step"), counts, strict=True)
            if n
        ]
        self.points([*said, *tasks])
        told = rows[rows["next_step"].notna()].drop(columns=["is_overdue", "is_soon"])
        if len(told):
            shown = told.drop(columns="opportunity_id")
            self.table("promises", told, shown=shown, look=TableLook(cards=True, limit=10))

    def _promises(self) -> pd.DataFrame:
        known = self.review.snapshot
        deals = known[known["outcome"] == "open"]
        if deals["next_step"].isna().all() and deals["next_step_due_on"].isna().all():
            return pd.DataFrame()
        today = pd.Timestamp(self.review.as_of)
        late = (today - deals["next_step_due_on"]).dt.days
        rows = deals[["opportunity_id", "name", "stage", "next_step", "next_step_due_on"]].assign(
            name=deals["name"].fillna(deals["opportunity_id"]),
            is_overdue=late > 0,
            is_soon=(late <= 0) & (late >= -_SOON),
        )
        found: pd.DataFrame = rows.sort_values(
            ["next_step_due_on", "opportunity_id"], na_position="last", ignore_index=True
        )
        return found

    def quota(self, made: ReviewForecast) -> None:
        """Show what is expected of the seller's deals beside the quota: by the forecast, else by the set odds."""
        self.section("quota")
        rows = {(row["metric"], row["variant"]): row for row in self.review.kpis().to_dict("records")}
        won = rows.get(("won_amount", "period"), {})
        target = won.get("target")
        expected, key, span = self._expected(made, rows)
        period = self.review.period.name
        if expected is None:
            self.say(*self._why_untold(rows))
        else:
            said = {"period": period, "expected": self.short_money(expected), "won": self.short_money(won["value"])}
            self.verdict(self.words(f"report.one_on_one_{key}", **said, span=span))
            if target is not None and pd.notna(target):
                gap = expected - float(target)
                which = "over_quota" if gap >= 0 else "under_quota"
                amounts = {"target": self.short_money(float(target)), "gap": self.short_money(abs(gap))}
                self.say(self.words(f"report.one_on_one_{which}", **amounts))
        if target is None or pd.isna(target):
            self.say(self.words("report.one_on_one_no_quota", period=period))

    def _expected(self, made: ReviewForecast, rows: dict[Any, Any]) -> tuple[float | None, str, str]:
        """Expected of the period, by what, and its interval where there is one; of a period that is over, what came."""
        if made.told is not None:
            nodes = rolled_up(made.told, "owner_id")
            found = nodes[nodes["node"] == self.owner_id] if len(nodes) else nodes
            if len(found):
                row = found.iloc[0]
                self.keep("forecast_of_seller", found)
                span = " – ".join(self.short_money(row[name]) for name in ("low_amount", "high_amount"))
                return float(row["expected_amount"]), "expected_forecast", span
        won = rows.get(("won_amount", "period"))
        if self.is_over and won is not None and pd.notna(won["value"]):
            return float(won["value"]), "came", ""
        for variant in ("set_odds_due", "observed_odds_due"):
            due = rows.get(("weighted_pipeline", variant))
            if won is not None and due is not None and pd.notna(due["value"]) and pd.notna(won["value"]):
                return float(won["value"] + due["value"]), "expected_odds", ""
        return None, "", ""

    @property
    def is_over(self) -> bool:
        """Whether the day is the last of the period, or later: nothing more comes in it."""
        return bool(self.review.period.end <= self.review.as_of)

    def _why_untold(self, rows: dict[Any, Any]) -> list[str]:
        """Why nothing can be expected of the period; and what the open deals come to by the odds that are set."""
        period = self.review.period.name
        if has_expected_close(self.review.snapshot):
            return [self.words("report.one_on_one_no_expectation", period=period)]
        said = [self.words("report.one_on_one_no_close", period=period)]
        for variant in ("set_odds", "observed_odds"):
            weighted = rows.get(("weighted_pipeline", variant))
            if weighted is not None and pd.notna(weighted["value"]):
                amount = self.short_money(weighted["value"])
                return [*said, self.words(f"report.one_on_one_weighted_{variant}", amount=amount)]
        return said

    def rates(self) -> pd.DataFrame:
        """Say the win rate beside the team's; gives the rows for the chart, empty where nothing was closed."""
        rows = rates_beside(self.whole, self.owner_id)
        self.section("rate", lead=self.words("report.one_on_one_rate_lead", days=DAYS))
        known: pd.DataFrame = rows.dropna(subset=["win_rate"])
        names = {"seller": self.name, **{key: self.words(f"report.one_on_one_{key}") for key in ("team", "others")}}
        self.keep("win_rates", rows.assign(who=rows["who"].map(names)))
        self.say(self._compared(rows))
        return known.assign(who=known["who"].map(names)).reset_index(drop=True)

    def rate_title(self) -> str:
        """The title of the chart of win rates."""
        return self.words("report.one_on_one_rate_title", name=self.name)

    def _compared(self, rows: pd.DataFrame) -> str:
        own = rows.iloc[0]
        if own["n"] < MIN_CLOSED:
            values = {"n": self.formats.number(int(own["n"])), "least": MIN_CLOSED}
            return self.words("report.one_on_one_too_few", **values)
        if len(rows) < 2:
            return self.words("report.one_on_one_alone")
        beside = rows.iloc[1]
        is_apart = own["low"] > beside["high"] or own["high"] < beside["low"]
        key = ("above" if own["low"] > beside["high"] else "below") if is_apart else "alike"
        shares = {"own": self.formats.share(own["win_rate"]), "beside": self.formats.share(beside["win_rate"])}
        who = self.words(f"report.one_on_one_beside_{beside['who']}")
        return self.words(f"report.one_on_one_{key}", who=who, **shares)

    def _figures(self) -> list[dict[str, Any]]:
        """Those of the seller's review, and the win rates held beside each other."""
        rows = rates_beside(self.whole, self.owner_id).to_dict("records")
        day = self.review.as_of.isoformat()
        definition = f"Won deals of those closed in the {DAYS} days up to the end of the day."
        made = [
            {
                "id": f"win_rate_last_{DAYS}_days",
                "value": None if pd.isna(row["win_rate"]) else round(float(row["win_rate"]), 6),
                "unit": "share",
                "n": int(row["n"]),
                "as_of": day,
                "period": None,
                "slice": {"who": str(row["who"])},
                "definition": definition,
            }
            for row in rows
        ]
        from oppnb.review.figures import sorted_figures

        return sorted_figures([*self.review.figures(), *made])
