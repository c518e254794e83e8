"""`oppnb templates list` and `show`: for whom, how often, how long; sections and tables in words."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.cli.section_words import section_title
from oppnb.locale import LOCALES, Words
from oppnb.reports import find_template, template_names
from oppnb.reports.declarations import read_declaration
from oppnb.tables import CANONICAL
from tests.notebooks import make_notebook

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def say(*arguments: str) -> str:
    return CliRunner().invoke(app, ["templates", *arguments]).stdout


@pytest.mark.parametrize("name", template_names())
@pytest.mark.parametrize("locale", LOCALES)
def test_every_template_says_for_whom_how_often_and_how_long_and_heads_its_sections(name, locale):
    path, words = find_template(name), Words(locale)
    declared = read_declaration(path)
    facts = declared.facts_in(words)
    assert all(facts.values())
    assert set(declared.reader) == set(declared.rhythm) == set(declared.takes) == set(LOCALES)
    titles = {section: section_title(path, section, words) for section in declared.sections}
    assert all(titles.values()), titles
    assert all(bool(CHINESE.search(text)) is (locale == "zh_CN") for text in [*facts.values(), *titles.values()])
    listed = json.loads(say("list", "--locale", locale, "--json"))
    assert facts.items() <= next(one for one in listed if one["name"] == name).items()
    shown = say("show", name, "--locale", locale)
    assert all(text in shown for text in [*facts.values(), *titles.values()])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_table_that_a_section_may_need_has_a_word(locale):
    assert set(Words(locale).keys("template_table")) == set(CANONICAL)


def test_tables_stand_in_words_beside_their_names():
    assert "即将到期的合同（需要 订阅 subscriptions）" in say("show", "forecast_review", "--locale", "zh_CN")
    assert "Units to supply (needs products in a deal (line_items))" in say("show", "forecast_review")
    assert "Contracts that end soon (needs subscriptions)" in say("show", "forecast_review")


def test_a_template_of_ones_own_tells_the_heading_that_it_writes_itself_and_may_say_nothing_more(tmp_path: Path):
    tree = make_notebook(
        'page.section("partners", "Our partners")', "page.finish(figures=[])", parameters="x: int = 1  # X"
    )
    tree["cells"][-2]["id"] = "partners"
    (tmp_path / "mine.ipynb").write_text(json.dumps(tree), encoding="utf-8")
    text = "title: {en: Mine}\nparameters: {x: {en: X}}\nsections: {partners: [owners], gone: []}\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    shown = say("show", str(tmp_path / "mine.ipynb"))
    assert "  partners  Our partners (needs sellers (owners))" in shown
    assert "  gone\n" in shown
    assert "How often" not in shown
