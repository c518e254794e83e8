"""Days that the export does not know are told beside their field before anything runs."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from oppnb.lab.bodies import ReportBody
from oppnb.lab.days import day_errors, day_notes
from oppnb.lab.facts import read_facts
from oppnb.lab.requests import check
from oppnb.locale import Words

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
KNOWN = {"first_day": "2023-01-04", "last_day": "2025-12-31", "fiscal_year_start": 1}
TODAY = date(2026, 6, 1)


def errors_of(locale="en", known=KNOWN, **values):
    return day_errors(values, known, words=Words(locale), today=TODAY)


def notes_of(locale="en", known=KNOWN, **values):
    return day_notes(values, known, words=Words(locale))


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_day_before_the_first_deal_or_still_to_come_is_wrong_and_names_the_day_that_is_known(locale):
    assert "2023-01-04" in errors_of(locale, as_of="2023-01-03")["as_of"]
    assert "2025-12-31" in errors_of(locale, as_of="2031-01-01")["as_of"]
    for day in ("2023-01-04", "2025-12-31", "2026-06-01"):
        assert errors_of(locale, as_of=day) == {}
    assert errors_of(locale, as_of="2031-01-01", known={}) == {}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_last_review_is_before_the_reports_day_given_or_not(locale):
    assert "2025-09-30" in errors_of(locale, as_of="2025-09-30", compare_to="2025-09-30")["compare_to"]
    assert "2025-12-31" in errors_of(locale, compare_to="2026-09-30")["compare_to"]
    assert "2025-09-30" in errors_of(locale, as_of="2025-09-30", compare_to="2026-01-01", known={})["compare_to"]
    assert errors_of(locale, as_of="2025-09-30", compare_to="2025-09-29") == {}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_day_after_the_export_and_a_period_to_come_are_told_and_can_be_run(locale):
    assert "2025-12-31" in notes_of(locale, as_of="2026-01-02")["as_of"]
    assert notes_of(locale, as_of="2025-12-31", period="2025Q4") == {}
    assert "2025-09-30" in notes_of(locale, as_of="2025-09-30", period="2025Q4")["period"]
    assert "2025-12-31" in notes_of(locale, period="2026-01")["period"]
    april = {**KNOWN, "fiscal_year_start": 4}  # FY2026 begins on 2025-04-01
    assert notes_of(locale, known=april, period="FY2026") == {}
    assert list(notes_of(locale, period="FY2026")) == ["period"]


def test_an_export_knows_its_first_and_its_last_day():
    known = read_facts(SAMPLE / "pipeline", SAMPLE / "oppnb.yaml")
    lines = (SAMPLE / "pipeline" / "opportunities.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("created_at")
    first = min(line.split(",")[place][:10] for line in lines[1:])
    assert (known["first_day"], known["last_day"], known["fiscal_year_start"]) == (first, "2025-12-31", 1)


def test_the_check_tells_days_with_the_export_read_and_notes_only_where_nothing_is_wrong(office, root):
    rows = "opportunity_id,stage,amount,created_at,closed_at\n1,Demo,5,2025-01-02,\n2,Lost,7,2025-02-03,2025-03-04\n"
    (root.folder / "client" / "deals.csv").write_text(rows, encoding="utf-8")

    def asked(**values):
        given = {"data": "client/deals.csv", **values}
        return check(office, ReportBody(template="pipeline_review", workspace="client/oppnb.yaml", values=given))

    never = f"{datetime.now(UTC) + timedelta(days=900):%Y-%m-%d}"
    assert list(asked(as_of="2024-12-31")["errors"]) == ["as_of"]
    assert list(asked(as_of=never, period="2031Q1")["errors"]) == ["as_of"]
    told = asked(as_of="2025-03-05", period="2025Q2")
    assert told["errors"] == {}
    assert sorted(told["notes"]) == ["as_of", "period"]
