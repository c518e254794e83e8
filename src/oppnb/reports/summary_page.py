"""The executive summary: one page with five figures, one chart, what changed and what to decide."""

from dataclasses import replace
from typing import Any

import pandas as pd

from oppnb.reports.decisions import LEAST_SHARE, deal_decisions, decisive_deals, largest_open, target_decision
from oppnb.reports.names import report_name
from oppnb.reports.review_forecast import ReviewForecast
from oppnb.reports.review_page import ReviewPage
from oppnb.reports.tables_html import TableLook
from oppnb.reports.told_forecast import ToldForecast

__all__ = ["SummaryPage", "period_ahead"]

_LEADS = 4
_WHERE = ("region", "team", "owner_id", "product")
_MOST_SLICES = 6


def period_ahead(review: Any) -> Any:
    """The review of the period that is forecast: the next one where the day is the last of its own.

    The figures of a report are of the period that holds the day, as in every report; on its last day there is nothing
    left of it to forecast, and the forecast beside them is of the next.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.

    Returns
    -------
    Review
    """
    return replace(review, period=review.period.shift(1)) if review.period.end == review.as_of else review


class SummaryPage(ReviewPage):
    """An executive summary while it is being written.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    """

    def __init__(self, review: Any) -> None:
        super().__init__(review, title=report_name("executive_summary", review.words, period=review.period.name))

    def forecasted(self, made: ReviewForecast) -> ToldForecast | None:
        """Keep the forecast, if there is one."""
        self._forecast = made if made.told is not None else None
        return made.told

    def five(self, told: ToldForecast | None) -> None:
        """Show the lead and the five figures: expected, chance of the target, won, due and open, win rate."""
        rows = {(row["metric"], row["variant"]): row for row in self.review.kpis().to_dict("records")}
        wanted = [("won_amount", "period"), ("open_amount", "due"), ("win_rate", "closed"), ("open_amount", "all")]
        wanted += [("coverage", "remaining"), ("created_amount", "at_creation"), ("weighted_pipeline", "set_odds")]
        known = [self._card(rows[key]) for key in wanted if key in rows and pd.notna(rows[key]["value"])]
        if lead := self._lead(told, rows):
            self.verdict(lead)
        if told is None:
            self.cards(known[:5])
        elif self._is_of_next(told):  # the period that ends first; of the next one, what is expected
            self.cards([*known[:_LEADS], self._expected_of_next(told)])
        else:
            self.cards([*told.cards()[: 1 if told.forecast.target is None else 2], *known][:5])
        self.show('<span class="one-page"></span>')  # on paper all of it stands on one page
        self.keep("kpis", self.review.kpis())

    def _lead(self, told: ToldForecast | None, rows: dict[Any, Any]) -> str:
        """What is expected; of the next period, beside what was won in this one; without a forecast what is won."""
        amounts = {key: rows.get(key, {}).get("value") for key in (("won_amount", "period"), ("open_amount", "all"))}
        won, left = (None if value is None or pd.isna(value) else float(value) for value in amounts.values())
        if told is None:
            if won is None or left is None:
                return ""
            said = {"won": self.short_money(won), "open": self.short_money(left)}
            return self.words("report.summary_lead_won", period=self.review.period.name, **said)
        expected = told.forecast.distribution.mean
        if not self._is_of_next(told) or not won or told.forecast.is_unknown:
            return told.verdict()
        return self.words(
            f"report.summary_lead_{'more' if expected >= won else 'less'}",
            period=told.forecast.point.period.name,
            before=self.review.period.name,
            expected=self.short_money(expected),
            won=self.short_money(won),
            share=self.share(abs(expected / won - 1)),
        )

    def _is_of_next(self, told: ToldForecast) -> bool:
        return bool(told.forecast.point.period != self.review.period)

    def _expected_of_next(self, told: ToldForecast) -> dict[str, str]:
        card = told.cards()[0]
        name = self.words("report.summary_of_period", name=card["name"], period=told.forecast.point.period.name)
        return {**card, "name": name}

    def changed(self) -> None:
        """Say what changed since the last review, and how far the target is."""
        self.section("changed")
        self.points(self.review.summary()[1:-1][:4])

    def decide(self, told: ToldForecast | None) -> None:
        """Say what is to be decided: how the target is reached, which deals get help, which go on."""
        self.section("decide")
        said = []
        if told is not None:
            said += target_decision(told)
        attention = self.review.attention()
        said += deal_decisions(attention, words=self.words, formats=self.formats)
        said += [] if told is None else self._of_deals(told)
        self.points(said or [self.words("report.decide_nothing")])
        if len(attention):
            self.keep("attention", attention.drop(columns="reasons"))

    def where(self) -> None:
        """Show where it is won and open, by the first of region, team, seller and product that the data has."""
        by = next((one for one in _WHERE if self.can_slice(one)), None)
        if by is None:
            return
        slices = self.named(self.review.breakdown(by), by).rename(columns={"slice": by})
        self.section("where")
        self.keep(f"by_{by}", slices)
        columns = [by, "won_count", "won_amount", "target", "win_rate", "open_count", "open_amount", "weighted_amount"]
        self.show_rows(f"by_{by}", slices[columns].head(_MOST_SLICES), look=TableLook(cards=True))
        if len(slices) > _MOST_SLICES:
            n, total = (self.formats.number(n) for n in (_MOST_SLICES, len(slices)))
            self.say(self.words("report.summary_where_more", n=n, total=total))

    def _of_deals(self, told: ToldForecast) -> list[str]:
        """A question for each deal that weighs enough; else that none does, with the largest."""
        deals = decisive_deals(told)
        if len(deals):
            return [self._deciding(row, told) for row in deals.to_dict("records")]
        largest, period = largest_open(told), told.forecast.point.period.name
        if largest is None:
            return []
        shares = {"least": self.formats.share(LEAST_SHARE), "largest": self.share(largest)}
        return [self.words("report.summary_no_deal", period=period, **shares)]

    def _deciding(self, row: dict[Any, Any], told: ToldForecast) -> str:
        owner = self.labels.get("owner_id", {}).get(row["owner_id"], row["owner_id"])
        values = {
            "name": row["name"],
            "amount": self.short_money(row["amount"]),
            "chance": self.formats.share(row["close_probability"]),
            "owner": owner if isinstance(owner, str) else self.words("report.slice_none"),
            "share": self.share(row["expected_share"]),
            "period": told.forecast.point.period.name,
        }
        return self.words("report.summary_decides", **values)
