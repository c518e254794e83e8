"""What a run made goes to the channels that its entry names: once, and what was not taken goes with the next one."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.runs import run_reports
from tests.delivery.servers import KEY, chat_server
from tests.runs.conftest import RUN, SETTINGS

CHANNEL = """
delivery:
  channels:
    team_chat: {url: "${TEAM_CHAT}", kind: slack}
"""


def go(client, **options):
    return run_reports("weekly", workspace=client.file, out=client.out, **options)


@pytest.fixture
def chat(client, monkeypatch):
    client.write(RUN + "    deliver: [team_chat]\n", settings=SETTINGS + CHANNEL)
    with chat_server() as server:
        monkeypatch.setenv("TEAM_CHAT", server.url(f"/services/T/B/{KEY}"))
        yield server


def test_each_report_is_sent_once(client, made_up, chat):
    made_up()
    done = go(client)
    assert done.exit_code == 0
    assert ("runs.sent", {"n": 3, "channels": "team_chat"}) in done.notices
    assert len(chat.requests) == 3
    go(client)
    assert len(chat.requests) == 3


def test_a_chat_that_is_down_stops_no_report_and_gets_them_with_the_next_resume(client, made_up, chat):
    asked = made_up()
    chat.status = 503
    done = go(client)
    assert done.exit_code == 1
    assert done.counts == {"done": 3, "skipped": 0, "failed": 0}
    assert sum(key == "runs.not_sent" for key, _ in done.notices) == 3
    assert KEY not in str(done.to_dict())
    chat.status = 200
    again = go(client, resume=True)
    assert (again.exit_code, again.id) == (0, done.id)
    assert ("runs.sent", {"n": 3, "channels": "team_chat"}) in again.notices
    assert len(asked) == 3


def test_a_channel_that_is_not_there_is_refused_before_anything_is_made(client, made_up):
    asked = made_up()
    client.write(RUN + "    deliver: [team_chart]\n", settings=SETTINGS + CHANNEL)
    with pytest.raises(WorkspaceError, match="Did you mean 'team_chat'"):
        go(client)
    assert asked == []
