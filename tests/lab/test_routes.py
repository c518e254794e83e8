"""The routes of a real Jupyter server: login, origin, paths, and what a browser may send."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser_lab.conftest import free_port, wait_for
from tests.lab.conftest import write_client

pytestmark = pytest.mark.kernel
TOKEN = "of-the-test"


class Server:
    """Asks a server; gives status and body."""

    def __init__(self, url: str, root: Path) -> None:
        self.url, self.root = url, root

    def ask(self, route, method="GET", body=None, *, token=TOKEN, origin=None, raw=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"token {token}"
        if origin:
            headers["Origin"] = origin
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{route}", method=method, headers=headers, data=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    state = tmp_path_factory.mktemp("server")
    root, port = state / "root", free_port()
    root.mkdir()
    write_client(root)
    asked = {
        "ip": "127.0.0.1",
        "port": port,
        "ServerApp.port_retries": 0,
        "IdentityProvider.token": TOKEN,
        "ServerApp.root_dir": root,
        "ServerApp.jpserver_extensions": "{'oppnb.lab': True}",
    }
    words = [f"--{name}={value}" for name, value in asked.items()]
    own = {"JUPYTER_CONFIG_DIR": "cfg", "JUPYTER_RUNTIME_DIR": "run", "JUPYTER_DATA_DIR": "data"}
    env = {**os.environ, **{name: str(state / folder) for name, folder in own.items()}}
    log = state / "log.txt"
    with log.open("wb") as told:
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", *words]
        process = subprocess.Popen(command, env=env, stdout=told, stderr=told)
        try:
            wait_for(f"http://127.0.0.1:{port}", process, log, path="/login")
            yield Server(f"http://127.0.0.1:{port}/oppnb", root)
        finally:
            process.terminate()
            process.wait(30)


ROUTES = [
    ("texts", "GET"), ("workspaces", "GET"), ("templates", "GET"), ("check", "POST"), ("jobs", "GET"), ("jobs", "POST"),
    ("jobs/20260101T000000-00000000", "GET"), ("jobs/20260101T000000-00000000", "DELETE"), ("compare", "GET"),
    ("starters", "POST"), ("schedules", "POST"), ("schedules", "GET"), ("choices", "GET"),
    ("jobs/20260101T000000-00000000/entry", "DELETE"),
]  # fmt: skip


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_without_the_token_every_route_refuses(server, route, method):
    body = {} if method == "POST" else None
    assert server.ask(route, method, body, token=None)[0] == 403
    assert server.ask(route, method, body, token="wrong")[0] == 403


@pytest.mark.parametrize(("route", "method"), [one for one in ROUTES if one[1] != "GET"])
def test_a_page_of_another_origin_changes_nothing(server, route, method):
    asked = {"kind": "review"} if route == "starters" else {}
    status, _ = server.ask(route, method, asked, token=None, origin="http://example.test")
    assert status in (403, 404)  # the server does not say to strangers what is there
    assert server.ask(route, method, asked, origin="http://example.test")[0] == 403
    assert not list(server.root.glob("*.ipynb"))


def test_workspaces_forms_and_words_are_given(server):
    assert server.ask("workspaces") == (200, {"workspaces": ["client/oppnb.yaml"]})
    status, told = server.ask("templates?workspace=client%2Foppnb.yaml&locale=zh_CN")
    assert status == 200
    assert {"light", "pipeline_review"} <= {one["name"] for one in told["templates"]}
    assert server.ask("texts?locale=zh_CN")[1]["run"] == "运行报告"
    told = server.ask("schedules?schedule=0+7+*+*+1&timezone=UTC")[1]
    assert told["next"][0].endswith("T07:00:00Z")
    assert server.ask("choices?data=client%2Famount.txt&workspace=")[1] == {"sellers": {}, "columns": [], "slices": []}


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "client/../../x", "..", "client\\..\\..\\x"])
def test_paths_that_lead_out_are_refused_wherever_they_are_given(server, path):
    from urllib.parse import quote

    assert server.ask(f"templates?workspace={quote(path, safe='')}")[0] == 403
    assert server.ask(f"choices?data={quote(path, safe='')}")[0] == 403
    for route, body in (
        ("check", {"template": "light", "workspace": path, "values": {}}),
        ("jobs", {"template": "light", "workspace": path, "values": {}}),
        ("starters", {"kind": "review", "folder": path}),
        ("starters", {"kind": "review", "data": path}),
    ):
        assert server.ask(route, "POST", body)[0] == 403, route
    asked = {"template": "light", "workspace": "client/oppnb.yaml", "values": {"data": path}}
    assert "below JupyterLab" in server.ask("check", "POST", asked)[1]["errors"]["data"]
    assert server.ask("jobs", "POST", asked)[0] == 400
    assert server.ask("jobs", "POST", {**asked, "template": path})[0] == 400


NO_REQUESTS = [
    b"",
    b"[]",
    b"nonsense",
    b'{"template": 1}',
    b'{"x": 1}',
    b'{"template": 5, "values": {}}',
    b'{"template": "light", "values": [1]}',
    b'"' + b"x" * 200_000 + b'"',
]


@pytest.mark.parametrize("raw", NO_REQUESTS, ids=range(len(NO_REQUESTS)))
def test_what_is_no_request_is_refused_in_words(server, raw):
    status, told = server.ask("jobs", "POST", raw=raw)
    assert status == 400
    assert "The request cannot be used" in told


def test_a_job_is_taken_seen_and_cancelled(server):
    values = {"data": "client/amount.txt", "seconds": 300.0}
    status, job = server.ask("jobs", "POST", {"template": "light", "workspace": "client/oppnb.yaml", "values": values})
    assert (status, job["title"]) == (201, "light")
    end = time.monotonic() + 90
    while server.ask(f"jobs/{job['id']}")[1]["state"] != "running" and time.monotonic() < end:
        time.sleep(0.2)
    assert server.ask("jobs")[1]["jobs"][0]["id"] == job["id"]
    status, told = server.ask(f"jobs/{job['id']}/entry?locale=zh_CN", "DELETE")
    assert (status, json.loads(told)["message"]) == (400, "只能从列表中移除失败或已取消的报告。")
    assert server.ask(f"jobs/{job['id']}", "DELETE")[1]["state"] == "cancelled"
    assert server.ask(f"jobs/{job['id']}/entry", "DELETE")[0] == 200
    assert server.ask("jobs")[1]["jobs"] == []
    assert server.ask("jobs/20260101T000000-00000000")[0] == 404
