"""A stage that the configuration does not have, perhaps misspelt there, is said first of all."""

from datetime import date

import pytest

from oppnb.review import open_review
from oppnb.workspace import parse_workspace
from tests.builders import make_opportunity, make_tables

AS_OF = date(2024, 6, 30)
SETTINGS = """currency: EUR
processes:
  - name: sales
    stages:
      - {name: Demo, odds: 0.2}
      - {name: Engagin, odds: 0.6}
      - {name: Won, outcome: won}
      - {name: Lost, outcome: lost}
"""


def summary_of(settings: str, locale: str = "en") -> list[str]:
    stages = ["Demo", "Engaging", "Engaging", "Engaging"]
    deals = [make_opportunity(str(n), stage=stage, outcome="open", process="sales") for n, stage in enumerate(stages)]
    tables = make_tables(deals, exported_on=AS_OF)
    return open_review(tables, as_of=AS_OF, workspace=parse_workspace(settings), locale=locale).summary()


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "3 of 4 open deals stand in stages that the configuration does not have (“Engaging”)"),
        ("zh_CN", "4 个进行中商机中有 3 个所在的阶段（“Engaging”）不在配置中"),
    ],
)
def test_deals_in_a_stage_that_is_not_configured_are_said_first_with_the_name_that_may_be_meant(locale, said):
    first = summary_of(SETTINGS, locale)[0]
    assert said in first
    assert "“Engagin”" in first


def test_where_every_stage_is_configured_nothing_is_said_of_it():
    assert summary_of(SETTINGS.replace("Engagin", "Engaging"))[0].startswith("Open on June 30, 2024: 4 deals")
