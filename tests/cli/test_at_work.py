"""What a report is at is named on standard error while it is made."""

import threading

import pytest

from oppnb.cli import at_work as module
from oppnb.cli.at_work import at_work
from oppnb.locale import Words
from oppnb.reports import find_template
from oppnb.runs.watching import parts_of

PARTS = parts_of(find_template("forecast_review"))
OPEN = PARTS.index("open")


def test_a_terminal_names_the_step_at_work_on_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with at_work(Words("en"), "forecast_review") as progress:
        progress(OPEN, len(PARTS))
        progress(len(PARTS), len(PARTS))
    first, last = capsys.readouterr().err.split("\r")[1:]
    done = f"running the report: {OPEN} of {len(PARTS)} cells done"
    assert first.endswith(f"{done}, now: reads the data, and the forecast's models learn")
    assert last.endswith(f"{len(PARTS)} of {len(PARTS)} cells\n")


def test_a_reason_for_failing_begins_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    def break_off() -> None:
        with at_work(Words("en"), "forecast_review") as progress:
            progress(OPEN, len(PARTS))
            raise ValueError("no rate")

    with pytest.raises(ValueError, match="no rate"):
        break_off()
    assert capsys.readouterr().err.endswith("models learn\n")


def test_elsewhere_a_step_that_takes_long_is_named_and_a_quick_one_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = threading.Event()

    def echo(text: str, **_: object) -> None:
        print(text)
        if "正在进行" in text:
            said.set()

    monkeypatch.setattr(module.typer, "echo", echo)
    monkeypatch.setattr(module, "LONG_SECONDS", 60.0)
    with at_work(Words("zh_CN"), "forecast_review") as progress:
        progress(0, len(PARTS))
        monkeypatch.setattr(module, "LONG_SECONDS", 0.01)
        progress(OPEN, len(PARTS))
        assert said.wait(30)
        progress(len(PARTS), len(PARTS))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "正在进行" in line] == [
        f"正在生成报告：已完成 {OPEN} 步，共 {len(PARTS)} 步；正在进行：读取数据，学习预测模型"
    ]
    assert len(lines) == 3


def test_nothing_more_is_said_of_a_report_that_ended_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with at_work(Words("en"), "retrospective") as progress:
        progress(0, 12)
    assert threading.active_count() == before
    assert capsys.readouterr().err.splitlines() == ["running the report: 0 of 12 cells"]
