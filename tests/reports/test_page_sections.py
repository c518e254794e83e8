"""Headings of sections: oppnb's own from the catalogue, those of a template of one's own as it gives them."""

import pytest

from oppnb.errors import UsageError
from oppnb.locale import Formats, Words
from oppnb.reports.collected_page import CollectedPage


@pytest.fixture
def page() -> CollectedPage:
    return CollectedPage(words=Words("zh_CN"), formats=Formats("zh_CN", currency="CNY"), title="周报")


def shown(page: CollectedPage) -> str:
    return page.__dict__["outputs"][-1]["text/html"]


def test_a_section_of_oppnb_has_its_heading_in_the_readers_language(page):
    page.section("kpis")
    assert f">{Words('zh_CN')('report.section_kpis')}</h2>" in shown(page)


def test_a_section_of_ones_own_takes_its_heading_in_the_page_and_in_the_list_of_sections(page):
    page.section("accounts", "主要客户 <A>", lead="前十名")
    assert shown(page) == (
        '<h2 id="accounts" data-short="主要客户 &lt;A&gt;">主要客户 &lt;A&gt;</h2><p class="lead">前十名</p>'
    )


def test_a_heading_that_is_given_comes_before_that_of_oppnb(page):
    page.section("kpis", "一览")
    assert shown(page) == '<h2 id="kpis" data-short="一览">一览</h2>'


def test_an_unknown_section_without_a_heading_says_how_to_give_one(page):
    with pytest.raises(UsageError, match=r"page\.section\('accounts', 'My heading'\)"):
        page.section("accounts")
