"""What a run made goes to the channels that its entry names: once, and what was not taken goes with the next one."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.runs import run_reports
from oppnb.workspace import parse_workspace
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


EACH = """
delivery:
  channels:
    managers: {url: "${MANAGERS}", kind: slack}
    north_chat: {url: "${NORTH}", kind: slack}
    south_chat: {url: "${SOUTH}", kind: slack}
"""


@pytest.fixture
def chats(client, monkeypatch):
    """Three channels of one server, told apart by their path."""
    with chat_server() as server:
        for name in ("managers", "north", "south"):
            monkeypatch.setenv(name.upper(), server.url(f"/services/{name}/B/{KEY}"))

        def write(lines: str) -> None:
            client.write(RUN + lines, settings=SETTINGS + EACH)

        server.write = write
        yield server


def got(server) -> dict[str, list[str]]:
    """Channel -> the slices whose report it got."""
    found: dict[str, list[str]] = {}
    for path, _, body in server.requests:
        slices = [name for name in ("North", "South", "East") if name in body.decode()]
        found.setdefault(path.split("/")[2], []).extend(slices)
    return {channel: sorted(slices) for channel, slices in found.items()}


def test_a_slice_goes_to_its_own_channels_and_never_to_those_of_another(client, made_up, chats):
    made_up()
    chats.write("    deliver: [managers]\n    deliver_each: {North: north_chat, South: [south_chat]}\n")
    done = go(client)
    assert done.exit_code == 0
    assert got(chats) == {"managers": ["East", "North", "South"], "north": ["North"], "south": ["South"]}
    assert [job["sent"] for job in done.jobs] == [["managers"], ["managers", "north_chat"], ["managers", "south_chat"]]
    assert ("runs.sent", {"n": 3, "channels": "managers, north_chat, south_chat"}) in done.notices
    go(client, resume=True)
    assert len(chats.requests) == 5


def test_without_channels_for_all_a_slice_without_its_own_is_not_sent(client, made_up, chats):
    made_up()
    chats.write("    deliver_each: {North: [north_chat]}\n")
    assert go(client).exit_code == 0
    assert got(chats) == {"north": ["North"]}


def test_a_channel_that_has_its_report_does_not_get_it_again_because_another_was_down(
    client, made_up, chats, monkeypatch
):
    made_up()
    chats.write("    only: [North]\n    deliver: [managers]\n    deliver_each: {North: north_chat}\n")
    monkeypatch.setenv("NORTH", chats.url("/services/north/B/wrong"))
    done = go(client)
    assert (done.exit_code, done.jobs[0]["sent"]) == (1, ["managers"])
    monkeypatch.setenv("NORTH", chats.url(f"/services/north/B/{KEY}"))
    again = go(client, resume=True)
    assert (again.exit_code, again.id, again.jobs[0]["sent"]) == (0, done.id, ["managers", "north_chat"])
    assert [path.split("/")[2] for path, _, _ in chats.requests].count("managers") == 1


def test_alerts_of_a_slice_go_to_its_channels_alone(client, made_up, chats):
    made_up()
    each = "    deliver_each: {North: north_chat, South: south_chat}\n"
    chats.write(each + "alerts: [{when: backlog_over, limit: 0, by: stage}]\n")
    assert go(client).exit_code == 0
    bodies = {path.split("/")[2]: body.decode() for path, _, body in chats.requests}
    assert bodies.keys() == {"north", "south"}
    assert "Demo" in bodies["north"]
    assert "South" not in bodies["north"]
    assert "North" not in bodies["south"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("    deliver_each: {North: [north_chatt]}\n", "Did you mean 'north_chat'"),
        ("    deliver_each: {Nroth: [north_chat]}\n", "no deal has the region 'Nroth'. Did you mean 'North'"),
        ("    deliver: {North: [north_chat]}\n", "stand under deliver_each"),
        ("    deliver_eech: {North: [north_chat]}\n", "Did you mean 'deliver_each'"),
    ],
)
def test_a_misspelt_channel_or_slice_is_refused_before_anything_is_made(client, made_up, chats, lines, said):
    asked = made_up()
    chats.write(lines)
    with pytest.raises(WorkspaceError) as error:
        go(client)
    assert said in " ".join(str(error.value).split())
    assert asked == []
    assert chats.requests == []


def test_a_slice_that_has_no_report_today_is_told_and_stops_nothing(client, made_up, chats):
    made_up()
    chats.write("    deliver_each: {North: north_chat, Overseas: south_chat}\n")
    done = go(client)
    assert done.exit_code == 0
    assert ("runs.no_report_for_channel", {"names": "Overseas"}) in done.notices
    assert got(chats) == {"north": ["North"]}


def test_channels_of_slices_ask_for_slices():
    with pytest.raises(WorkspaceError, match="give 'for_each' too"):
        parse_workspace("reports: {weekly: {data: x, templates: [light], deliver_each: {North: chat}}}")
