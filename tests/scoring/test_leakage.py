"""The leakage audit: what knows the outcome is out with its reason, what is merely strong stays."""

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import Words
from oppnb.scoring.leakage import LeakageAudit, audit_leakage
from oppnb.scoring.rows import ScoringRows
from tests.scoring.leaky_columns import HONEST, IDENTIFIERS, LEAKS
from tests.scoring.leaky_rows import Deals, draw_deals, make_rows


def audited(seed: int, n: int, names: list[str], **settings: object) -> LeakageAudit:
    rows, open_now = drawn(seed, n, names)
    return audit_leakage(rows, open_now=open_now, **settings)


def drawn(seed: int, n: int, names: list[str]) -> tuple[ScoringRows, ScoringRows]:
    deals = draw_deals(seed, n)
    columns = {**HONEST, **IDENTIFIERS, **LEAKS}
    return make_rows(deals, {name: columns[name](deals) for name in names})


def verdicts(audit: LeakageAudit) -> dict[str, str]:
    return {item.field: item.verdict for item in audit.fields}


def reason(audit: LeakageAudit, field: str) -> str:
    return next(item.reason for item in audit.fields if item.field == field)


def test_puts_out_a_closing_amount_that_is_0_for_lost_deals_and_keeps_a_strong_early_answer() -> None:
    audit = audited(1, 600, ["close_value_zero", "budget_right_85", "strong_number", "ten_values"])
    assert verdicts(audit) == {
        "close_value_zero": "out",
        "budget_right_85": "kept",
        "strong_number": "kept",
        "ten_values": "kept",
        "age_days": "kept",
    }
    assert audit.kept == ("age_days", "budget_right_85", "strong_number", "ten_values")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("close_value_blank", "filled_at_the_close"),
        ("closed_by", "filled_at_the_close"),
        ("is_closed_flag", "says_closed"),
        ("contract_number", "decided_won"),
        ("is_signed", "decided_won"),
        ("lost_reason", "decided_lost"),
        ("reference_by_state", "shape_tells"),
        ("planned_overwritten", "is_the_closing_day"),
        ("cycle_days", "is_the_closing_day"),
        ("modified_at", "never_before_the_close"),
        ("future_copy", "too_good"),
    ],
)
def test_says_by_which_evidence_a_field_is_out(field: str, code: str) -> None:
    audit = audited(2, 800, [field, "budget_right_80"])
    assert verdicts(audit)[field] == "out"
    assert code in [found.code for item in audit.fields if item.field == field for found in item.evidence]


def test_measures_what_a_field_would_have_added_to_the_honest_ones() -> None:
    audit = audited(3, 800, ["is_signed", "closed_by", "budget_right_80"])
    added = audit.frame.set_index("field")["would_have_added"]
    told = [item for item in audit.fields if item.would_have_added is not None]
    assert len({item.auc_without for item in told}) == 1  # all are added to the same honest fields
    assert all(0 < (item.auc_without or 0.0) + (item.would_have_added or 0.0) <= 1 for item in told)
    assert added["is_signed"] > 0.1  # the budget alone ranks at 0.80, the signature perfectly
    assert abs(added["closed_by"]) < 0.05  # filled in by chance values: useless as well as late
    assert np.isnan(added["budget_right_80"])


def test_keeps_a_leak_by_hand_only_with_the_reason_on_record_and_the_evidence_beside_it() -> None:
    audit = audited(3, 400, ["is_signed"], keep_fields={"is_signed": "it is signed at the kick-off"})
    kept = audit.frame.set_index("field").loc["is_signed"]
    assert kept["verdict"] == "kept_by_hand"
    assert kept["words_en"].startswith("Kept by hand (it is signed at the kick-off). Known only once a deal is won")
    assert kept["would_have_added"] > 0.1
    assert "is_signed" in audit.kept


def test_leaves_out_by_hand_what_is_honest() -> None:
    audit = audited(3, 200, ["ten_values", "flag"], leave_out=["flag"])
    assert verdicts(audit)["flag"] == "left_out"
    assert audit.kept == ("age_days", "ten_values")


def test_names_fields_of_the_workspace_that_the_data_does_not_have() -> None:
    audit = audited(3, 60, ["flag"], leave_out=["gone"], keep_fields={"lost": "why not"})
    assert audit.unknown == ("gone", "lost")


def test_a_text_of_its_own_for_each_deal_is_an_identifier_and_no_feature() -> None:
    audit = audited(4, 300, ["reference", "title", "running_number", "many_values", "account"])
    found = verdicts(audit)
    assert [found[name] for name in ("reference", "title", "running_number")] == ["identifier"] * 3
    assert {"many_values", "account"} <= set(audit.kept)


def test_a_leak_of_shuffled_outcomes_is_none() -> None:
    """The evidence is in the outcome: the same columns say nothing of another one."""
    rows, open_now = drawn(5, 600, ["future_copy", "future_score"])
    before = audit_leakage(rows, open_now=open_now)
    ids = rows.keys["opportunity_id"]
    closed = ids[rows.is_closed].unique()
    dealt = dict(zip(closed, np.random.default_rng(0).permutation(_ends(rows, closed)), strict=True))
    assert rows.ends is not None
    rows.ends["end"] = ids.map(dealt).fillna(rows.ends["end"]).astype("str")
    after = audit_leakage(rows, open_now=open_now)
    assert [verdicts(before)[name] for name in ("future_copy", "future_score")] == ["out", "out"]
    assert [verdicts(after)[name] for name in ("future_copy", "future_score")] == ["kept", "kept"]


def _ends(rows: ScoringRows, ids: np.ndarray) -> np.ndarray:
    assert rows.ends is not None
    by_deal = pd.Series(rows.ends["end"].to_numpy(dtype=object), index=rows.keys["opportunity_id"])
    return by_deal.groupby(level=0).first().reindex(ids).to_numpy(dtype=object)


def test_names_do_not_count() -> None:
    rows, open_now = drawn(6, 400, ["is_signed", "budget_right_80", "lost_reason", "reference"])
    names = {"is_signed": "a", "budget_right_80": "lost_reason", "lost_reason": "b", "reference": "contract_number"}
    before = verdicts(audit_leakage(rows, open_now=open_now))
    after = verdicts(audit_leakage(_renamed(rows, names), open_now=_renamed(open_now, names)))
    assert after == {names.get(field, field): verdict for field, verdict in before.items()}


def _renamed(rows: ScoringRows, names: dict[str, str]) -> ScoringRows:
    from dataclasses import replace

    features = tuple(replace(one, name=names.get(one.name, one.name)) for one in rows.features)
    return replace(rows, values=rows.values.rename(columns=names), features=features)


def test_neither_the_order_of_rows_nor_a_second_run_changes_anything() -> None:
    rows, open_now = drawn(7, 300, [*HONEST, "is_signed", "modified_at", "lost_reason"])
    first = audit_leakage(rows, open_now=open_now).frame
    pd.testing.assert_frame_equal(audit_leakage(rows, open_now=open_now).frame, first)
    turned = rows.take(np.arange(len(rows))[::-1])
    pd.testing.assert_frame_equal(
        audit_leakage(turned, open_now=open_now).frame.drop(columns="would_have_added"),
        first.drop(columns="would_have_added"),
    )


def test_without_open_deals_those_stand_in_whose_end_is_not_known() -> None:
    rows, _ = drawn(8, 400, ["closed_by", "is_signed", "ten_values"])
    audit = audit_leakage(rows)
    assert verdicts(audit) == {"closed_by": "out", "is_signed": "out", "ten_values": "kept", "age_days": "kept"}


def test_without_any_open_deal_only_too_much_certainty_speaks_against_a_field() -> None:
    rows, _ = drawn(9, 800, ["closed_by", "is_signed", "lost_reason", "budget_right_85", "score_right_88"])
    audit = audit_leakage(rows.take(rows.is_closed))
    found = verdicts(audit)
    assert (found["is_signed"], found["lost_reason"]) == ("out", "out")
    assert {"budget_right_85", "score_right_88", "closed_by"} <= set(audit.kept)
    assert reason(audit, "budget_right_85") == "nothing_found_without_open"


def test_works_on_an_export_without_any_date() -> None:
    deals = draw_deals(10, 450)
    names = ["is_signed", "reference_by_state", "budget_right_85", "account", "text_none"]
    columns = {name: {**HONEST, **LEAKS}[name](deals) for name in names}
    rows, _ = make_rows(deals, columns, dated=False)
    found = verdicts(audit_leakage(rows))
    assert found == {
        "is_signed": "out",
        "reference_by_state": "out",
        "budget_right_85": "kept",
        "account": "kept",
        "text_none": "kept",
    }


def test_a_field_known_from_history_stays_unless_it_knows_the_close_itself() -> None:
    deals = draw_deals(11, 500)
    columns = {"budget": HONEST["score_right_88"](deals), "ended_on": LEAKS["ended_on"](deals)}
    rows, open_now = make_rows(deals, columns, kinds={"budget": "dated", "ended_on": "dated"})
    audit = audit_leakage(rows, open_now=open_now)
    assert verdicts(audit) == {"budget": "kept", "ended_on": "out", "age_days": "kept"}
    assert reason(audit, "ended_on") == "is_the_closing_day"


def test_reports_the_final_state_of_a_field_that_history_tells_and_never_uses_it() -> None:
    deals = draw_deals(12, 500)
    rows, open_now = make_rows(deals, {"amount": HONEST["list_price"](deals)}, kinds={"amount": "dated"})
    paid = LEAKS["close_value_listed"](deals)
    final = pd.DataFrame({"amount_as_exported": paid.to_numpy()}, index=pd.Index(deals.ids, name="opportunity_id"))
    audit = audit_leakage(rows, open_now=open_now, final=final)
    row = audit.frame.set_index("field").loc["amount_as_exported"]
    assert (row["verdict"], row["group"]) == ("out", "amount")
    assert row["would_have_added"] > 0.3
    assert row["words_en"].endswith("Only the state of amount that was known on the day is used.")
    assert row["words_zh_CN"].endswith("只使用金额在当日已知的状态。")
    assert audit.kept == ("age_days", "amount")


def test_a_reason_is_told_once_and_a_field_of_the_close_is_not_said_to_be_used() -> None:
    deals = draw_deals(12, 500)
    rows, open_now = make_rows(deals, {"budget_right_85": HONEST["budget_right_85"](deals)})
    why = pd.Series(np.where(deals.won, None, np.where(np.arange(len(deals.ids)) % 10 == 0, "timing", "price")))
    final = pd.DataFrame({"lost_reason_as_exported": why.to_numpy()}, index=pd.Index(deals.ids, name="opportunity_id"))
    audit = audit_leakage(rows, open_now=open_now, final=final)
    found = next(item for item in audit.fields if item.field == "lost_reason_as_exported")
    told = {code: Words("en")(f"leakage.{code}").split(":")[0] for code in {one.code for one in found.evidence}}
    assert all(found.words("en").count(text) == 1 for code, text in told.items() if code != "not_used")
    assert found.words("en").endswith("Of lost_reason nothing is known before the close, so it is not used at all.")


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_handful_of_deals_is_no_reason_to_throw_anything_out(size: int) -> None:
    rows, open_now = drawn(13, 30, ["flag", "budget_right_85", "account", "employees"])
    few = rows.keys["opportunity_id"].unique()[:size]
    audit = audit_leakage(rows.take(rows.keys["opportunity_id"].isin(few).to_numpy()), open_now=open_now)
    assert len(audit.kept) == len(rows.features)


@pytest.mark.parametrize("end", ["won", "lost"])
def test_deals_that_all_ended_alike_still_show_what_is_filled_at_the_close(end: str) -> None:
    rows, open_now = drawn(14, 300, ["closed_by", "ten_values", "budget_right_85"])
    kept = rows.is_won if end == "won" else rows.is_lost
    found = verdicts(audit_leakage(rows.take(kept), open_now=open_now))
    assert found["closed_by"] == "out"
    assert (found["ten_values"], found["age_days"]) == ("kept", "kept")


def test_speaks_both_languages_with_the_numbers() -> None:
    audit = audited(15, 600, list(LEAKS))
    frame = audit.frame
    assert frame["words_en"].str.contains(r"\d").all()
    assert frame["words_zh_CN"].str.contains("[一-鿿]").all()
    assert not frame[["words_en", "words_zh_CN"]].apply(lambda texts: texts.str.contains(r"[{}]|nan")).any(axis=None)


def test_the_catalogue_has_the_same_reasons_in_both_languages() -> None:
    assert Words("en").keys("leakage") == Words("zh_CN").keys("leakage")


def shares_of_errors(n: int, seeds: range, *, base: float = 0.5) -> tuple[float, float]:
    """False outs among honest columns, misses among leaks: shares over all columns and seeds."""
    false, missed = 0, 0
    for seed in seeds:
        deals: Deals = draw_deals(seed, n, base=base)
        columns = {name: make(deals) for name, make in {**HONEST, **IDENTIFIERS, **LEAKS}.items()}
        rows, open_now = make_rows(deals, columns)
        out = {name for name, verdict in _examined(rows, open_now).items() if verdict}
        false += len(out & {*HONEST, *IDENTIFIERS})
        missed += len(set(LEAKS) - out)
    return false / len(seeds) / (len(HONEST) + len(IDENTIFIERS)), missed / len(seeds) / len(LEAKS)


def _examined(rows: ScoringRows, open_now: ScoringRows) -> dict[str, bool]:
    from oppnb.scoring.leakage.examining import examine
    from oppnb.scoring.leakage.sample import make_sample

    sample = make_sample(rows, open_now)
    return {feature.name: bool(examine(feature, sample).evidence) for feature in rows.features}


@pytest.mark.parametrize(
    ("n", "base", "most_false", "most_missed"),
    [
        (20, 0.5, 0.02, 0.42),
        (100, 0.5, 0.02, 0.2),
        (100, 0.8, 0.02, 0.25),
        (400, 0.63, 0.02, 0.05),
        (2000, 0.5, 0.01, 0.0),
    ],
)
def test_seldom_throws_out_what_is_honest_and_finds_more_with_more_deals(
    n: int, base: float, most_false: float, most_missed: float
) -> None:
    false, missed = shares_of_errors(n, range(100, 104), base=base)
    assert false <= most_false
    assert missed <= most_missed
