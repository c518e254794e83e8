"""Frames of a review as a reader sees them."""

import pandas as pd
import pytest

from oppnb.locale import Formats, Words
from oppnb.reports.columns import kind_of
from oppnb.reports.review_tables import bottlenecks_in_words, findings_in_words


def test_a_bottleneck_is_told_in_the_unit_of_its_reason() -> None:
    frame = pd.DataFrame(
        {
            "process": "sales",
            "stage": ["Demo", "Offer", "Lead"],
            "reason": ["over_time_limit", "dwell_long", "leak"],
            "value": [0.37, 80.0, 0.343],
            "reference": [60.0, 41.5, 0.24],
            "n": [46, 12, 2100],
            "amount": [3.0, 2.0, 1.0],
        }
    )
    told = bottlenecks_in_words(frame, Words("en"), Formats("en"))
    assert told[["value", "reference"]].to_numpy().tolist() == [
        ["37%", "60 days"],
        ["80 days", "41.5 days"],
        ["34%", "24%"],
    ]


@pytest.mark.parametrize(
    ("locale", "rule", "table"),
    [("en", "won deals (Created)", "Opportunities"), ("zh_CN", "比例相近（创建时间）", "商机")],
)
def test_a_finding_names_columns_and_tables_as_the_reader_does(locale: str, rule: str, table: str) -> None:
    code = "column_is_filled_alike_on_won_and_lost"
    found = pd.DataFrame(
        {"rule": code, "table": "opportunities", "first_keys": ["created_at", "account_id"], "done": "kept"}
    )
    told = findings_in_words(found, Words(locale)).iloc[0]
    assert told["rule"].endswith(rule)
    assert told["table"] == table


def test_the_interval_of_a_loss_rate_and_its_part_of_all_losses_are_shares() -> None:
    leakage = pd.DataFrame({"lost_share": [0.34], "low": [0.3], "high": [0.4], "share_of_losses": [1.0]})
    assert [kind_of(leakage, column) for column in leakage] == ["share"] * 4
