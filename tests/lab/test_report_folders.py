"""Reports that are about something else do not take each other's place."""

from pathlib import Path

import pytest

from oppnb.lab.bodies import ReportBody
from oppnb.lab.places import OutsideError
from oppnb.lab.report_folders import folder_slug
from oppnb.lab.requests import checked_report
from oppnb.reports import Parameter

SCHEMA = {
    "data": Parameter("data", "str", "x", may_be_none=False),
    "as_of": Parameter("as_of", "date", None, may_be_none=True),
    "period": Parameter("period", "str", None, may_be_none=True),
    "seller": Parameter("seller", "str", None, may_be_none=True),
    "only": Parameter("only", "mapping", None, may_be_none=True),
    "cash_weeks": Parameter("cash_weeks", "int", 26, may_be_none=False),
}


def slug(**values):
    return folder_slug(values, SCHEMA)


def test_day_data_and_defaults_are_the_same_report():
    assert slug() == slug(data="y", as_of="2025-09-30", cash_weeks=26, period=None, only="") == ""


def test_another_period_slice_or_seller_is_another_report_and_the_same_is_the_same():
    names = ["North", "north", "No rth", "No-rth", "华东", "../../etc", "CON", "x" * 300, "x" * 301]
    asked = [{"period": "2025Q3"}, {"period": "2025Q4"}, *({"seller": name} for name in names)]
    asked += [{"only": {"region": name}} for name in names]
    found = [slug(**one) for one in asked]
    assert len({one.casefold() for one in found}) == len(asked)
    assert found == [slug(data="other", as_of="2025-12-31", **one) for one in asked]
    assert slug(only="region=North") == slug(only={"region": "North"})
    for one in found:
        assert Path(one).name == one
        assert len(one) <= 47
        assert not set(one) & set('/\\:*?"<>|. #%')


def test_a_form_with_another_period_comes_to_a_folder_of_its_own(office, root):
    def folder(**values):
        asked = {"data": "client/amount.txt", **values}
        return checked_report(office, ReportBody(template="light", workspace="client/oppnb.yaml", values=asked))[
            "folder"
        ]

    reports = root.folder / "client" / "reports" / "light"
    assert folder() == folder(factor=1) == str(reports)
    assert Path(folder(factor=2)).parent == reports
    assert folder(factor=2) != folder(factor=3)


def test_a_link_among_the_reports_that_leads_out_is_not_written_through(office, root, tmp_path_factory):
    reports = root.folder / "client" / "reports"
    reports.mkdir()
    (reports / "light").symlink_to(tmp_path_factory.mktemp("outside"))
    asked = ReportBody(template="light", workspace="client/oppnb.yaml", values={"data": "client/amount.txt"})
    with pytest.raises(OutsideError):
        checked_report(office, asked)
