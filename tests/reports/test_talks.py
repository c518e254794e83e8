"""The one on one and the executive summary, with words and figures that are there in both languages."""

import json
from datetime import date

import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.reports import OneOnOnePage, SummaryPage, forecast_review, period_ahead, rates_beside, run_report
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.decisions import decisive_deals
from oppnb.reports.review_forecast import ReviewForecast
from oppnb.reports.seller import find_seller, review_of_seller
from oppnb.review import open_review
from oppnb.workspace import parse_workspace
from tests.builders import make_opportunity, make_tables
from tests.reports.forecast_pipeline import DAY, usual
from tests.workbook_words import left_in_english

AS_OF = date(2024, 6, 30)
OWNERS = [
    {"owner_id": "u1", "name": "Ann", "team": "T1", "region": "North"},
    {"owner_id": "u2", "name": "Bo", "team": "T1", "region": "North"},
    {"owner_id": "u3", "name": "Bo", "team": "T2", "region": "South"},
]


class CollectedTalk(CollectedPage, OneOnOnePage):
    """A one on one without a kernel."""


class CollectedSummary(CollectedPage, SummaryPage):
    """An executive summary without a kernel."""


def deals_of(owner: str, n_won: int, n_lost: int, *, first: int) -> list[dict[str, object]]:
    ended = [
        make_opportunity(
            str(first + n),
            owner_id=owner,
            stage=how.title(),
            outcome=how,
            closed_at="2024-05-01",
            name=f"Ended {owner} {n}",
        )
        for n, how in enumerate(["won"] * n_won + ["lost"] * n_lost)
    ]
    still = make_opportunity(str(first + 99), owner_id=owner, outcome="open", name=f"Open of {owner}", amount=50.0)
    return [*ended, still | {"next_step": "Call", "next_step_due_on": "2024-06-20", "expected_close_on": "2024-06-29"}]


def make_review(*, u1=(12, 2), u2=(3, 30), u3=(5, 5), **asked):
    deals = [*deals_of("u1", *u1, first=1000), *deals_of("u2", *u2, first=2000), *deals_of("u3", *u3, first=3000)]
    quota = [{"period_start": "2024-04-01", "period_end": "2024-06-30", "amount": 900.0, "owner_id": "u1"}]
    tables = make_tables(deals, exported_on=AS_OF, owners=OWNERS, targets=quota)
    return open_review(tables, as_of=AS_OF, **asked)


def said_by(page: CollectedPage) -> str:
    return "\n".join(str(bundle.get("text/html", "")) for bundle in page.outputs)


def test_a_seller_is_found_by_id_and_by_name():
    review = make_review()
    assert find_seller(review, "u1") == find_seller(review, "Ann") == "u1"
    assert find_seller(make_review(only={"owner_id": "u2"}), None) == "u2"
    for seller, said in (("An", "Did you mean 'Ann'"), ("Bo", "u2 or u3")):
        with pytest.raises(ParameterError, match=said):
            find_seller(review, seller)


def test_without_a_name_the_talk_is_with_the_seller_of_the_largest_open_amount():
    deals = [
        make_opportunity("1", owner_id="u1", amount=60.0, outcome="open"),
        make_opportunity("2", owner_id="u2", amount=50.0, outcome="open"),
        make_opportunity("3", owner_id="u2", amount=50.0, outcome="open"),
        make_opportunity("4", owner_id="u1", amount=900.0, stage="Won", outcome="won", closed_at="2024-05-01"),
        make_opportunity("5", amount=900.0, outcome="open"),
    ]
    assert find_seller(open_review(make_tables(deals, exported_on=AS_OF), as_of=AS_OF), None) == "u2"
    of_nobody = open_review(make_tables(deals[3:], exported_on=AS_OF), as_of=AS_OF)
    with pytest.raises(ParameterError, match="Nobody owns an open deal"):
        find_seller(of_nobody, None)


def test_a_sellers_review_holds_the_own_deals_and_quota_alone():
    own = review_of_seller(make_review(), "u1")
    assert set(own.snapshot["owner_id"]) == {"u1"}
    assert own.only == {"owner_id": "u1"}
    assert own.kpis().set_index(["metric", "variant"])["target"]["won_amount", "period"] == 900.0


def test_win_rates_are_held_beside_the_others_of_the_team_without_the_seller():
    rows = rates_beside(make_review(), "u1").set_index("who")
    assert rows["n"].to_dict() == {"seller": 14, "team": 33, "others": 10}
    assert rows["win_rate"].round(4).to_dict() == {"seller": 0.8571, "team": 0.0909, "others": 0.5}
    assert (rows["low"] <= rows["win_rate"]).all()
    assert (rows["win_rate"] <= rows["high"]).all()


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ((12, 2), "more than chance explains"),
        ((2, 12), "chance alone may be"),
        ((2, 2), "below 10 a rate says nothing"),
    ],
)
def test_a_difference_is_told_only_where_chance_does_not_explain_it(own, said):
    page = CollectedTalk(make_review(u1=own), "u1")
    page.rates()
    assert said in said_by(page)


@pytest.mark.parametrize(("seller", "said"), [("u1", "9% by the others in the team"), ("u3", "by everybody else")])
def test_the_label_says_who_a_rate_is_held_beside(seller, said):
    page = CollectedTalk(make_review(), seller)
    page.rates()
    assert said in said_by(page)


def test_of_a_seller_alone_nobody_is_compared():
    page = CollectedTalk(make_review(only={"owner_id": "u1"}), None)
    assert len(page.rates()) == 1
    assert "nobody to compare with" in said_by(page)


@pytest.mark.parametrize(
    ("amount", "said"), [(150.0, "1 of 2 open deals, $150 or 75% of"), (None, "1 of 2 open deals have no")]
)
def test_deals_without_a_creation_date_are_told_with_their_worth(amount, said):
    dated = make_opportunity("1", owner_id="u1", outcome="open", amount=50.0 if amount else None)
    undated = make_opportunity("2", owner_id="u1", outcome="open", created_at=None, amount=amount)
    other = make_opportunity("3", owner_id="u2", outcome="open", created_at=None, amount=9000.0)
    tables = make_tables([dated, undated, other], exported_on=AS_OF, owners=OWNERS)
    page = CollectedTalk(open_review(tables, as_of=AS_OF, currency="USD"), "u1")
    page.words_needed()
    assert said in said_by(page)
    page = CollectedTalk(open_review(make_tables([dated], exported_on=AS_OF), as_of=AS_OF), "u1")
    page.words_needed()
    assert "creation date" not in said_by(page)


@pytest.mark.parametrize(
    ("closed_at", "locale", "said"),
    [
        (None, "en", "No warning sign among the open deals (1): none needs a word."),
        (None, "zh_CN", "进行中的商机（1 个）都没有预警"),
        ("2024-05-01", "en", "No deal is open"),
        ("2024-05-01", "zh_CN", "目前没有进行中的商机"),
    ],
)
def test_a_talk_without_a_deal_that_needs_a_word_says_so_in_one_sentence(closed_at, locale, said):
    how = {"outcome": "open"} if closed_at is None else {"outcome": "won", "stage": "Won", "closed_at": closed_at}
    deal = make_opportunity("1", owner_id="u1", created_at="2024-04-20", **how)
    page = CollectedTalk(open_review(make_tables([deal], exported_on=AS_OF), as_of=AS_OF, locale=locale), "u1")
    page.words_needed()
    assert page.review.attention().empty
    assert said in said_by(page)
    assert not any(word in said_by(page) for word in ("0 of", "中的 0 个"))


def test_a_talk_defines_the_figures_at_its_top_and_the_workbook_all():
    page = CollectedTalk(make_review(), "u1")
    page.definitions(page.review.definitions())
    shown = said_by(page).count("<tr>") - 1
    assert 5 <= shown <= 8 < len(page._named["definitions"])


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_talk_names_no_deal_of_another_seller(locale):
    page = CollectedTalk(make_review(locale=locale), "Ann")
    page.opening()
    page.brief()
    page.words_needed()
    page.promises()
    page.quota(ReviewForecast(False))
    page.rates()
    page.notes()
    text = said_by(page) + "".join(frame.to_csv() for frame in page._named.values()) + json.dumps(page._figures())
    assert "Open of u1" in text
    assert "Ann" in text
    assert not {"u2", "u3", "Bo", "Open of u2"} & {word for word in ("u2", "u3", "Bo", "Open of u2") if word in text}


def test_promises_say_what_is_overdue():
    page = CollectedTalk(make_review(), "u1")
    page.promises()
    assert "Next steps that are overdue: 1." in said_by(page)
    assert list(page._named["promises"]["next_step"]) == ["Call"]


def test_on_the_last_day_of_a_quarter_the_page_is_of_it_and_only_the_forecast_is_of_the_next():
    review = make_review()
    assert review.as_of == review.period.end
    summary, talk = CollectedSummary(review), CollectedTalk(review, "u1")
    summary.five(None)
    summary.changed()
    talk.brief()
    talk.quota(ReviewForecast(False))
    assert summary.title == "Executive summary 2024Q2"
    assert "20 deals" in said_by(summary)  # 12 + 3 + 5 won in May, and none of them "so far"
    for page in (summary, talk):
        assert "2024Q3" not in said_by(page)
        assert "so far" not in said_by(page)
    assert "2024Q2 is over: 1.2K was won." in said_by(talk)  # 12 deals of 100, and a quota of 900
    assert "That is 300 over the quota of 900." in said_by(talk)
    assert period_ahead(review).period.name == "2024Q3"
    for given in ("2024Q4", "2024Q1"):
        assert period_ahead(make_review(period=given)).period.name == given


def test_a_talk_says_that_expected_closes_are_missing_where_they_are():
    deal = make_opportunity("1", owner_id="u1", amount=200.0, outcome="open")
    stages = "processes: [{name: default, stages: [{name: Lead, odds: 0.25}, {name: Won, outcome: won}]}]"
    review = open_review(make_tables([deal], exported_on=date(2024, 6, 20)), workspace=parse_workspace(stages))
    page = CollectedTalk(review, "u1")
    page.quota(ReviewForecast(False))
    assert "no open deal says when it is expected to close" in said_by(page)
    assert "all open deals come to 50, whenever they close" in said_by(page)
    of_no_odds = CollectedTalk(
        open_review(make_tables([deal | {"expected_close_on": "2024-06-25"}], exported_on=date(2024, 6, 20))), "u1"
    )
    assert "no stage has odds" in of_no_odds._why_untold({})[0]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_what_is_to_be_decided_asks_for_a_decision_and_names_deals(locale):
    deals = [make_opportunity("w", stage="Won", outcome="won", closed_at="2024-01-05")]
    deals += [
        make_opportunity(str(n), account_id="a", product="P", amount=float(n), expected_close_on="2024-05-01")
        for n in range(1, 6)
    ]
    accounts = [{"account_id": "a", "name": "<b>Acme"}]
    page = CollectedSummary(open_review(make_tables(deals, accounts=accounts, exported_on=AS_OF), locale=locale))
    page.decide(None)
    text = said_by(page)
    assert "&lt;b&gt;Acme · P (5)" in text  # of largest amount, named by account and product, escaped
    assert "<b>Acme" not in text
    assert (
        "Name a new date or close: 5 deals worth 15" if locale == "en" else "另定日期还是关闭：5 个商机（共 15）"
    ) in text
    assert not any(said in text for said in ("no target", "没有本期的目标", "50%"))


def test_a_deal_that_is_hardly_won_or_nearly_sure_is_nobodys_decision(monkeypatch):
    told = usual("en")
    expected = told.forecast.distribution.mean
    rows = {"opportunity_id": ["1", "2", "3", "4"], "close_probability": [0.01, 0.5, 0.99, 0.9], "swing_amount": 5.0}
    rows["amount"] = expected / 10
    monkeypatch.setattr("oppnb.reports.decisions.deciding_deals", lambda _, **__: pd.DataFrame(rows))
    assert list(decisive_deals(told)["opportunity_id"]) == ["2", "4"]
    rows["amount"] = [0.0, expected / 20, 0.0, expected / 25]  # the last one moves the period by 4% at most
    found = decisive_deals(told)
    assert found[["opportunity_id", "expected_share"]].values.tolist() == [["2", pytest.approx(0.05)]]
    page = CollectedSummary(make_review())
    rows["amount"] = [0.0, expected / 50, 0.0, expected / 300]
    (said,) = page._of_deals(told)
    assert "2.0% of what is expected" in said
    assert "from 5% on" in said


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_summary_has_five_figures_and_says_what_to_decide(locale):
    told = usual(locale)
    opened = told.found.opened
    review = open_review(opened.tables, as_of=DAY, workspace=opened.workspace, locale=locale, currency="CNY")
    page = CollectedSummary(review)
    page.opening()
    page.five(page.forecasted(ReviewForecast(True, "", told)))
    page.changed()
    page.where()
    page.decide(told)
    text = said_by(page)
    assert text.count('<div class="card') == 5
    assert all(f'id="{key}"' in text for key in ("changed", "where", "decide"))
    slices = next(frame for name, frame in page._named.items() if name.startswith("by_"))
    whole = review.kpis().set_index(["metric", "variant"])["value"]
    assert slices["won_amount"].sum() == pytest.approx(whole["won_amount", "period"])
    assert slices["open_amount"].sum() == pytest.approx(whole["open_amount", "all"])
    assert {one["id"] for one in page._figures()} >= {"forecast_amount", "open_amount"}


def test_on_the_last_day_the_figures_are_of_the_quarter_and_the_last_one_expects_of_the_next():
    told = usual("en")
    opened = told.found.opened
    ahead = told.forecast.point.period
    review = open_review(
        opened.tables, as_of=DAY, period=ahead.shift(-1), workspace=opened.workspace, locale="en", currency="CNY"
    )
    page = CollectedSummary(review)
    page.five(page.forecasted(ReviewForecast(True, "", told)))
    cards = said_by(page).split('<div class="card')[1:]
    assert f"Expected ({ahead.name})" in cards[-1]
    expected, won = told.forecast.distribution.mean, page.review.kpis().set_index(["metric", "variant"])["value"]
    change = expected / won["won_amount", "period"] - 1
    which = "more" if change > 0 else "less"
    share = f"{abs(change):.0%} {which} than the"
    assert share in said_by(page)
    assert f"won in {ahead.shift(-1).name}." in said_by(page)
    assert "Amount won" in cards[0]
    assert not any("Expected" in card for card in cards[:-1])


def test_without_a_forecast_the_summary_goes_on():
    page = CollectedSummary(make_review())
    page.five(page.forecasted(forecast_review(page.review, "off")))
    page.decide(None)
    assert said_by(page).count('<div class="card') == 5
    assert said_by(page).index("is won, and deals worth") < said_by(page).index('<div class="card')


@pytest.mark.kernel
def test_both_run_as_files_with_every_table_as_csv(tmp_path):
    deals = pd.DataFrame([*deals_of("u1", 3, 2, first=1000), *deals_of("u2", 3, 2, first=2000)])
    deals.loc[deals["owner_id"] == "u1", "name"] = "=1+1"
    (tmp_path / "data").mkdir()
    deals.to_csv(tmp_path / "data" / "opportunities.csv", index=False)
    asked = {"data": tmp_path / "data", "as_of": AS_OF, "workspace": None, "forecast": "off", "locale": "zh_CN"}
    talk = run_report("one_on_one", {**asked, "seller": "u1"}, out=tmp_path / "out")
    summary = run_report("executive_summary", asked, out=tmp_path / "out")
    for result in (talk, summary):
        assert json.loads(result.figures_json.read_text(encoding="utf-8"))
        assert {path.stem for path in result.tables} >= {"kpis"}
        assert left_in_english(result.report_xlsx) == []
    attention = next(path for path in talk.tables if path.stem == "attention")
    raw = attention.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in raw.decode("utf-8-sig")
    assert 1099 in list(pd.read_csv(attention)["opportunity_id"])
