"""Sending for real, to servers on this machine: what each service gets, what is said when one is down, and secrets."""

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.delivery import DeliveryResult, Findings, FoundAlert, deliver, find_alerts, open_memory
from oppnb.errors import DeliveryError, NothingToReadError, ParameterError
from oppnb.locale import Words
from oppnb.workspace import Workspace
from tests.delivery.reports import make_pipeline, make_report, make_workspace
from tests.delivery.servers import KEY, SIGNING, ChatServer, chat_server, mail_server

PATHS = {
    "wecom": f"/cgi-bin/webhook/send?key={KEY}",
    "dingtalk": f"/robot/send?access_token={KEY}",
    "feishu": f"/open-apis/bot/v2/hook/{KEY}",
    "slack": f"/services/T/B/{KEY}",
    "teams": f"/workflows/w/triggers/manual/paths/invoke?api-version=1&sig={KEY}",
    "webhook": f"/hook/{KEY}",
}
CHANNELS = "  channels:\n" + "".join(
    f'    {kind}: {{url: "${{{kind.upper()}_URL}}", kind: {kind}, attach: html'
    + (', secret: "${SIGNING}"' if kind in ("dingtalk", "feishu") else "")
    + "}\n"
    for kind in PATHS
)
NOON = datetime(2024, 4, 1, 4, tzinfo=UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    with chat_server() as found:
        for kind, path in PATHS.items():
            monkeypatch.setenv(f"{kind.upper()}_URL", found.url(path))
        monkeypatch.setenv("SIGNING", SIGNING)
        yield found


def look(workspace: Workspace, folder: Path, **changed: object) -> Findings:
    memory = open_memory(workspace, beside=folder)
    return find_alerts(make_pipeline(**changed), as_of="2024-03-31", workspace=workspace, memory=memory)


def send(workspace: Workspace, folder: Path, *, now: datetime = NOON, **changed: object) -> DeliveryResult:
    return deliver(None, look(workspace, folder, **changed), workspace=workspace, folder=folder, now=now)


def told(body: dict) -> str:
    return json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize("kind", PATHS)
def test_each_chat_takes_the_report_as_its_maker_documents_it(kind: str, server: ChatServer, tmp_path: Path) -> None:
    done = deliver(make_report(tmp_path), workspace=make_workspace(CHANNELS), folder=tmp_path, channels=[kind])
    assert [one.status for one in done.outcomes] == ["sent"]
    first = told(server.bodies[0])
    assert "Pipeline review" in first
    assert "€1,234,567" in first
    assert "Region: North ＠all" in first
    assert "Hidden" not in first


def test_wecom_gets_the_report_itself_as_a_file(server: ChatServer, tmp_path: Path) -> None:
    deliver(make_report(tmp_path), workspace=make_workspace(CHANNELS), folder=tmp_path, channels=["wecom"])
    text, upload, file = server.requests
    assert b"<h1>report</h1>" in upload[2]
    assert json.loads(file[2]) == {"msgtype": "file", "file": {"media_id": "m1"}}
    assert json.loads(text[2])["msgtype"] == "text"


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "slack", "teams"])
def test_a_deals_name_calls_nobody_and_is_no_markup(kind: str, server: ChatServer, tmp_path: Path) -> None:
    workspace = make_workspace(f"{CHANNELS}  alerts: [{kind}]")
    send(workspace, tmp_path)
    body = server.bodies[0]
    said = told(body)
    assert "alert(1)" in said
    assert not any(tag in said for tag in ("@all", "<at ", "<!channel>", "<script", "http://x"))
    if kind == "slack":
        assert body["mrkdwn"] is False
        assert "&lt;!channel&gt;" in body["text"]
    if kind == "teams":
        card = body["attachments"][0]["content"]["body"]
        assert {block["type"] for block in card} == {"RichTextBlock"}
    if kind == "dingtalk":
        assert body["at"] == {"isAtAll": False}
        assert body["msgtype"] == "text"


def test_mail_is_html_with_every_text_escaped_the_report_attached_and_one_subject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        monkeypatch.setenv("MAIL_PASSWORD", "p4ssw0rd-mail")
        url = f"mailto://ann:${{MAIL_PASSWORD}}@127.0.0.1:{server.port}?from=oppnb@example.test&to=boss@example.test"
        workspace = make_workspace(f'  channels: {{post: {{url: "{url}", attach: [html, xlsx]}}}}\n  alerts: [post]')
        findings = look(workspace, tmp_path)
        done = deliver(
            make_report(tmp_path), findings, workspace=workspace, folder=tmp_path, channels=["post"], now=NOON
        )
    assert [one.status for one in done.outcomes] == ["sent"]
    assert server.logins
    assert "p4ssw0rd-mail" in server.logins[0]
    ((to, mail),) = server.mails
    assert to == ["boss@example.test"]
    assert len(mail.get_all("Subject")) == 1
    parts = {part.get_filename() or part.get_content_type(): part.get_payload(decode=True) for part in mail.walk()}
    assert parts["report.html"].strip() == b"<h1>report</h1>"
    assert parts["report.xlsx"].strip() == b"PK-xlsx"
    page = parts["text/html"].decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_an_owner_is_told_of_his_deals_alone_at_his_address_and_only_at_a_domain_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ChatServer
) -> None:
    with mail_server() as mails:
        url = f"mailto://127.0.0.1:{mails.port}?from=oppnb@example.test&to=nobody@example.test&cc=cc@example.test"
        delivery = f"""{CHANNELS}    post: {{url: "{url}"}}
  owner_mail: {{channel: post, domains: [example.test]}}
  alerts: [webhook]"""
        done = send(make_workspace(delivery), tmp_path)
    assert [(one.channel, one.status) for one in done.outcomes] == [("post/ann", "sent"), ("webhook", "sent")]
    ((to, _),) = mails.mails
    assert to == ["ann@example.test"]
    assert {alert["owner_id"] for alert in server.bodies[0]["alerts"]} == {"bob"}


def test_an_owner_has_a_channel_of_his_own(tmp_path: Path, server: ChatServer) -> None:
    done = send(make_workspace(f"{CHANNELS}  owners: {{ann: slack, bob: webhook}}"), tmp_path)
    assert {one.channel for one in done.outcomes} == {"slack", "webhook"}
    assert done.unrouted == ()


def test_an_alert_without_a_channel_is_said(tmp_path: Path, server: ChatServer) -> None:
    done = send(make_workspace(f"{CHANNELS}  owners: {{ann: slack}}"), tmp_path)
    assert {alert.owner_id for alert in done.unrouted} == {"bob"}


# --- once, quiet, digest ----------------------------------------------------------------------------------------------


def test_the_same_alert_is_sent_once_until_it_has_cleared_and_the_quiet_period_is_over(
    tmp_path: Path, server: ChatServer
) -> None:
    silence = "alerts: [{when: silence, days: 30}]\n"
    workspace = make_workspace(f"{CHANNELS}  alerts: [webhook]\n  quiet_hours: 72\n  digest: each_run", alerts=silence)
    quiet = make_workspace(
        f"{CHANNELS}  alerts: [webhook]", alerts="alerts: [{when: silence, days: 300}]\n"
    )  # the silence is over
    days = [NOON + timedelta(days=day) for day in range(6)]
    assert send(workspace, tmp_path, now=days[0]).outcomes[0].n_alerts == 1
    again = send(workspace, tmp_path, now=days[1]).outcomes[0]
    assert (again.status, again.n_already) == ("nothing", 1)
    send(quiet, tmp_path, now=days[1])
    back = send(workspace, tmp_path, now=days[2]).outcomes[0]
    assert (back.status, back.n_held) == ("nothing", 1)
    assert send(workspace, tmp_path, now=days[3]).outcomes[0].status == "sent"
    assert len(server.requests) == 2


def test_a_daily_digest_holds_new_alerts_until_the_next_day(tmp_path: Path, server: ChatServer) -> None:
    one = make_workspace(f"{CHANNELS}  alerts: [webhook]", alerts="alerts: [{when: silence, days: 30}]\n")
    two = make_workspace(f"{CHANNELS}  alerts: [webhook]")
    assert send(one, tmp_path).outcomes[0].status == "sent"
    held = send(two, tmp_path, now=NOON + timedelta(hours=3)).outcomes[0]
    assert (held.status, held.n_already) == ("nothing", 1)
    assert held.n_held > 0
    later = send(two, tmp_path, now=NOON + timedelta(days=1)).outcomes[0]
    assert (later.status, later.n_alerts) == ("sent", held.n_held)


def test_memory_lies_in_the_store_where_there_is_one(tmp_path: Path, server: ChatServer) -> None:
    workspace = make_workspace(f"{CHANNELS}  alerts: [webhook]", store=tmp_path / "store")
    send(workspace, tmp_path)
    assert list((tmp_path / "store" / "alerts").glob("*.parquet"))
    assert not (tmp_path / ".oppnb-alerts").exists()


def test_what_did_not_fit_into_a_message_or_was_not_taken_is_sent_the_next_time(
    tmp_path: Path, server: ChatServer
) -> None:
    workspace = make_workspace(f"{CHANNELS}  alerts: [webhook]")
    server.status = 500
    assert send(workspace, tmp_path).outcomes[0].status == "failed"
    server.status = 200
    assert send(workspace, tmp_path).outcomes[0].status == "sent"
    long = make_workspace(
        f"{CHANNELS}  alerts: [wecom]\n  digest: each_run", alerts="alerts: [{when: silence, days: 1}]\n"
    )
    findings = look(long, tmp_path)
    many = crowd_of(findings, 30)
    sent = []
    for day in range(20):
        done = deliver(None, many, workspace=long, folder=tmp_path, now=NOON + timedelta(days=day))
        assert done.failed == ()
        sent.append(done.outcomes[0].n_alerts)
        if done.outcomes[0].status == "nothing":
            break
    assert sum(sent) == 30
    assert len(sent) > 2


def crowd_of(findings: Findings, count: int, **changed: object) -> Findings:
    """As many alerts like the first one."""
    first = {**vars(findings.alerts[0]), **changed}
    return replace(findings, alerts=tuple(FoundAlert(**{**first, "alert_id": f"silence/{n}"}) for n in range(count)))


def test_more_alerts_than_anybody_reads_are_counts_of_each_owner_and_a_list_of_all(
    tmp_path: Path, server: ChatServer
) -> None:
    workspace = make_workspace(
        f"{CHANNELS}  alerts: [wecom, webhook]\n  links: {{folder: reports, url: 'https://example.test/'}}"
    )
    found = look(workspace, tmp_path)
    crowd = crowd_of(found, 40, owner_id="ann", owner="@all Ann")
    crowd = replace(crowd, alerts=(*crowd.alerts, *(one for one in found.alerts if one.owner_id == "bob")))
    dry = deliver(None, crowd, workspace=workspace, folder=tmp_path, now=NOON, dry_run=True)
    assert not (tmp_path / "reports").exists()
    done = deliver(None, crowd, workspace=workspace, folder=tmp_path, now=NOON)
    n_bob = len(crowd.alerts) - 40
    text = server.bodies[0]["text"]["content"]
    assert text == dry.outcomes[0].content["body"]["text"]["content"]
    assert f"Alerts: {len(crowd.alerts)}" in text
    assert f"silent: {len([one for one in crowd.alerts if one.when == 'silence'])} alerts, €900" in text
    assert "· ＠all Ann: 40 silent · €900" in text
    assert (
        sum(int(number) for number in re.findall(r"(\d+) [a-z]", text.partition("· bob: ")[2].split("\n")[0])) == n_bob
    )
    assert "All of them: https://example.test/alerts/alerts-2024-03-31-wecom.csv" in text
    assert len(server.bodies[1]["alerts"]) == len(crowd.alerts)  # a machine is told all of them
    (listed,) = (tmp_path / "reports").rglob("*.csv")
    rows = pd.read_csv(listed)
    assert rows["Owner"].value_counts().to_dict() == {"'@all Ann": 40, "bob": n_bob}
    assert [one.n_alerts for one in done.outcomes] == [len(crowd.alerts)] * 2
    again = deliver(None, crowd, workspace=workspace, folder=tmp_path, now=NOON + timedelta(days=2))
    assert [one.status for one in again.outcomes] == ["nothing", "nothing"]


def test_owners_that_do_not_fit_are_counted_and_the_list_is_still_named(tmp_path: Path, server: ChatServer) -> None:
    workspace = make_workspace(f"{CHANNELS}  alerts: [wecom]")
    found = look(workspace, tmp_path)
    many = crowd_of(found, 200)
    many = replace(
        many, alerts=tuple(replace(one, owner=f"Owner with a name {n}") for n, one in enumerate(many.alerts))
    )
    deliver(None, many, workspace=workspace, folder=tmp_path, now=NOON)
    text = server.bodies[0]["text"]["content"]
    assert len(text.encode()) <= 2048
    shown = text.count("· Owner with a name")
    assert f"… and {200 - shown} more owners, in the list." in text
    assert text.endswith("All of them: reports/alerts/alerts-2024-03-31-wecom.csv")


def test_each_line_names_the_owner_as_the_table_of_owners_does(tmp_path: Path, server: ChatServer) -> None:
    workspace = make_workspace(f"{CHANNELS}  alerts: [slack]", alerts="alerts: [{when: promise_due}]\n")
    tables = make_pipeline()
    named = tables["owners"].assign(name=["Ann Lee", "Bob Ray"])
    found = find_alerts(tables.replace(owners=named), as_of="2024-03-31", workspace=workspace)
    deliver(None, found, workspace=workspace, folder=tmp_path, now=NOON)
    (line,) = [line for line in server.bodies[0]["text"].split("\n") if line.startswith("·")]
    assert line.endswith("· Ann Lee")


# --- one is down, dry run, secrets ------------------------------------------------------------------------------------


def test_a_channel_that_is_down_does_not_stop_the_others_and_is_named(
    tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECOM_URL", f"http://127.0.0.1:9/cgi-bin/webhook/send?key={KEY}")
    monkeypatch.setenv("FEISHU_URL", "")
    names = ["wecom", "feishu", "slack", "teams"]
    done = deliver(make_report(tmp_path), workspace=make_workspace(CHANNELS), folder=tmp_path, channels=names)
    assert [one.status for one in done.outcomes] == ["failed", "failed", "sent", "sent"]
    assert done.outcomes[0].reason == ("not_reached", "")
    assert "FEISHU_URL" in done.outcomes[1].describe(Words("zh_CN"))[0]
    with pytest.raises(DeliveryError, match="2 of 4 messages could not be delivered: wecom, feishu"):
        done.raise_for_failure(Words("en"))


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu", "slack", "teams"])
def test_a_server_that_says_no_with_a_code_is_believed(
    kind: str, server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{kind.upper()}_URL", server.url(PATHS[kind].replace(KEY, "wr0ng-key-000")))
    monkeypatch.setenv("SIGNING", "wrong-signing")
    done = deliver(make_report(tmp_path), workspace=make_workspace(CHANNELS), folder=tmp_path, channels=[kind])
    assert done.outcomes[0].status == "failed"
    assert done.outcomes[0].reason is not None
    assert done.outcomes[0].reason[0] == "refused"


def write_files(folder: Path, delivery: str) -> Path:
    file = folder / "oppnb.yaml"
    file.write_text(f"currency: EUR\ndelivery:\n{delivery}", encoding="utf-8")
    return file


def test_a_dry_run_shows_exactly_the_body_that_is_then_sent(tmp_path: Path, server: ChatServer) -> None:
    report, file = make_report(tmp_path), write_files(tmp_path, CHANNELS)
    arguments = ["deliver", str(report), "--channel", "slack", "--workspace", str(file)]
    dry = CliRunner().invoke(app, [*arguments, "--dry-run", "--json"])
    assert dry.exit_code == 0
    assert server.requests == []
    shown = json.loads(dry.stdout)["channels"][0]
    assert shown["status"] == "would_send"
    assert shown["content"]["address"] == "${SLACK_URL}"
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert server.bodies == [shown["content"]["body"]]


def test_a_dry_run_without_the_secret_says_what_is_missing_and_shows_what_would_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WECOM_URL", raising=False)
    report = make_report(tmp_path)
    file = write_files(tmp_path, '  channels: {chat: {url: "${WECOM_URL}"}, group: {url: "${WECOM_URL}", kind: wecom}}')
    base = ["deliver", str(report), "--workspace", str(file), "--dry-run", "--channel"]
    done = CliRunner().invoke(app, [*base, "chat"])
    assert isinstance(done.exception, DeliveryError)
    assert str(done.exception) == "Dry run: nothing was sent. As things are, 1 of 1 could not be: chat."
    assert "the environment variable WECOM_URL is not set. What would be sent, 0 alerts:" in done.stdout
    assert "€1,234,567" in done.stdout
    known = CliRunner().invoke(app, [*base, "group", "--json"])
    shown = json.loads(known.stdout)["channels"][0]
    assert (shown["status"], shown["content"]["body"]["msgtype"]) == ("would_fail", "text")
    chinese = CliRunner().invoke(app, [*base, "chat", "--locale", "zh_CN"])
    assert "没有设置环境变量 WECOM_URL" in chinese.stdout
    assert str(chinese.exception).startswith("试运行，没有发送任何内容。")
    alone = CliRunner().invoke(app, [*(one for one in base if one != "--dry-run"), "chat"])
    assert str(alone.exception) == "The message could not be delivered: chat."


def test_alerts_beside_a_slices_report_are_of_that_slice_alone(tmp_path: Path, server: ChatServer, monkeypatch) -> None:
    asked = []
    real = find_alerts

    def look_on(data, **given):
        asked.append(given["only"])
        return real(make_pipeline(region="North @all"), **given)

    monkeypatch.setattr("oppnb.delivery.find_alerts", look_on)
    report, file = make_report(tmp_path), write_files(tmp_path, CHANNELS)
    base = ["deliver", str(report), "--channel", "slack", "--workspace", str(file), "--alerts-of", "x", "--dry-run"]
    for more in ([], ["--only", "region=North @all"]):
        CliRunner().invoke(app, [*base, "--as-of", "2024-03-31", *more])
    assert asked == [{"region": "North @all"}, {"region": "North @all"}]


def everything_written(folder: Path) -> str:
    return "\n".join(file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("trouble", ["none", "refused", "down", "malformed", "not_http"])
@pytest.mark.parametrize("dry", [False, True])
def test_no_secret_is_in_anything_written_printed_or_logged(
    trouble: str, dry: bool, tmp_path: Path, server: ChatServer, monkeypatch, caplog, capfd
) -> None:
    secrets = [KEY, SIGNING, "p4ssw0rd-mail"]
    monkeypatch.setenv("MAIL_PASSWORD", "p4ssw0rd-mail")
    server.status = 500 if trouble == "refused" else 200
    for kind, path in PATHS.items():
        if trouble == "down":
            monkeypatch.setenv(f"{kind.upper()}_URL", f"http://127.0.0.1:9{path}")
        if trouble == "malformed":
            monkeypatch.setenv(f"{kind.upper()}_URL", f"http://[::1{path}")
        if trouble == "not_http":
            monkeypatch.setenv(f"{kind.upper()}_URL", f"gopher://x{path}")
    delivery = f"""{CHANNELS}    told: {{url: "${{WEBHOOK_URL}}"}}
    post: {{url: "mailto://ann:${{MAIL_PASSWORD}}@127.0.0.1:9?from=a@example.test&to=b@example.test"}}
"""
    report, file = make_report(tmp_path), write_files(tmp_path, delivery)
    arguments = ["deliver", str(report), "--workspace", str(file), *(["--dry-run"] if dry else [])]
    for kind in [*PATHS, "told", "post"]:
        arguments += ["--channel", kind]
    with caplog.at_level(logging.DEBUG):
        done = CliRunner().invoke(app, arguments)
    printed = capfd.readouterr()
    seen = [done.output, caplog.text, printed.out, printed.err, everything_written(tmp_path), repr(done.exception)]
    seen += [str(record.__dict__) for record in caplog.records]
    assert not [secret for secret in secrets for text in seen if secret in text]
    if not dry:
        assert isinstance(done.exception, DeliveryError)
        assert done.exception.exit_code == 8
    if trouble == "none" and not dry:
        assert len(server.requests) == len(PATHS) + 3  # the file of WeCom takes two more, and told is one
        assert "post" in str(done.exception)


def test_a_channel_that_is_not_in_the_workspace_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'webhook'"):
        deliver(make_report(tmp_path), workspace=make_workspace(CHANNELS), channels=["webhok"])


def test_a_folder_that_is_no_report_is_refused(tmp_path: Path, server: ChatServer) -> None:
    with pytest.raises(NothingToReadError, match="no folder of a report"):
        deliver(tmp_path, workspace=make_workspace(CHANNELS), channels=["slack"])


def test_a_link_is_the_address_of_the_folder_and_nothing_of_a_path_outside(tmp_path: Path, server: ChatServer) -> None:
    links = f"{CHANNELS}  links: {{folder: reports, url: 'https://example.test/r/'}}"
    report = make_report(tmp_path)
    deliver(report, workspace=make_workspace(links), folder=tmp_path, channels=["slack"])
    assert "https://example.test/r/pipeline_review/2024-03-31/report.html" in server.bodies[0]["text"]
    deliver(report, workspace=make_workspace(links), folder=tmp_path / "elsewhere", channels=["slack"])
    assert str(tmp_path) not in server.bodies[1]["text"]


def test_without_links_a_message_names_the_report_as_seen_from_the_workspace_else_from_its_run_on(
    tmp_path: Path, server: ChatServer
) -> None:
    workspace = make_workspace(CHANNELS)
    out = tmp_path / "client" / "out"
    report = out / "weekly" / "pipeline_review" / "Central" / "2024-03-31"
    report.parent.mkdir(parents=True)
    make_report(tmp_path).rename(report)
    (out / "weekly" / "runs").mkdir()
    deliver(report, workspace=workspace, folder=tmp_path / "client", channels=["slack"])
    assert "Report: out/weekly/pipeline_review/Central/2024-03-31/report.html" in server.bodies[0]["text"]
    deliver(report, workspace=workspace, folder=tmp_path / "elsewhere", channels=["slack"])
    assert "Report: weekly/pipeline_review/Central/2024-03-31/report.html" in server.bodies[1]["text"]


def test_a_channel_speaks_its_own_language(tmp_path: Path, server: ChatServer) -> None:
    workspace = make_workspace(
        '  channels: {chat: {url: "${SLACK_URL}", kind: slack, language: zh_CN}}\n  alerts: [chat]'
    )
    send(workspace, tmp_path)
    assert "提醒，2024年3月31日" in server.bodies[0]["text"]
