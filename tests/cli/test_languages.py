"""Commands speak the language of the workspace."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.cli.at_work import at_work
from oppnb.cli.reviewing import print_result, reader_words
from oppnb.cli.section_words import part_text
from oppnb.locale import Words
from oppnb.reports import ReportResult, find_template, template_names

DEALS = """opportunity_id,stage,region,amount,created_at,closed_at
1,Demo,North,0,2024-01-02,
2,Won,South,5,2024-01-02,2024-02-02
"""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "oppnb.yaml").write_text("locale: zh_CN\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def say(*arguments: str) -> str:
    return CliRunner().invoke(app, list(arguments)).output


def test_inspect_and_its_yaml_are_in_the_language_of_the_workspace(desk: Path) -> None:
    said = say("inspect", "data", "--workspace", "oppnb.yaml")
    comments = [line.partition("#")[2] for line in said.splitlines() if "#" in line]
    assert len(comments) > 3
    assert all(CHINESE.search(line) for line in comments)
    assert "历史深度" in said
    assert "根据 1 个文件的表头和取值提出的建议" in said
    english = say("inspect", "data", "--workspace", "oppnb.yaml", "--locale", "en")
    assert not CHINESE.search(english)
    assert "values of 1 file." in english


def test_the_audit_says_that_its_rules_are_broken(desk: Path) -> None:
    english, chinese = say("audit", "data", "--locale", "en"), say("audit", "data", "-w", "oppnb.yaml")
    assert "opportunities, broken rule: The amount is not zero\n    1 of 2 rows break it (50.0%)" in english
    assert "opportunities，不符合的规则：金额不为零\n    1 行不符合（共检查 2 行，50.0%）" in chinese


def test_templates_are_listed_and_checked_in_the_language_of_the_workspace(desk: Path) -> None:
    assert "现状诊断" in say("templates", "list")
    assert "1 个模板没有问题。" in say("templates", "check", "baseline")
    assert "1 template is sound." in say("templates", "check", "baseline", "--locale", "en")
    assert "2 templates are sound." in say("templates", "check", "baseline", "model_card", "--locale", "en")
    (desk / "templates").mkdir()
    (desk / "templates" / "mine.ipynb").write_text("no notebook", encoding="utf-8")
    failed = CliRunner().invoke(app, ["templates", "check"])
    assert str(failed.exception) == "1 个模板中有 1 处需要修改。"
    failed = CliRunner().invoke(app, ["templates", "check", "--locale", "en"])
    assert str(failed.exception) == "1 thing to mend in 1 template."


def test_a_workspace_with_a_mistake_does_not_stop_what_only_shows(desk: Path) -> None:
    (desk / "oppnb.yaml").write_text("lcoale: zh_CN\n", encoding="utf-8")
    assert "There are no runs" in say("runs")


def test_every_part_of_every_report_is_told_by_a_heading_in_chinese() -> None:
    for name in template_names():
        cells = json.loads(find_template(name).read_text(encoding="utf-8"))["cells"]
        ids = [str(cell["id"]) for cell in cells if cell["cell_type"] == "code"]
        told = {cell: part_text(name, cell, Words("zh_CN")) for cell in ids}
        assert {cell: text for cell, text in told.items() if not CHINESE.search(text)} == {}
    assert part_text("one_on_one", "brief", Words("zh_CN")) == "概要"
    assert part_text("weekly", "partners", Words("zh_CN")) == "partners"


def test_how_far_a_report_is_and_where_it_lies_are_told_in_the_language_of_the_workspace(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {}
    for locale in (None, "en"):
        words = reader_words(locale, Path("oppnb.yaml"))
        with at_work(words, "forecast_review") as progress:
            progress(0, 20)
        for name in ("review", "retrospective", "forecast_review"):
            print_result(ReportResult(desk / "2024-03-01", 0.1), words, as_json=False, name=name)
        told[locale] = "".join(capsys.readouterr())
    assert all(CHINESE.search(line) for line in told[None].splitlines())
    assert f"管道评审：{desk / '2024-03-01'}" in told[None]
    assert "running the report: 0 of 20 cells" in told["en"]
    assert f"The review is in {desk / '2024-03-01'}" in told["en"]
    assert not CHINESE.search(told["en"])


def test_what_is_wrong_with_a_template_is_told_in_one_language(desk: Path) -> None:
    (desk / "templates").mkdir()
    (desk / "templates" / "mine.ipynb").write_text("no notebook", encoding="utf-8")
    broken = find_template("baseline").read_text(encoding="utf-8").replace("page = ", "page = (", 1)
    (desk / "templates" / "other.ipynb").write_text(broken, encoding="utf-8")
    chinese, english = say("templates", "check"), say("templates", "check", "--locale", "en")
    assert "mine.ipynb，第 1 行：不是 JSON，因此不是笔记本" in chinese.splitlines()
    assert all(CHINESE.search(line) for line in chinese.splitlines())
    assert "mine.ipynb, line 1: this is not JSON, so it is no notebook" in english.splitlines()
    assert not CHINESE.search(english)
    assert len(chinese.splitlines()) == len(english.splitlines()) > 1


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_kind_of_template_problem_is_told_with_all_its_values(locale: str) -> None:
    from oppnb.reports.template_check import TemplateProblem

    values = dict.fromkeys(("why", "name", "near", "sections", "section", "table"), "NAME")
    around = {"told", "comma", "cell", "line", "hint"}
    for code in set(Words(locale).keys("template_problem")) - around:
        wanted = re.findall(r"{(\w+)}", Words(locale)(f"template_problem.{code}"))
        given = {name: values[name] for name in values if name in wanted or (name == "near" and "hint" in wanted)}
        told = TemplateProblem("x.ipynb", None, None, code, given).text(Words(locale))
        assert told.count("NAME") == len(wanted)
        assert bool(CHINESE.search(told)) is (locale == "zh_CN")
