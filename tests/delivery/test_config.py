"""`delivery:` in `oppnb.yaml`: no secret may stand there, and a mistake is answered without repeating it."""

import traceback

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import parse_workspace
from oppnb.workspace.delivery_models import holds_a_secret

TOKEN = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


def refused(channel: str) -> str:
    with pytest.raises(WorkspaceError) as caught:
        parse_workspace(f"delivery: {{channels: {{chat: {channel}}}}}")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"https://example.invalid/cgi-bin/webhook/send?key={TOKEN}",
        "https://example.invalid/robot/send?access_token=ab",
        f"https://example.invalid/open-apis/bot/v2/hook/{TOKEN}",
        "https://example.invalid/services/T0AAAAAA1/B0BBBBBB1/x1x1x1x1x1x1",
        "mailtos://ann:hunter2@example.test",
        "mailtos://ann@example.test?pass=hunter2",
        f"dingtalk://{TOKEN}",
        f"https://${{HOST}}/hook/{TOKEN}",
        f"https://[{TOKEN}",
    ],
)
def test_a_token_in_the_file_is_refused_with_what_to_do_and_is_not_repeated(url: str) -> None:
    said = refused(f'{{url: "{url}"}}')
    assert "environment variable" in said
    assert "${NAME}" in said
    assert "line 1" in said
    assert url not in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "url",
    [
        "${SALES_CHAT_URL}",
        "https://example.invalid/cgi-bin/webhook/send?key=${WECOM_KEY}",
        "mailtos://ann:${SMTP_PASSWORD}@example.test?to=sales.team.2024@example.test&smtp=smtp.example.test",
        "http://127.0.0.1:8080/hook",
        "json://127.0.0.1:8080/hook",
    ],
)
def test_an_address_without_a_secret_and_names_of_variables_are_taken(url: str) -> None:
    assert not holds_a_secret(url)


def test_a_signing_secret_is_the_name_of_a_variable() -> None:
    assert "environment variable" in refused(f'{{url: "${{A}}", secret: "{TOKEN}"}}')


def test_a_misspelt_key_is_answered_with_the_nearest_and_without_its_value() -> None:
    assert "Did you mean 'secret'" in refused(f'{{url: "${{A}}", secrett: "{TOKEN}"}}')


def test_a_wrong_type_is_answered_without_its_value() -> None:
    assert "delivery.channels.chat.url" in refused(f"{{url: [{TOKEN}]}}")


def test_a_channel_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(WorkspaceError, match="there is no channel 'sales_chta'; did you mean 'sales_chat'"):
        parse_workspace('delivery: {channels: {sales_chat: {url: "${A}"}}, owners: {"7": sales_chta}}')


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("{when: backlog_over}", "limit"),
        ("{when: silence, points: 3}", "none for silence"),
        ("{when: silence, hours: 3}", "'hours' means something for promise_due only"),
        ("{when: probability_fell_by}", "give 'points'"),
        ("{when: forecast_under_target, at_least_amount: 3}", "of the whole"),
    ],
)
def test_an_alert_has_what_its_kind_needs_and_nothing_else(alert: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        parse_workspace(f"alerts: [{alert}]")
