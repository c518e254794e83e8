"""A PostgreSQL server of its own for the tests: in a temporary folder, on a socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin"), Path("/usr/bin")]


def _find_server() -> Path | None:
    on_path = shutil.which("initdb")
    candidates = [*([Path(on_path).parent] if on_path else []), *FOLDERS]
    needed = ("initdb", "pg_ctl", "postgres")
    return next((folder for folder in candidates if all((folder / name).exists() for name in needed)), None)


def _run(command: list[str], folder: Path) -> None:
    # PostgreSQL refuses to run as root; Debian's package makes a user for it
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    with (folder / "commands.log").open("ab") as log:
        subprocess.run([*as_user, *command], check=True, stdout=log, stderr=log, env=environment, cwd=folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty database."""
    binaries = _find_server()
    if binaries is None:
        reason = "no PostgreSQL server on this machine (Debian package: postgresql)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    # a short path: a socket's name may have 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="oppnb-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c jit=off -c timezone=Asia/Shanghai"
    )
    _run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "oppnb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        folder,
    )
    _run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start"], folder)
    try:
        yield f"postgresql://oppnb@/postgres?host={folder}"
    finally:
        _run([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"], folder)
        shutil.rmtree(folder, ignore_errors=True)
