"""What a named run costs beside nbclient executing the same notebooks alone; both in one run of this program.

    python benchmarks/runs.py --slices 20 --workers 2
    python benchmarks/runs.py --slices 200 --alone 20

For each of the first sellers of the sample (of more than there are: for each of the first accounts with open deals),
the pipeline review is made once by `run_reports` (plan, kernel, page, workbook, publishing, catalogue). `--alone` of
the slices, by default all, are also executed once by nbclient with the same parameters and nothing else. Both use the
same number of threads, half of the notebooks are executed before the run and half after it, so that a machine that
gets slower favours neither. Printed: wall and processor seconds a report, their ratio, and the highest memory.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data" / "sample" / "pipeline"


def processor_seconds() -> float:
    """Of this process and of its children that have ended; kernels are waited for."""
    used = psutil.Process().cpu_times()
    return used.user + used.system + used.children_user + used.children_system


class Memory:
    """The highest memory of this process and of all with its kernels, looked at four times a second."""

    def __init__(self) -> None:
        self.own = self.all = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        this = psutil.Process()
        while not self._over.wait(0.25):
            own, kernels = this.memory_info().rss, 0
            for child in this.children(recursive=True):
                try:
                    kernels += child.memory_info().rss
                except psutil.Error:
                    continue
            self.own, self.all = max(self.own, own), max(self.all, own + kernels)


def first_slices(count: int) -> tuple[str, list[str]]:
    """A column, and as many of its values that have open deals."""
    deals = pd.read_csv(DATA / "opportunities.csv", dtype=str)
    for column in ("owner_id", "account_id"):
        found = sorted(deals.loc[deals["outcome"].eq("open"), column].dropna().unique())
        if len(found) >= count:
            return column, found[:count]
    raise SystemExit(f"The sample has no column with {count} slices; account_id has {len(found)}.")


def make_workspace(folder: Path, column: str, slices: Sequence[str]) -> Path:
    shutil.copytree(DATA, folder / "data")
    settings = (ROOT / "data" / "sample" / "oppnb.yaml").read_text(encoding="utf-8")
    run = {"data": "data", "templates": ["pipeline_review"], "for_each": column, "only": list(slices)}
    (folder / "oppnb.yaml").write_text(f"{settings}\nreports: {json.dumps({'bench': run})}\n", encoding="utf-8")
    return folder / "oppnb.yaml"


def execute_alone(column: str, slices: Sequence[str], *, file: Path, workers: int) -> None:
    """The same notebooks with the same parameters by nbclient, and nothing else."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(lambda one: execute({column: one}, file), slices))


def execute(only: Mapping[str, str], file: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    from oppnb.reports.injecting import with_parameters

    tree = json.loads((ROOT / "templates" / "pipeline_review.ipynb").read_text(encoding="utf-8"))
    parameters: dict[str, Any] = {"data": str(file.parent / "data"), "workspace": str(file), "only": dict(only)}
    notebook = nbformat.reads(json.dumps(with_parameters(tree, parameters)), as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=None).execute()


def measured(work: Any) -> tuple[float, float]:
    wall, used = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - wall, processor_seconds() - used


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--slices", type=int, default=20)
    asked.add_argument("--alone", type=int, help="how many of them nbclient executes too; by default all")
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    from oppnb.runs import run_reports

    with tempfile.TemporaryDirectory() as place:
        column, slices = first_slices(given.slices)
        file = make_workspace(Path(place), column, slices)
        also = slices[:: max(1, len(slices) // (given.alone or len(slices)))][: given.alone]
        half = len(also) // 2
        before = measured(lambda: execute_alone(column, also[:half], file=file, workers=given.workers))
        with Memory() as memory:
            made = measured(
                lambda: run_reports("bench", workspace=file, out=Path(place) / "reports", workers=given.workers)
            )
        after = measured(lambda: execute_alone(column, also[half:], file=file, workers=given.workers))
        reports = len(list((Path(place) / "reports").rglob("report.html")))
        again = measured(lambda: run_reports("bench", workspace=file, out=Path(place) / "reports"))
    print(f"{reports} of {len(slices)} reports made, {given.workers} at once; nbclient executed {len(also)}")
    for place_in, name in enumerate(("wall", "processor")):
        ours, alone = made[place_in] / len(slices), (before[place_in] + after[place_in]) / len(also)
        print(f"{name:>10} s a report: {ours:6.2f} by oppnb, {alone:6.2f} by nbclient: {ours / alone:.2f}x")
    print(f"highest memory: {memory.own / 2**20:.0f} MB, with kernels {memory.all / 2**20:.0f} MB")
    print(f"the same run once more (nothing to do): {again[0]:.1f} s")


if __name__ == "__main__":
    main()
