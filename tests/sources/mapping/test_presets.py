"""Exports of each CRM are recognised by their headers, whichever of its ways of writing them is used."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources import Reading, read_tables
from oppnb.sources.mapping_columns import headers_of
from oppnb.sources.proposals_headers import normalise
from oppnb.sources.proposals_presets import presets
from oppnb.tables import CANONICAL

SALESFORCE_REPORT = {
    "Opportunity ID": ["006A", "006B", "006C"],
    "Opportunity Name": ["One", "Two", "Three"],
    "Account Name": ["Acme", "Bolt", "Acme"],
    "Opportunity Owner": ["Ann", "Bob", "Ann"],
    "Stage": ["Prospecting", "Closed Won", "Closed Lost"],
    "Amount": ["100", "200", "300"],
    "Close Date": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "Created Date": ["2024-01-01", "2024-01-02", "2024-01-03"],
    "Probability (%)": ["10", "100", "0"],
    "Lead Source": ["Web", "Web", "Fair"],
}
SALESFORCE_API = {
    "Id": ["006A", "006B", "006C"],
    "Name": ["One", "Two", "Three"],
    "AccountId": ["001A", "001B", "001A"],
    "OwnerId": ["005A", "005B", "005A"],
    "StageName": ["Prospecting", "Done", "Gone"],
    "Amount": ["100", "200", "300"],
    "CloseDate": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "CreatedDate": ["2024-01-01T00:00:00.000+0000", "2024-01-02T00:00:00.000+0000", "2024-01-03T00:00:00.000+0000"],
    "IsWon": ["false", "true", "false"],
    "IsClosed": ["false", "true", "true"],
    "Probability": ["10", "100", "0"],
    "IsDeleted": ["false", "false", "false"],
}
HUBSPOT_EXPORT = {
    "Record ID": ["1", "2", "3"],
    "Deal Name": ["One", "Two", "Three"],
    "Deal Stage": ["Appointment", "Closed won", "Closed lost"],
    "Pipeline": ["Sales Pipeline"] * 3,
    "Amount": ["100", "200", "300"],
    "Close Date": ["2024-05-01 10:00", "2024-04-02 10:00", "2024-04-03 10:00"],
    "Create Date": ["2024-01-01 10:00", "2024-01-02 10:00", "2024-01-03 10:00"],
    "Deal owner": ["Ann", "Bob", "Ann"],
    "Deal probability": ["0.2", "1", "0"],
}
HUBSPOT_API = {
    "hs_object_id": ["1", "2", "3"],
    "dealname": ["One", "Two", "Three"],
    "dealstage": ["appointmentscheduled", "closedwon", "closedlost"],
    "pipeline": ["default"] * 3,
    "amount": ["100", "200", "300"],
    "closedate": ["2024-05-01T10:00:00Z", "2024-04-02T10:00:00Z", "2024-04-03T10:00:00Z"],
    "createdate": ["2024-01-01T10:00:00Z", "2024-01-02T10:00:00Z", "2024-01-03T10:00:00Z"],
    "hubspot_owner_id": ["7", "8", "7"],
}
DYNAMICS_EXPORT = {
    "(Do Not Modify) Opportunity": ["a-1", "a-2", "a-3"],
    "(Do Not Modify) Row Checksum": ["x", "y", "z"],
    "Topic": ["One", "Two", "Three"],
    "Potential Customer": ["Acme", "Bolt", "Acme"],
    "Est. close date": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "Est. Revenue": ["100", "190", "300"],
    "Actual Revenue": [None, "200", None],
    "Actual Close Date": [None, "2024-04-05", "2024-04-06"],
    "Probability": ["10", "100", "0"],
    "Status": ["Open", "Won", "Lost"],
    "Pipeline Phase": ["1-Qualify", "4-Close", "2-Develop"],
    "Owner": ["Ann", "Bob", "Ann"],
    "Created On": ["2024-01-01", "2024-01-02", "2024-01-03"],
}
DYNAMICS_API = {
    "opportunityid": ["a-1", "a-2", "a-3"],
    "name": ["One", "Two", "Three"],
    "_parentaccountid_value": ["c1", "c2", "c1"],
    "_ownerid_value": ["u1", "u2", "u1"],
    "estimatedvalue": ["100", "190", "300"],
    "actualvalue": [None, "200", None],
    "estimatedclosedate": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "actualclosedate": [None, "2024-04-05", "2024-04-06"],
    "closeprobability": ["10", "100", "0"],
    "statecode": ["0", "1", "2"],
    "stepname": ["1-Qualify", "4-Close", "2-Develop"],
    "createdon": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"],
}
ZOHO_EXPORT = {
    "Record Id": ["zcrm_1", "zcrm_2", "zcrm_3"],
    "Deal Name": ["One", "Two", "Three"],
    "Deal Owner": ["Ann", "Bob", "Ann"],
    "Account Name": ["Acme", "Bolt", "Acme"],
    "Closing Date": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "Stage": ["Qualification", "Closed Won", "Closed Lost"],
    "Amount": ["100", "200", "300"],
    "Probability": ["10", "100", "0"],
    "Created Time": ["2024-01-01 10:00", "2024-01-02 10:00", "2024-01-03 10:00"],
}
PIPEDRIVE_EXPORT = {
    "Deal - ID": ["1", "2", "3"],
    "Deal - Title": ["One", "Two", "Three"],
    "Deal - Value": ["100", "200", "300"],
    "Deal - Currency of Value": ["EUR"] * 3,
    "Deal - Status": ["Open", "Won", "Lost"],
    "Deal - Stage": ["Qualified", "Proposal", "Proposal"],
    "Deal - Owner": ["Ann", "Bob", "Ann"],
    "Deal - Deal created": ["2024-01-01 10:00:00", "2024-01-02 10:00:00", "2024-01-03 10:00:00"],
    "Deal - Won time": [None, "2024-04-02 10:00:00", None],
    "Deal - Lost time": [None, None, "2024-04-03 10:00:00"],
    "Deal - Expected close date": ["2024-05-01", "2024-04-02", "2024-04-03"],
}
FXIAOKE_EXPORT = {
    "商机编号": ["S1", "S2", "S3"],
    "商机名称": ["甲", "乙", "丙"],
    "客户名称": ["客户一", "客户二", "客户一"],
    "销售阶段": ["需求确认", "赢单", "输单"],
    "商机金额(元)": ["100", "200", "300"],
    "预计成交日期": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "赢率": ["10%", "100%", "0%"],
    "负责人": ["张三", "李四", "张三"],
    "创建时间": ["2024-01-01 10:00", "2024-01-02 10:00", "2024-01-03 10:00"],
}
JIANDAOYUN_FORM = {
    "流水号": ["0001", "0002", "0003"],
    "商机名称": ["甲", "乙", "丙"],
    "客户名称": ["客户一", "客户二", "客户一"],
    "跟进阶段": ["初步接洽", "赢单", "丢单"],
    "预计签约金额（万元）": ["0.01", "0.02", "0.03"],
    "预计签约日期": ["2024/5/1", "2024/4/2", "2024/4/3"],
    "提交人": ["张三", "李四", "张三"],
    "提交时间": ["2024/1/1 10:00", "2024/1/2 10:00", "2024/1/3 10:00"],
}
ENGLISH = {
    "Deal Number": ["1", "2", "3"],
    "Customer": ["Acme", "Bolt", "Acme"],
    "Status": ["Negotiation", "Won", "Lost"],
    "Deal Value (EUR)": ["100", "200", "300"],
    "Expected Closing": ["2024-05-01", "2024-04-02", "2024-04-03"],
    "Date Created": ["2024-01-01", "2024-01-02", "2024-01-03"],
    "Sales Rep": ["Ann", "Bob", "Ann"],
}
CHINESE = {
    "编号": ["1", "2", "3"],
    "项目名称": ["甲", "乙", "丙"],
    "阶段": ["方案", "成交", "输单"],
    "金额": ["100", "200", "300"],
    "预计签单日期": ["2024年5月1日", "2024年4月2日", "2024年4月3日"],
    "录入日期": ["2024年1月1日", "2024年1月2日", "2024年1月3日"],
    "业务员": ["张三", "李四", "张三"],
}
EXPORTS = {
    "salesforce report": ("salesforce", SALESFORCE_REPORT),
    "salesforce api": ("salesforce", SALESFORCE_API),
    "hubspot export": ("hubspot", HUBSPOT_EXPORT),
    "hubspot api": ("hubspot", HUBSPOT_API),
    "dynamics export": ("dynamics_365", DYNAMICS_EXPORT),
    "dynamics api": ("dynamics_365", DYNAMICS_API),
    "zoho export": ("zoho", ZOHO_EXPORT),
    "pipedrive export": ("pipedrive", PIPEDRIVE_EXPORT),
    "fxiaoke export": ("fxiaoke", FXIAOKE_EXPORT),
    "jiandaoyun form": ("jiandaoyun", JIANDAOYUN_FORM),
    "english": ("plain_english", ENGLISH),
    "chinese": ("plain_chinese", CHINESE),
}
CASES = pytest.mark.parametrize("name", EXPORTS)


def read(folder: Path, columns: dict[str, list[str | None]]) -> Reading:
    pd.DataFrame(columns).to_csv(folder / "export.csv", index=False)
    return read_tables(folder)


@CASES
def test_the_export_is_read_without_a_workspace(tmp_path: Path, name: str) -> None:
    _, columns = EXPORTS[name]
    deals = read(tmp_path, columns).tables["opportunities"]
    assert deals["opportunity_id"].is_unique
    assert deals["outcome"].tolist() == ["open", "won", "lost"]
    assert deals["amount"].round(6).tolist() == [100, 200, 300]
    assert deals["expected_close_on"].dt.strftime("%m-%d").tolist()[0] == "05-01"
    assert deals["created_at"].notna().all()
    assert deals["owner_id"].nunique() == 2


@CASES
def test_the_reason_of_a_line_names_the_preset_and_the_header(tmp_path: Path, name: str) -> None:
    preset, columns = EXPORTS[name]
    (proposal,) = read(tmp_path, columns).proposals
    said = "plain header" if preset.startswith("plain") else f"preset {preset}"
    assert proposal.reasons["stage"].startswith(f"{said}: {headers_of(proposal.rule.columns['stage'])[0]}")
    assert set(proposal.rule.columns) <= set(proposal.reasons)


@CASES
def test_it_does_not_matter_how_a_header_is_spaced_or_cased(tmp_path: Path, name: str) -> None:
    _, columns = EXPORTS[name]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = read(tmp_path / "a", columns).tables["opportunities"]
    shouted = read(tmp_path / "b", {f" {key.upper()}": value for key, value in columns.items()}).tables["opportunities"]
    canonical = [column for column in CANONICAL["opportunities"].columns if column in plain.columns]
    pd.testing.assert_frame_equal(plain[canonical], shouted[canonical])


@pytest.mark.parametrize(
    "name", ["salesforce report", "salesforce api", "hubspot export", "hubspot api", "zoho export"]
)
def test_one_close_date_is_the_expected_one_and_for_closed_deals_the_real_one(tmp_path: Path, name: str) -> None:
    deals = read(tmp_path, EXPORTS[name][1]).tables["opportunities"]
    assert deals["expected_close_on"].notna().all()
    assert deals["closed_at"].notna().tolist() == [False, True, True]


@pytest.mark.parametrize("name", ["salesforce report", "salesforce api", "dynamics export", "zoho export"])
def test_a_percent_probability_becomes_a_share_that_says_what_it_is(tmp_path: Path, name: str) -> None:
    deals = read(tmp_path, EXPORTS[name][1]).tables["opportunities"]
    assert deals["crm_score"].tolist() == [0.1, 1.0, 0.0]
    assert set(deals["crm_score_kind"]) == {"probability"}


def test_a_share_is_no_percent(tmp_path: Path) -> None:
    assert read(tmp_path, HUBSPOT_EXPORT).tables["opportunities"]["crm_score"].tolist() == [0.2, 1.0, 0.0]


def test_percent_signs_are_read_once(tmp_path: Path) -> None:
    assert read(tmp_path, FXIAOKE_EXPORT).tables["opportunities"]["crm_score"].tolist() == [0.1, 1.0, 0.0]


def test_a_won_deal_of_dynamics_has_its_actual_revenue_and_day(tmp_path: Path) -> None:
    deals = read(tmp_path, DYNAMICS_API).tables["opportunities"]
    assert deals["closed_at"].dt.strftime("%m-%d").fillna("").tolist() == ["", "04-05", "04-06"]


def test_the_unit_in_a_header_is_a_factor_or_a_currency(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    form = read(tmp_path / "a", JIANDAOYUN_FORM).proposals[0]
    assert form.rule.columns["amount"].scale == 10_000
    assert "the header says its unit is 10,000" in form.reasons["amount"]
    assert set(read(tmp_path / "b", ENGLISH).tables["opportunities"]["currency"]) == {"EUR"}


def test_deleted_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    reading = read(tmp_path, SALESFORCE_API | {"IsDeleted": ["false", "true", "false"]})
    assert len(reading.tables["opportunities"]) == 2
    note = next(note for note in reading.tables.notes if note.code == "sources_deleted_left_out")
    assert note.values == {"file": "export.csv", "column": "IsDeleted", "n": 1}


def test_every_preset_names_canonical_tables_and_columns_only() -> None:
    for preset in presets():
        for section in preset.tables:
            assert set(section.columns) <= set(CANONICAL[section.table].columns), (preset.name, section.table)


def test_no_alias_is_empty_once_it_is_folded() -> None:
    for preset in presets():
        for section in preset.tables:
            for name, column in section.columns.items():
                assert all(normalise(alias) for alias in column.headers), (preset.name, section.table, name)


def test_a_history_of_field_changes_becomes_one_row_a_change(tmp_path: Path) -> None:
    pd.DataFrame(SALESFORCE_API).to_csv(tmp_path / "Opportunity.csv", index=False)
    (tmp_path / "OpportunityFieldHistory.csv").write_text(
        "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
        "h1,006A,StageName,Lead,Prospecting,2024-01-05T00:00:00Z\n"
        "h2,006A,Amount,90,100,2024-01-06T00:00:00Z\n"
        "h3,006A,CloseDate,2024-04-01,2024-05-01,2024-01-07T00:00:00Z\n"
        "h4,006A,Description,,,2024-01-08T00:00:00Z\n",
        encoding="utf-8",
    )
    history = read_tables(tmp_path).tables["opportunity_history"]
    assert history["stage"].fillna("").tolist() == ["Prospecting", "", ""]
    assert history["amount"].fillna(0).tolist() == [0, 100, 0]
    assert history["expected_close_on"].notna().tolist() == [False, False, True]
