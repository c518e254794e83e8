"""How long a slider takes until its figure is redrawn in the browser: the explorer, and plotly given all data again.

    python benchmarks/widgets.py                     # 1k, 10k and 100k open deals
    python benchmarks/widgets.py --deals 10k --moves 60
    python benchmarks/widgets.py --paint 10k         # scored deals until the ScoreExplorer's first rows are there

A JupyterLab runs in headless Chromium on this machine; each move is one press of an arrow key on a slider. Timed in the
page's own clock, through kernel and websocket: from the `input` event until the new figure stands in the page. Beside
it, in the same run and the same notebook, an ipywidgets slider whose callback works out the same scenario and hands a
plotly FigureWidget amounts and chances of all open deals again with the new bars. The deals are those of a small
forecast, repeated. Not a timed test: it fails only if a move was not drawn.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import ARGUMENTS, find_chromium  # noqa: E402
from tests.browser_lab.conftest import Lab, command, free_port, wait_for, write_settings  # noqa: E402
from tests.browser_lab.notebook import LabNotebook  # noqa: E402

GOAL_MEDIAN, GOAL_P95 = 50.0, 100.0
OPEN = """
import sys
sys.path.insert(0, {root!r})
from dataclasses import replace
import numpy as np, pandas as pd
from tests.widgets.forecast_made import small_forecast
from oppnb.widgets import ForecastExplorer
found, forecast = small_forecast()
def repeated(n):
    deals = forecast.parts.deals
    deals = pd.concat([deals] * -(-n // len(deals)), ignore_index=True).head(n)
    deals = deals.assign(opportunity_id=[f"D{{one:06d}}" for one in range(n)])
    parts = forecast.parts.with_deals(deals)
    said = replace(forecast.said, parts=parts, forecasts={{"win_curves": parts.distribution().told()}})
    return ForecastExplorer((found, replace(forecast, said=said)), target=parts.expected)
"""
SCORED = """
import sys
sys.path.insert(0, {root!r})
from tests.widgets.scored import many
from oppnb.widgets import ScoreExplorer
scores = many({n})
"""
PAINTED = "ScoreExplorer(scores)"
ROWS = """async cell => { const notebook = jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = cell; notebook.deselectAll();
  const begun = performance.now();
  void jupyterapp.commands.execute('notebook:run-cell');
  while (!notebook.widgets[cell].node.querySelector('tbody tr td')?.textContent) {
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - begun; }"""
EXPLORER = "explorer = repeated({n})\nexplorer"
PLOTLY = """
import ipywidgets as widgets, plotly.graph_objects as go
from oppnb.charts import distribution_bars
from oppnb.forecasting.distribution import LEVELS
from oppnb.workspace import Scenario, ScenarioChange
figure = go.FigureWidget([go.Bar(), go.Scattergl(mode="markers", opacity=.2)], layout={{"height": 330}})
slider = widgets.IntSlider(min=-30, max=30)
slider.add_class("beside")
def moved(change):
    made = Scenario(name="x", changes=[ScenarioChange(win_rate_points=change["new"])])
    told = explorer.explored.told(made)
    parts = explorer.explored.deals(scenario=made)
    bars = distribution_bars(told.distribution.quantiles(LEVELS), target=explorer.target)
    with figure.batch_update():
        figure.data[0].x, figure.data[0].y = (bars["low"] + bars["high"]) / 2, bars["share"]
        figure.data[1].x, figure.data[1].y = parts.amount, parts.chance / 10
slider.observe(moved, names="value")
widgets.VBox([slider, figure])
"""
WATCH = """() => { window.drawn = []; const plot = document.querySelector('.js-plotly-plot');
  if (!plot || plot.watched) return;
  plot.watched = true;
  plot.on('plotly_afterplot', () => window.drawn.push(performance.now())); }"""
OWN = "() => performance.getEntriesByName('oppnb-move').map(one => one.duration)"


def main() -> int:
    """Every size, both arms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", default="1k,10k,100k", help="open deals")
    parser.add_argument("--moves", type=int, default=40, help="presses of a key an arm")
    parser.add_argument("--paint", help="instead: open deals of a ScoreExplorer, from scores to its first rows")
    given = parser.parse_args()
    if given.paint:
        print(painted(int(given.paint.replace("k", "000"))))
        return 0
    print(f"{'open deals':>10}  {'explorer':>24}  {'FigureWidget, all data':>24}")
    with opened_notebook() as start:
        for size in given.deals.split(","):
            n = int(size.replace("k", "000"))
            notebook = start(OPEN.format(root=str(ROOT)), EXPLORER.format(n=n), PLOTLY.format())
            for cell in range(3):
                notebook.run(cell)
            own = moved_explorer(notebook, given.moves)
            beside = moved_plotly(notebook, given.moves)
            notebook.close()
            print(f"{n:>10,}  {told(own):>24}  {told(beside):>24}", flush=True)
            if len(own) < given.moves or len(beside) < given.moves:
                return 1
    print(
        f"milliseconds, median / 95th percentile of {given.moves} moves; goal at 10,000: {GOAL_MEDIAN:g} / {GOAL_P95:g}"
    )
    return 0


def painted(n: int, *, times: int = 5) -> str:
    """A cell with the widget, run again and again: from the key until rows stand on the page."""
    with opened_notebook() as start:
        notebook = start(SCORED.format(root=str(ROOT), n=n), *[PAINTED] * (times + 1))
        notebook.run(0)
        found = [notebook.page.evaluate(ROWS, 1 + one) / 1000 for one in range(times + 1)]
        notebook.close()
    later = ", ".join(f"{one:.2f}" for one in found[1:])
    return f"{n:,} scored deals: first rows after {found[0]:.2f} s (the first, with the front end), then {later} s"


def moved_explorer(notebook: LabNotebook, moves: int) -> list[float]:
    """Press, wait until it is drawn, press again."""
    page = notebook.page
    page.evaluate(WATCH)
    page.locator("[data-focus=lever-win_rate]").focus()
    for one in range(moves):
        page.keyboard.press("ArrowRight" if one % 20 < 10 else "ArrowLeft")
        page.wait_for_function(f"() => performance.getEntriesByName('oppnb-move').length >= {one + 1}")
    return list(page.evaluate(OWN))


def moved_plotly(notebook: LabNotebook, moves: int) -> list[float]:
    """The same with a slider of ipywidgets and a figure of plotly."""
    page = notebook.page
    page.wait_for_function("() => Boolean(document.querySelector('.js-plotly-plot .main-svg'))")
    handle = page.locator(".beside .noUi-handle")
    handle.focus()
    found = []
    for one in range(moves):
        page.evaluate(WATCH)
        begun = page.evaluate("() => performance.now()")
        handle.press("ArrowRight" if one % 20 < 10 else "ArrowLeft")
        page.wait_for_function("() => window.drawn.length > 0")
        found.append(page.evaluate("() => window.drawn.at(-1)") - begun)
    return found


def told(times: list[float]) -> str:
    """Median and 95th percentile."""
    ends = statistics.quantiles(times, n=20)
    return f"{statistics.median(times):.0f} / {ends[-1]:.0f}"


@contextmanager
def opened_notebook() -> Iterator[Any]:
    """A JupyterLab of its own and a browser; gives a function from cells to an open notebook."""
    import os
    import subprocess

    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        state = Path(folder)
        root, port = state / "root", free_port()
        root.mkdir()
        write_settings(state / "settings")
        own = {
            "JUPYTER_CONFIG_DIR": "cfg",
            "JUPYTER_RUNTIME_DIR": "run",
            "JUPYTER_DATA_DIR": "data",
            "IPYTHONDIR": "ipy",
        }
        env = {**os.environ, **{name: str(state / one) for name, one in own.items()}}
        log = state / "log.txt"
        with log.open("wb") as out:
            server = subprocess.Popen(command(port, root, state), env=env, stdout=out, stderr=out)
            lab = Lab(f"http://127.0.0.1:{port}", root, state / "settings")
            wait_for(lab.url, server, log)
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            made = 0

            def start(*cells: str) -> LabNotebook:
                nonlocal made
                made += 1
                page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
                notebook = LabNotebook(page, lab.url, root / f"bench{made}.ipynb")
                notebook.open(*cells)
                return notebook

            try:
                yield start
            finally:
                browser.close()
                server.terminate()
                server.wait()


if __name__ == "__main__":
    raise SystemExit(main())
