"""The folder data/sample is what the command makes, small, and as dirty as it says."""

import json
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources.synthetic import SyntheticSettings, __main__, write_sample
from oppnb.sources.synthetic.writing import as_text
from oppnb.tables import CANONICAL, stage_rows
from oppnb.workspace import read_workspace

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
BY_HAND = {"README.md"}


def files(folder):
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def dirty():
    return pd.read_csv(SAMPLE / "dirty" / "Opportunities.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def faults():
    content = json.loads((SAMPLE / "truth" / "faults.json").read_text(encoding="utf-8"))["faults"]
    return {(fault["fault"], fault["file"], fault["column"]): fault for fault in content}


def keys(faults, rule, column, file="Opportunities.csv"):
    return faults[rule, file, column]["keys"]


def test_is_made_again_byte_for_byte(again):
    committed, made = files(SAMPLE), files(again)
    assert set(committed) - BY_HAND == set(made)
    assert [name for name in made if made[name].read_bytes() != committed[name].read_bytes()] == []


def test_is_under_six_megabytes_with_everything():
    assert sum(path.stat().st_size for path in files(SAMPLE).values()) < 6_000_000


def test_every_file_ends_in_a_line_feed_and_has_no_carriage_return():
    for name, path in files(SAMPLE).items():
        content = path.read_bytes()
        assert content.endswith(b"\n"), name
        assert b"\r" not in content, name


def test_the_clean_folder_holds_the_canonical_tables_and_nothing_else():
    assert set(files(SAMPLE / "pipeline")) == {f"{name}.csv" for name in CANONICAL}


@pytest.mark.parametrize("name", list(CANONICAL))
def test_a_clean_file_read_again_is_the_table_that_was_made(made, name):
    frame, columns = made.tables[name], CANONICAL[name].columns
    read = pd.read_csv(SAMPLE / "pipeline" / f"{name}.csv", dtype=str, keep_default_na=False)
    assert list(read.columns) == list(frame.columns)
    for column in frame.columns:
        if pd.api.types.is_float_dtype(frame[column]):
            theirs = pd.to_numeric(read[column])
            pd.testing.assert_series_equal(theirs.astype("float64"), frame[column], check_names=False, rtol=1e-9)
        else:
            assert read[column].tolist() == as_text(frame[column], columns[column].kind).tolist()


def test_the_workspace_knows_every_stage_of_the_data(made):
    workspace = read_workspace(SAMPLE / "oppnb.yaml")
    rows = stage_rows(workspace)
    deals = made.tables["opportunities"]
    assert set(zip(deals["process"], deals["stage"], strict=True)) <= set(
        zip(rows["process"], rows["stage"], strict=True)
    )
    assert workspace.currency == "CNY"
    assert workspace.calendar.time_zone == "Asia/Shanghai"
    for process in workspace.processes:
        assert "zh_CN" in process.label
        assert all("zh_CN" in stage.label for stage in process.stages)
        open_stages = [stage for stage in process.stages if stage.outcome == "open"]
        assert all(stage.odds and stage.time_limit_days and stage.silence_limit_days for stage in open_stages)
        assert any(stage.key_tasks for stage in open_stages)
        assert all(stage.evidence for stage in open_stages)


def test_evidence_asked_for_by_the_workspace_is_recorded_in_the_data(made):
    asked = {
        element
        for process in read_workspace(SAMPLE / "oppnb.yaml").processes
        for stage in process.stages
        for element in stage.evidence
    }
    assert asked <= set(made.tables["evidence"]["element"])


def test_the_dirty_files_are_written_as_a_crm_would():
    folder = SAMPLE / "dirty"
    assert (folder / "Opportunities.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    activities = (folder / "跟进记录.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        activities.decode("utf-8")
    assert activities.decode("gb18030").splitlines()[0].split(";")[0] == "商机编号"
    assert (folder / "客户.csv").read_bytes().decode("gb18030").startswith("客户名称,")


def test_faults_that_can_be_counted_plainly_are_counted_right(dirty, faults):
    is_open = dirty["Closed At"] == ""
    known = {"Lead", "Qualified", "Proposal", "Negotiation", "Review", "Offer", "Terms", "Won", "Lost"}
    counted = {
        ("open_deal_has_an_amount", "Amount"): is_open & (dirty["Amount"] == ""),
        ("amount_is_not_zero", "Amount"): dirty["Amount"] == "¥0.00",
        ("amount_is_not_negative", "Amount"): dirty["Amount"].str.startswith("-"),
        ("currency_has_an_exchange_rate", "Amount Currency"): ~dirty["Amount Currency"].isin(["CNY", "USD"]),
        ("stage_is_in_the_configuration", "Stage"): ~dirty["Stage"].isin(known),
        ("name_is_text_not_null", "Opportunity Name"): dirty["Opportunity Name"].isin(["NA", "None"]),
        ("name_is_no_formula", "Opportunity Name"): dirty["Opportunity Name"].str.match("[=+@]"),
        ("name_is_no_script", "Opportunity Name"): dirty["Opportunity Name"].str.contains("<script>"),
        ("text_has_no_outer_blanks", "Opportunity Owner"): dirty["Opportunity Owner"].str.endswith(" "),
        ("row_is_not_repeated", None): dirty.duplicated(),
        ("key_is_there_once", "Opportunity ID"): dirty["Opportunity ID"].duplicated() & ~dirty.duplicated(),
    }
    for (rule, column), rows in counted.items():
        assert sorted(dirty.loc[rows, "Opportunity ID"]) == keys(faults, rule, column), rule


def test_dates_are_days_first_but_for_the_planted_ones(dirty, faults):
    wrong = pd.to_datetime(dirty["Close Date"], format="%d/%m/%Y", errors="coerce").isna() & (dirty["Close Date"] != "")
    planted = [
        *keys(faults, "date_is_possible", "Close Date"),
        *keys(faults, "date_is_not_a_placeholder", "Close Date"),
        *keys(faults, "date_order_is_the_same_in_all_rows", "Close Date"),
    ]
    assert sorted(dirty.loc[wrong, "Opportunity ID"]) == sorted(planted)
    swapped = dirty["Opportunity ID"].isin(keys(faults, "date_order_is_the_same_in_all_rows", "Close Date"))
    assert pd.to_datetime(dirty.loc[swapped, "Close Date"], format="%m/%d/%Y", errors="coerce").notna().all()


def test_closes_before_the_creation_are_the_planted_ones(dirty, faults):
    created, closed = (
        pd.to_datetime(dirty[column], format="%d/%m/%Y %H:%M", errors="coerce")
        for column in ("Created Date", "Closed At")
    )
    early = dirty.loc[closed < created, "Opportunity ID"]
    assert sorted(early) == keys(faults, "closed_at_is_not_before_created_at", "Closed At")


def test_keys_that_miss_are_the_planted_ones(dirty, faults):
    folder = SAMPLE / "dirty"
    accounts = pd.read_csv(folder / "客户.csv", encoding="gb18030", dtype=str)["客户名称"]
    users = pd.read_csv(folder / "users.csv", dtype=str)["Full Name"]
    products = pd.read_csv(folder / "Opportunity Product.csv", dtype=str)["Product Name"]
    for column, names, rule in (
        ("Account Name", accounts, "account_id_is_in_accounts"),
        ("Opportunity Owner", users, "owner_id_is_in_owners"),
        ("Product", products, "product_is_spelt_as_in_line_items"),
    ):
        misses = dirty.loc[~dirty[column].str.strip().isin(names), "Opportunity ID"]
        assert sorted(misses) == keys(faults, rule, column)


def test_contract_numbers_give_the_outcome_away(dirty, faults):
    filled = dirty.loc[dirty["Contract Number"] != "", ["Opportunity ID", "Stage"]]
    assert set(filled["Stage"]) == {"Won"}
    listed = keys(faults, "column_is_filled_alike_on_won_and_lost", "Contract Number")
    assert Counter(filled["Opportunity ID"]) == Counter(listed)


def test_moments_of_the_dirty_history_are_the_same_moments_in_three_styles(made):
    history = pd.read_csv(SAMPLE / "dirty" / "Opportunity History.csv", dtype=str)
    history = history[~history["Opportunity ID"].str.startswith("888")]
    naive = history["Edit Date"].str.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
    text = history["Edit Date"].where(~naive, history["Edit Date"].str.replace(" ", "T") + "+08:00")
    moments = pd.to_datetime(text, utc=True, format="ISO8601").dt.tz_localize(None).astype("datetime64[us]")
    clean = made.tables["opportunity_history"]
    clean = clean[clean["opportunity_id"].isin(history["Opportunity ID"])]
    assert moments.tolist() == clean["changed_at"].tolist()
    assert 0.3 < naive.mean() < 0.4


def test_the_command_says_what_it_wrote(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        __main__, "write_sample", lambda folder: write_sample(folder, SyntheticSettings(n_opportunities=60))
    )
    monkeypatch.setattr(sys, "argv", ["synthetic", str(tmp_path / "here")])
    assert __main__.main() == 0
    assert capsys.readouterr().out.startswith("60 opportunities written to ")
    assert (tmp_path / "here" / "oppnb.yaml").is_file()


def test_the_command_without_a_folder_explains_itself(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["synthetic"])
    assert __main__.main() == 2
    assert "Usage" in capsys.readouterr().err
