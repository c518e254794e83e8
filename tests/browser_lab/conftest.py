"""One JupyterLab server for the session, a folder for notebooks, a page that fails on errors of the console."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser_lab.notebook import LabNotebook

SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class Lab:
    """A running server: its address, the folder it shows, its settings."""

    url: str
    root: Path
    settings: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_settings(folder: Path, **more: Any) -> None:
    for name, values in {**SETTINGS, **more}.items():
        file = folder / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")


def command(port: int, root: Path, state: Path) -> list[str]:
    asked = {
        "ip": "127.0.0.1",
        "port": port,
        "ServerApp.port_retries": 0,
        "IdentityProvider.token": "",
        "ServerApp.root_dir": root,
        "LabApp.workspaces_dir": state / "ws",
        "LabApp.user_settings_dir": state / "settings",
        "LabApp.expose_app_in_browser": True,
    }
    words = [f"--{name}={value}" for name, value in asked.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *words]


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path, *, path: str = "/api/status") -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}{path}", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab that reads no settings of this machine and asks no network."""
    state = tmp_path_factory.mktemp("lab")
    root, port = state / "root", free_port()
    root.mkdir()
    write_settings(state / "settings")
    own = {"JUPYTER_CONFIG_DIR": "cfg", "JUPYTER_RUNTIME_DIR": "run", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipy"}
    env = {**os.environ, **{name: str(state / folder) for name, folder in own.items()}}
    log = state / "log.txt"
    with log.open("wb") as told:
        server = subprocess.Popen(command(port, root, state), env=env, stdout=told, stderr=told)
        try:
            wait_for(f"http://127.0.0.1:{port}", server, log)
            yield Lab(f"http://127.0.0.1:{port}", root, state / "settings")
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture
def open_notebook(
    lab: Lab,
    browser: Any,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., LabNotebook]]:
    """Write cells into a notebook of the test's own and open it; afterwards no error stands in the console."""
    opened: list[LabNotebook] = []

    def start(*cells: str, width: int = 1280, scheme: str = "light") -> LabNotebook:
        context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
        notebook = LabNotebook(context.new_page(), lab.url, lab.root / f"{request.node.name[:60]}.ipynb")
        opened.append(notebook)
        notebook.open(*cells)
        return notebook

    yield start
    faults = [fault for notebook in opened for fault in notebook.faults]
    for notebook in opened:
        notebook.close()
    assert faults == []
