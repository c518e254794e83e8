"""How much later JupyterLab is open with the extension than without it.

    python benchmarks/lab.py
    python benchmarks/lab.py --rounds 60

Two servers run on this machine, one with the extension and one without; headless Chromium opens one after the other,
with a fresh context each time, which goes first by turns. Timed in the page's own clock: from the start of the
navigation until JupyterLab says that it is restored. The difference is that of the pairs: its median, with an interval
by resampling them. On a machine that does other work the interval is wide, and says so. Not a timed test.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import ARGUMENTS, find_chromium  # noqa: E402
from tests.browser_lab.conftest import command, free_port, wait_for, write_settings  # noqa: E402

GOAL = 0.05
OFF = '{"disabledExtensions": {"oppnb": true}}'
OPEN = """() => window.jupyterapp.restored.then(() => performance.now())"""


@contextmanager
def served(folder: Path, *, with_extension: bool) -> Iterator[str]:
    """A JupyterLab of its own; gives its address."""
    import os

    for name in ("root", "settings", "cfg/labconfig"):
        (folder / name).mkdir(parents=True)
    write_settings(folder / "settings")
    if not with_extension:
        (folder / "cfg" / "labconfig" / "page_config.json").write_text(OFF, encoding="utf-8")
    own = {"JUPYTER_CONFIG_DIR": "cfg", "JUPYTER_RUNTIME_DIR": "run", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipy"}
    env = {**os.environ, **{name: str(folder / place) for name, place in own.items()}}
    port, log = free_port(), folder / "log.txt"
    asked = command(port, folder / "root", folder)
    asked += [] if with_extension else ["--ServerApp.jpserver_extensions={'oppnb.lab': False}"]
    with log.open("wb") as told:
        server = subprocess.Popen(asked, env=env, stdout=told, stderr=told)
    try:
        wait_for(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def seconds_to_open(browser: Any, url: str, *, with_extension: bool) -> float:
    """Open JupyterLab once, as somebody does who was never there."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{url}/lab?reset")
    page.wait_for_function("() => window.jupyterapp")
    found = float(page.evaluate(OPEN)) / 1000
    if page.evaluate("() => window.jupyterapp.commands.hasCommand('oppnb:open-panel')") is not with_extension:
        raise SystemExit("The extension is not as it should be: install this tree (pip install -e .) and try again.")
    context.close()
    return found


def interval(values: list[float]) -> tuple[float, float]:
    """Of the median, 95 %, by resampling."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(2000))
    return medians[50], medians[1949]


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds with and without the extension, in pairs; one pair before them is not counted."""
    from playwright.sync_api import sync_playwright

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        kinds = (True, False)
        urls = [stack.enter_context(served(folder / str(kind), with_extension=kind)) for kind in kinds]
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        found: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 1):
            for place in (0, 1) if number % 2 else (1, 0):
                seconds = seconds_to_open(browser, urls[place], with_extension=kinds[place])
                if number:
                    found[place].append(seconds)
        browser.close()
    return found


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description="Opening JupyterLab with the extension and without.")
    parser.add_argument("--rounds", type=int, default=30)
    there, without = measure(parser.parse_args().rounds)
    base = statistics.median(without)
    shares = [(one - other) / base for one, other in zip(there, without, strict=True)]
    low, high = interval(shares)
    later = statistics.median(shares)
    print(f"with {statistics.median(there):.2f} s, without {base:.2f} s, median of {len(shares)} pairs")
    print(f"later by {later:+.1%} (95 % interval {low:+.1%} to {high:+.1%}); the goal is under {GOAL:.0%}")


if __name__ == "__main__":
    main()
