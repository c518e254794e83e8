"""A mistake on the terminal: in Chinese first in a Chinese workspace, in an English one its own words alone."""

import re
from pathlib import Path

import pytest

from oppnb import errors
from oppnb.cli.main import main
from oppnb.cli.mistakes import mistake_text, reader_of
from oppnb.cli.running import _job_text
from oppnb.locale import Words
from oppnb.locale.mistakes import kind_of, speaks_for_itself, written_locale
from oppnb.runs import told_reason

CHINESE = re.compile(r"[\u4e00-\u9fff]")
FAILED = (
    "ReportFailedError: The report 'one_on_one' failed in cell 'open' (In [3]).\n"
    "  ParameterError: There is no seller 'B'. Did you mean 'C'?\n"
    "The notebook with a link to the cell is in out/failed/x; the last good report is as it was."
)
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.OppnbError) and kind is not errors.OppnbError
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "oppnb.yaml").write_text("locale: zh_CN\n", encoding="utf-8")
    return tmp_path


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command that fails."""
    monkeypatch.setattr("sys.argv", ["oppnb", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), capsys.readouterr().err.rstrip()


@pytest.mark.parametrize(
    "arguments",
    [
        ("review", "gone", "-w", "oppnb.yaml"),
        ("templates", "show", "basline"),
        ("rerun", "99"),
        ("diff", "1", "99"),
        ("decide", "reports/x"),
        ("alerts", "gone"),
        ("override", "list", "-w", "oppnb.yaml"),
    ],
)
def test_in_a_chinese_workspace_every_command_says_first_in_chinese_what_kind_of_mistake_it_is(
    desk, monkeypatch, capsys, arguments
):
    code, told = said(monkeypatch, capsys, *arguments)
    first, own = told.split("\n", 1)
    assert CHINESE.search(first)
    assert f"（退出码 {code}：" in first
    (desk / "oppnb.yaml").write_text("locale: en\n", encoding="utf-8")
    assert said(monkeypatch, capsys, *arguments) == (code, own)
    assert re.match(r"\w+Error: ", own)


def test_a_workspace_with_a_mistake_is_still_known_to_be_chinese(desk, monkeypatch, capsys):
    (desk / "oppnb.yaml").write_text("locale: zh_CN\nprocesess: []\n", encoding="utf-8")
    code, told = said(monkeypatch, capsys, "decide", "x")
    assert (code, told.splitlines()[0]) == (
        3,
        "oppnb.yaml 有误或不存在，请按下文修改。（退出码 3：请先改正 oppnb.yaml）",
    )
    code, told = said(monkeypatch, capsys, "run", "weekly")
    assert (code, told.splitlines()[0]) == (
        2,
        "oppnb.yaml 有误或不存在，请按下文修改。（退出码 2：设置有误或无法开始，没有生成报告）",
    )
    assert told.splitlines()[1].startswith("WorkspaceError: ")


def test_the_language_asked_for_goes_before_that_of_the_workspace(desk, monkeypatch, capsys):
    code, told = said(monkeypatch, capsys, "templates", "show", "basline", "--locale", "en")
    assert code == 2
    assert told.startswith("UsageError: There is no template 'basline'.")
    _, told = said(monkeypatch, capsys, "runs", "--locale", "fr")
    assert CHINESE.search(told.splitlines()[0])


def test_a_mistake_that_is_told_in_chinese_has_no_english_name_before_it(desk, monkeypatch, capsys):
    assert said(monkeypatch, capsys, "run", "weekly") == (
        2,
        "oppnb.yaml 中没有名为“weekly”的运行。其中没有 reports 一节。（退出码 2：设置有误或无法开始，没有生成报告）",
    )


def test_without_a_workspace_the_words_are_english(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert said(monkeypatch, capsys, "review", "gone")[1].startswith("NothingToReadError: There is no")


def test_the_workspace_beside_the_reports_tells_the_language(desk, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert reader_of({"out": desk / "reports"}).locale == "zh_CN"
    assert reader_of({"folder": desk}).locale == "zh_CN"
    assert reader_of({"out": Path("reports")}).locale == "en"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_mistake_has_a_first_line_in_chinese_and_none_in_english(kind):
    error = kind("said so.")
    first, own = mistake_text(error, Words("zh_CN")).split("\n")
    assert not first.startswith("出错了。")
    assert f"退出码 {error.exit_code}：" in first
    assert own == mistake_text(error, Words("en")) == f"{kind.__name__}: said so."


def test_of_a_report_that_stopped_the_mistake_inside_is_told_and_where_it_stopped():
    job = {"template": "one_on_one", "result": "failed", "said": FAILED}
    assert kind_of(FAILED) == "Parameter"
    chinese = _job_text(job, Words("zh_CN"))
    assert chinese == (
        "失败    one_on_one  参数的名称或取值不可用。报告“one_on_one”在单元格 'open' (In [3]) 处失败。\n"
        "  ParameterError: There is no seller 'B'. Did you mean 'C'?\n"
        "出错的笔记本在 out/failed/x，其中有指向该单元格的链接；上一份正常的报告未动。"
    )
    assert _job_text(job, Words("en")) == f"FAILED   one_on_one  {FAILED}"
    assert told_reason(FAILED, Words("zh_CN")) == (
        "参数的名称或取值不可用。 ParameterError: There is no seller 'B'. Did you mean 'C'?"
    )
    assert told_reason(FAILED, Words("en")) == "ParameterError: There is no seller 'B'. Did you mean 'C'?"


def test_names_from_the_data_do_not_make_an_english_message_chinese():
    assert not speaks_for_itself("No deal has the region '华东。'. Did you mean '华南'?")
    assert not speaks_for_itself("oppnb.yaml has no channel '群。'.")


def test_the_locale_is_read_from_a_file_that_cannot_be_used(tmp_path):
    file = tmp_path / "oppnb.yaml"
    for text, locale in (
        ("locale: 'zh_CN'  # ours\n\tx", "zh_CN"),
        ("version: 1\nlocale: zh-CN\n", "zh_CN"),
        ("# locale: zh_CN\n", None),
        ("locale: fr\n", None),
    ):
        file.write_text(text, encoding="utf-8")
        assert written_locale(file) == locale
