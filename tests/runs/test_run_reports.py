"""What a run makes, leaves alone, and says."""

import html
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.errors import NothingToReadError, ParameterError, ReportFailedError, UsageError, WorkspaceError
from oppnb.runs import list_runs, run_reports
from oppnb.runs.lock import lock
from oppnb.runs.plan import make_plan
from oppnb.workspace import parse_workspace
from tests.runs.conftest import DEALS, FINISH, LIGHT, RUN, SETTINGS


def go(client, **options):
    return run_reports("weekly", workspace=client.file, out=client.out, **options)


def command(client, *more):
    done = CliRunner().invoke(app, ["run", "weekly", "-w", str(client.file), "--out", str(client.out), *more])
    return done.exit_code, done.output


def test_a_report_for_each_slice_with_deals_open_or_closed_in_the_last_year(client, made_up):
    made_up()
    done = go(client)
    assert [job["slice"] for job in done.jobs] == ["East", "North", "South"]
    assert done.counts == {"done": 3, "skipped": 0, "failed": 0}
    assert ("runs.without_slice", {"n": 1, "column": "region"}) in done.notices
    assert (client.out / "weekly" / "light" / "North" / "2024-03-01" / "report.html").is_file()


def test_a_pdf_is_printed_where_the_run_or_a_channel_asks_for_it_and_is_on_the_index(client, made_up, monkeypatch):
    monkeypatch.setattr("oppnb.runs.plan.check_pdf", lambda: None)
    made_up()
    north = "weekly/light/North/2024-03-01/report.pdf"
    go(client)
    assert not (client.out / north).exists()
    client.write(RUN + "    pdf: true\n")
    assert go(client).counts["done"] == 3
    assert (client.out / north).is_file()
    assert f'href="{north}"' in (client.out / "index.html").read_text(encoding="utf-8")
    channel = "delivery: {channels: {box: {url: 'json://127.0.0.1:9', attach: [html, pdf]}}}\n"
    client.write(RUN + "    deliver: [box]\n" + channel)
    assert all(job.pdf for job in make_plan("weekly", workspace=client.file, out=client.out).jobs)


def test_without_a_browser_a_run_that_prints_is_refused_before_anything_is_read(client, made_up, monkeypatch):
    asked = made_up()
    monkeypatch.setattr("oppnb.reports.pdf._browser", lambda: None)
    monkeypatch.setattr("oppnb.reports.pdf._has_own", lambda: False)
    client.write(RUN + "    pdf: true\n")
    code, said = command(client)
    assert (code, asked) == (2, [])
    assert "none on this machine" in said


def test_the_same_run_twice_is_a_no_op(client, made_up):
    asked = made_up()
    go(client)
    before = client.files()
    done = go(client)
    assert done.exit_code == 0
    assert done.counts == {"done": 0, "skipped": 3, "failed": 0}
    added = client.files().keys() - before.keys()
    assert added == {f"weekly/runs/{done.id}.json"}
    assert {name: seen for name, seen in client.files().items() if name not in added} == before
    assert len(asked) == 3
    assert len(go(client, force=True).jobs) == 3
    assert len(asked) == 6


@pytest.mark.parametrize("what", ["data", "parameters", "workspace", "template", "code", "broken"])
def test_what_changed_is_made_anew(client, made_up, monkeypatch, what):
    asked = made_up()
    go(client)
    if what == "data":
        client.write_deals(
            (client.folder / "data" / "deals.csv").read_text() + "6,Demo,F,North,1,EUR,2024-01-02,,open\n"
        )
    elif what == "parameters":
        client.write(RUN.replace("[light]", "[{template: light, parameters: {factor: 2}}]"))
    elif what == "workspace":
        client.write(RUN, settings="locale: zh_CN\ncurrency: EUR\nsources: {exported_on: 2024-03-01}\n")
    elif what == "template":
        client.write_template(LIGHT, "# another\n" + FINISH)
    elif what == "code":
        monkeypatch.setattr("oppnb.runs.plan.code_hash", lambda: "other")
    else:
        (client.out / "weekly" / "light" / "North" / "2024-03-01" / "report.xlsx").unlink()
    done = go(client)
    assert done.counts["done"] == (1 if what == "broken" else 3)
    assert len(asked) == (4 if what == "broken" else 6)


def test_what_reports_do_not_show_makes_nothing_anew(client, made_up):
    made_up()
    go(client)
    client.write(RUN + "    keep: {reports: 5}\n")
    assert go(client).counts["done"] == 0


def test_a_run_that_found_all_as_it_was_is_a_row_of_the_catalogue(client, made_up):
    made_up()
    go(client)
    go(client)
    latest, first = list_runs(client.out)
    assert (latest["number"], latest["result"], latest["as_of"]) == (2, "done", first["as_of"])
    assert [job["result"] for job in latest["jobs"]] == ["skipped"] * 3
    said = CliRunner().invoke(app, ["runs", "--out", str(client.out)]).output
    assert "weekly/2" in said
    assert "0 made, 3 as they were, 0 failed" in said


def test_resume_goes_on_with_the_last_run_that_had_something_to_do(client, made_up):
    made_up(fails=lambda folder: ReportFailedError("no luck") if folder.name == "North" else None)
    failed = go(client)
    client.write(RUN + "    only: [South]\n")
    assert go(client).counts == {"done": 0, "skipped": 1, "failed": 0}
    client.write(RUN)
    made_up()
    assert go(client, resume=True).id == failed.id
    assert go(client, resume=True).id.startswith("000003-")


def test_of_runs_that_found_all_as_it_was_the_latest_stay(client, made_up, monkeypatch):
    made_up()
    monkeypatch.setattr("oppnb.runs.keeping._MOST_EMPTY", 2)
    for _ in range(5):
        go(client)
    assert [run["number"] for run in list_runs(client.out)] == [5, 4, 1]


def test_a_workspace_in_chinese_is_answered_in_chinese(client, made_up, monkeypatch):
    made_up()
    chinese = SETTINGS + "locale: zh_CN\n"
    client.write(RUN, settings=chinese)
    monkeypatch.chdir(client.folder)
    commands = [["run", "weekly"], ["run", "weekly"], ["runs"], ["rerun", "1"], ["diff", "1", "2"]]
    told = [CliRunner().invoke(app, command) for command in commands]
    assert [one.exit_code for one in told[:3]] == [0, 0, 0]
    letters = re.compile(r"[\u4e00-\u9fff]")
    lines = [line for one in told for line in one.output.splitlines() if line.strip()]
    rows = re.compile(r"^weekly/\d")
    assert [line for line in lines if not letters.search(line) and not rows.match(line.strip())] == []
    assert "生成 0，无需重做 3，失败 0" in told[2].output
    code, said = command(client, "--out", "elsewhere")
    assert code == 0
    assert "正在读取并检查 data" in said
    wrong = CliRunner().invoke(app, ["run", "weekyl"])
    assert "没有名为“weekyl”的运行。是否想写“weekly”？" in wrong.output


def test_one_and_many_are_told_apart_in_english(client, made_up):
    made_up()
    client.write(RUN + "    only: [North, South]\n    keep: {reports: 1}\n")
    (client.out / "weekly" / "light" / "North" / "2020-01-01").mkdir(parents=True)
    assert "1 old report was removed" in command(client)[1]
    for slice_ in ("North", "South"):
        (client.out / "weekly" / "light" / slice_ / "2020-01-01").mkdir(parents=True)
    assert "2 old reports were removed" in command(client, "--force")[1]


def test_a_failing_slice_does_not_stop_the_others_and_resume_makes_only_it(client, made_up):
    asked = made_up(fails=lambda folder: ReportFailedError("no luck") if folder.name == "North" else None)
    first = go(client)
    assert first.exit_code == 1
    assert first.counts == {"done": 2, "skipped": 0, "failed": 1}
    made_up_again = made_up()
    second = go(client, resume=True)
    assert made_up_again == ["North"]
    assert second.id == first.id
    assert second.counts == {"done": 3, "skipped": 0, "failed": 0}
    assert [run["result"] for run in list_runs(client.out)] == ["done"]
    assert len(asked) == 3


def test_why_a_report_failed_is_told_once_and_stands_in_the_index(client, made_up):
    said = (
        "The report 'light' failed in cell 'open' (In [3]).\n"
        "  ParameterError: There is no seller 'B'. Did you mean 'C'?\n"
        "The notebook with a link to the cell is in out/failed; the last good report is as it was."
    )
    made_up(fails=lambda folder: ReportFailedError(said) if folder.name == "North" else None)
    _, told = command(client)
    assert told.count("Did you mean 'C'?") == 1
    shown = html.unescape((client.out / "index.html").read_text(encoding="utf-8"))
    assert "The last run failed: ParameterError: There is no seller 'B'. Did you mean 'C'?<" in shown


def test_a_run_that_failed_before_anything_was_made_is_listed_with_its_reason(client, made_up):
    client.write(RUN.replace("data: data", "data: gone"))
    assert command(client)[0] == 3
    listed = CliRunner().invoke(app, ["runs", "--out", str(client.out)]).output
    assert "NothingToReadError: " in listed
    assert "Fetch the export first" in listed
    assert "0 made" not in listed


def test_a_resumed_run_whose_data_is_gone_keeps_what_it_says_of_its_reports(client, made_up):
    made_up(fails=lambda folder: ReportFailedError("no luck") if folder.name == "North" else None)
    go(client)
    before = list_runs(client.out)
    client.write(RUN.replace("data: data", "data: gone"))
    with pytest.raises(NothingToReadError):
        go(client, resume=True)
    assert list_runs(client.out) == before


def test_a_defect_in_one_report_is_told_and_stops_nobody(client, made_up):
    made_up(fails=lambda folder: ZeroDivisionError("x") if folder.name == "North" else None)
    done = go(client)
    assert [job["said"] for job in done.jobs if job["result"] == "failed"] == ["ZeroDivisionError: x"]
    assert done.exit_code == 1


def test_a_named_slice_that_no_deal_has_any_more_fails_alone(client, made_up):
    made_up()
    client.write(RUN + "    only: [North, South]\n")
    go(client)
    client.write_deals(DEALS.replace("South", "North"))
    done = go(client)
    assert {job["slice"]: job["result"] for job in done.jobs} == {"North": "done", "South": "failed"}
    assert next(job["said"] for job in done.jobs if job["result"] == "failed").startswith("UsageError: No deal has")
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "light · North: no figure differs, though template changed"),
        ("zh_CN", "light · North：没有数字不同，但模板变了"),
    ],
)
def test_two_runs_without_another_figure_say_that_the_template_was_another(client, made_up, locale, said):
    made_up()
    client.write(RUN + "    only: [North]\n")
    go(client)
    client.write_template(LIGHT, "# another\n" + FINISH)
    go(client)
    go(client, force=True)
    told = ["--out", str(client.out), "--locale", locale]
    assert said in CliRunner().invoke(app, ["diff", "1", "2", *told]).output
    assert said not in CliRunner().invoke(app, ["diff", "2", "3", *told]).output


def test_a_misspelt_slice_is_refused_before_anything_is_made(client, made_up):
    asked = made_up()
    client.write(RUN + "    only: [Nort, South]\n")
    code, said = command(client)
    assert (code, asked) == (2, [])
    assert "No deal has the region 'Nort'. Did you mean 'North'?" in said
    assert not (client.out / "weekly" / "light").exists()


def test_a_slice_like_no_other_is_refused_with_those_there_are(client, made_up):
    made_up()
    client.write(RUN + "    only: [Overseas, South]\n")
    code, said = command(client)
    assert code == 2
    assert "There are: East, North, South, West." in said


def test_malicious_slices_stay_in_the_folder_of_the_run(client, made_up):
    made_up()
    deals = (client.folder / "data" / "deals.csv").read_text()
    client.write_deals(deals.replace("North", "../../../up").replace("South", "a/b").replace("East", "a_b"))
    done = go(client)
    assert done.counts["done"] == 3
    assert sorted(path.name for path in (client.out / "weekly" / "light").iterdir()) == ["_.._.._up", "a_b", "a_b-2"]
    assert not list(client.folder.rglob("up"))


def test_two_runs_at_once_are_refused_with_who_is_at_work(client, made_up):
    made_up()
    with lock(client.out / "weekly", name="weekly") as killed:
        assert killed is None
        with pytest.raises(UsageError, match=rf"is being run already \(process {os.getpid()}"):
            go(client)
        code, said = command(client)
        assert code == 2
        assert "is being run already" in said
    assert go(client).exit_code == 0


def test_the_lock_of_a_killed_process_is_taken_over_and_said(client, made_up):
    made_up()
    code = "import os; from pathlib import Path; from oppnb.runs.lock import lock\n"
    code += f"with lock(Path({str(client.out / 'weekly')!r}), name='weekly'): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert [code for code, _ in go(client).notices if code == "runs.killed"] == ["runs.killed"]
    assert "runs.killed" not in dict(go(client).notices)


def test_a_run_that_failed_by_itself_was_not_killed(client):
    told = []

    def fail():
        with lock(client.out / "weekly", name="weekly") as killed:
            told.append(killed)
            raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()
    assert told == [None, None]


def test_a_clock_that_jumps_back_is_said_and_turns_no_order_around(client, made_up, monkeypatch):
    made_up()
    go(client)

    class Earlier(datetime):
        @classmethod
        def now(cls, _=None):
            return datetime(2001, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("oppnb.runs.running.datetime", Earlier)
    done = go(client, force=True)
    assert done.exit_code == 0
    assert dict(done.notices)["runs.clock"]["now"] == "2001-01-01 00:00"
    assert done.id == "000002-20010101T000000Z"
    assert done.seconds >= 0


def test_a_read_only_folder_is_said_before_anything_is_read(client, monkeypatch):
    import errno

    def read_only(path, **_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)  # root may write into folders of mode 0500
    monkeypatch.setattr("oppnb.runs.running.make_plan", lambda *_, **__: pytest.fail("the data was read"))
    code, said = command(client)
    assert (code, "Read-only file system" in said, "--out" in said) == (2, True, True)


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_read(client, monkeypatch):
    client.out.write_text("a file is in the way")
    monkeypatch.setattr("oppnb.runs.running.make_plan", lambda *_, **__: pytest.fail("the data was read"))
    code, said = command(client)
    assert (code, "cannot be kept in" in said) == (2, True)


def test_a_nearly_full_disk_is_said_before_anything_is_read(client, monkeypatch):
    monkeypatch.setattr("oppnb.reports.publishing._NEEDED_BYTES", 1 << 62)
    code, said = command(client)
    assert (code, "MB left" in said) == (2, True)


def test_a_disk_that_fills_up_while_publishing_fails_that_report_and_leaves_the_rest(client, monkeypatch):
    import errno

    from oppnb.reports import run as reports_run

    def refuse(staging, target):
        if target.parent.name == "North":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        staging.rename(target)

    def no_kernel(run, progress):
        for name in ("figures.json", "report.xlsx", "report.ipynb"):
            (run.staging / name).write_text("[]")

    def complete(run, told):
        (run.staging / "report.html").write_text("x")
        (run.staging / "manifest.json").write_text('{"as_of": "2024-03-01", "python": "3", "versions": {}}')

    monkeypatch.setattr(reports_run, "_execute", no_kernel)
    monkeypatch.setattr(reports_run, "_complete", complete)
    monkeypatch.setattr(reports_run, "publish", refuse)
    code, said = command(client)
    assert code == 1
    assert "No space left on device" in said
    assert sorted(path.parent.parent.name for path in client.out.rglob("report.html")) == ["East", "South"]
    assert not list(client.out.rglob(".tmp-*"))


def test_a_full_disk_under_the_catalogue_is_one_clear_sentence(client, made_up, monkeypatch):
    import errno

    made_up()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("oppnb.runs.records.os.fsync", full)
    code, said = command(client)
    assert code == 1
    assert "The run catalogue could not be written" in said
    assert not list(client.out.rglob("*.unfinished"))


def test_a_source_that_is_not_there_is_refused_with_the_code_of_the_data(client, made_up):
    made_up()
    client.write(RUN.replace("data: data", "data: mounted/share"))
    code, said = command(client)
    assert code == 3
    assert "mounted" in said
    (run,) = list_runs(client.out)
    assert (run["result"], run["exit_code"]) == ("failed", 3)
    with pytest.raises(NothingToReadError, match="whether the disk it lies on is mounted"):
        go(client)


def test_data_that_the_audit_stops_has_the_code_of_the_data(client, made_up):
    made_up()
    client.write(RUN + "audit: {default: stop}\n")
    client.write_deals(
        "opportunity_id,stage,region,closed_at,created_at\n1,Demo,North,2020-01-01,2021-01-01\n1,Demo,N,,\n"
    )
    code, said = command(client)
    assert (code, "RowsRejectedError" in said) == (3, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (RUN.replace("[light]", "[lihgt]"), "Did you mean 'light'"),
        (RUN.replace("for_each: region", "for_each: regoin"), "Did you mean 'region'"),
        (RUN.replace("for_each: region", "for_eech: region"), "Did you mean 'for_each'"),
        (RUN.replace("[light]", "[{template: light, parameters: {fcator: 2}}]"), "Did you mean 'factor'"),
        (RUN.replace("[light]", "[{template: light, parameters: {only: x}}]"), "the run sets 'only'"),
        (RUN.replace("data: data", "data: ${NOT_SET_ANYWHERE}"), "NOT_SET_ANYWHERE is not set"),
        (RUN.replace("weekly:", "weakly:"), "Did you mean 'weakly'"),
        (RUN + "    only: [Nort, Soth]\n", "Did you mean 'South'"),
    ],
)
def test_a_mistake_in_the_configuration_is_code_two_with_the_nearest_word(client, made_up, change, said):
    made_up()
    client.write(change)
    code, told = command(client)
    assert said in told
    assert code == 2


def test_an_unknown_key_has_its_line_and_a_run_a_plain_name():
    with pytest.raises(WorkspaceError, match=r"line 5: .*Did you mean 'keep'"):
        parse_workspace("reports:\n  weekly:\n    data: x\n    templates: [a]\n    kepp: {}\n")
    for name in ("../up", "a/b", ".hidden", "''"):
        with pytest.raises(WorkspaceError, match="a run is a folder too"):
            parse_workspace(f"reports:\n  {name}:\n    data: x\n    templates: [a]\n")


def test_a_template_with_a_syntax_error_is_said_before_anything_runs(client, made_up):
    asked = made_up()
    client.write_template(LIGHT, "def (")
    code, said = command(client)
    assert code == 2
    assert "A template cannot be run" in said
    assert "line 1: not Python" in said
    assert asked == []


def test_a_template_without_only_cannot_be_made_for_each(client):
    client.write_template(LIGHT, FINISH, parameters='data: str = "x"')
    with pytest.raises(ParameterError, match="no parameter 'only'"):
        make_plan("weekly", workspace=client.file, out=client.out)


def test_a_template_used_twice_with_other_parameters_has_two_folders(client, made_up):
    made_up()
    client.write(RUN.replace("[light]", "[light, {template: light, parameters: {factor: 2}}]"))
    go(client)
    assert sorted(path.name for path in (client.out / "weekly").glob("light*")) == ["light", "light-2"]


def test_old_reports_go_by_rule_and_the_last_good_one_stays(client, made_up):
    made_up()
    client.write(RUN + "    keep: {reports: 2, days: 400}\n")
    place = client.out / "weekly" / "light" / "North"
    for day in ("2020-01-01", "2023-12-01", "2024-02-01", "2024-02-15"):
        (place / day).mkdir(parents=True)
    go(client)
    assert sorted(path.name for path in place.iterdir()) == ["2024-02-15", "2024-03-01"]


def test_the_summary_as_json_is_for_a_machine(client, made_up):
    made_up()
    code, said = command(client, "--json")
    told = json.loads(said)
    assert code == told["exit_code"] == 0
    assert told["counts"] == {"done": 3, "skipped": 0, "failed": 0}
    assert {job["slice"] for job in told["jobs"]} == {"East", "North", "South"}
    listed = json.loads(CliRunner().invoke(app, ["runs", "--out", str(client.out), "--json"]).output)
    assert listed[0]["id"] == told["id"]
    assert "weekly/1" in CliRunner().invoke(app, ["runs", "--out", str(client.out)]).output


def test_records_name_what_the_catalogue_promises(client, made_up):
    made_up()
    go(client)
    record = json.loads(next((client.out / "weekly" / "jobs").glob("*.json")).read_text())
    assert {"run", "key", "template", "slice", "as_of", "parameters", "versions", "started", "seconds"} <= record.keys()
    assert {"result", "exit_code", "folder", "figures"} <= record.keys()
    assert {"data", "workspace", "code", "model", "template", "parameters"} <= record["hashes"].keys()
    assert Path(record["folder"]).parts[0] == "light"
