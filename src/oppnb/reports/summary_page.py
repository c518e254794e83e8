"""The executive summary: one page with five figures, one chart, what changed and what to decide."""

from dataclasses import replace
from typing import Any

import pandas as pd

from oppnb.reports.forecast_views import deciding_deals, needed
from oppnb.reports.review_forecast import ReviewForecast
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["SummaryPage", "period_ahead"]

_DECIDING = 3


def period_ahead(review: Any) -> Any:
    """The review of the period that still runs: of the next one where its own is over on the day.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.

    Returns
    -------
    Review
    """
    return replace(review, period=review.period.shift(1)) if review.period.end <= review.as_of else review


class SummaryPage(ReviewPage):
    """An executive summary while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    """

    def __init__(self, review: Any) -> None:
        super().__init__(review, title=review.words("report.summary_title", period=review.period.name))

    def forecasted(self, made: ReviewForecast) -> ToldForecast | None:
        """Keep the forecast, if there is one."""
        self._forecast = made if made.told is not None else None
        return made.told

    def five(self, told: ToldForecast | None) -> None:
        """Show the five figures: expected, chance of the target, won, due and open, win rate."""
        rows = {(row["metric"], row["variant"]): row for row in self.review.kpis().to_dict("records")}
        cards = [] if told is None else told.cards()[: 1 if told.forecast.target is None else 2]
        wanted = [("won_amount", "period"), ("open_amount", "due"), ("win_rate", "closed"), ("open_amount", "all")]
        wanted += [("coverage", "remaining"), ("created_amount", "at_creation")]
        known = [self._card(rows[key]) for key in wanted if key in rows and pd.notna(rows[key]["value"])]
        self.cards([*cards, *known][:5])
        self.show('<span class="one-page"></span>')  # on paper all of it stands on one page
        self.keep("kpis", self.kpi_table(self.review.kpis()))

    def changed(self) -> None:
        """Say what changed since the last review, and how far the target is."""
        self.section("changed")
        self.points(self.review.summary()[1:-1][:4])

    def decide(self, told: ToldForecast | None) -> None:
        """Say what is missing for the target, which deals decide it, and what stands in the way."""
        self.section("decide")
        said = []
        if told is not None:
            said += needed(told)[:2]
            deals = deciding_deals(told)
            deals = deals[deals["swing_amount"] > 0].head(_DECIDING)
            said += [self._deciding(row) for row in deals.to_dict("records")]
        self.points([*said, self.review.summary()[-1]])
        attention = self.review.attention()
        if len(attention):
            self.keep("attention", attention.drop(columns="reasons"))

    def _deciding(self, row: dict[Any, Any]) -> str:
        owner = self.labels.get("owner_id", {}).get(row["owner_id"], row["owner_id"])
        values = {
            "name": row["name"],
            "amount": self.short_money(row["amount"]),
            "chance": self.formats.share(row["close_probability"]),
            "owner": owner if isinstance(owner, str) else self.words("report.slice_none"),
        }
        return self.words("report.summary_decides", **values)
