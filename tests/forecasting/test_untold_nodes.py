"""A roll-up whose money stands in no node says why."""

from datetime import date

import pandas as pd
import pytest

from oppnb.forecasting.points import Point
from oppnb.forecasting.untold_nodes import tell_untold_nodes
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period

POINT = Point(date(2017, 11, 5), parse_period("2017Q4"))


def told(owners: list[str | None], by: list[str], locale: str = "en") -> list[str]:
    deals = pd.DataFrame({"owner_id": owners, "product": [None] * len(owners)})
    return tell_untold_nodes(deals, by, point=POINT, words=Words(locale), formats=Formats(locale))


@pytest.mark.parametrize(("locale", "counts"), [("en", "3 of 4 deals"), ("zh_CN", "4 个商机中有 3 个")])
def test_most_deals_without_an_owner_are_told_with_their_number(locale: str, counts: str) -> None:
    (sentence,) = told([None, None, None, "U1"], ["owner_id"], locale)
    assert counts in sentence


def test_nothing_is_said_where_half_have_one_or_where_the_column_is_not_the_owners() -> None:
    assert told([None, "U1"], ["owner_id"]) == []
    assert told([None, None], ["product", "region"]) == []
    assert told([], ["owner_id"]) == []
