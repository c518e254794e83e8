"""A root that JupyterLab would show: a client's workspace with light templates, and an office that runs them."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oppnb.lab.jobs import Job, JobFolder
from oppnb.lab.office import Office
from oppnb.lab.places import Root
from tests.notebooks import make_notebook

PARAMETERS = """data: str = "../sample"  # The export
workspace: str | None = None  # Settings
factor: int = 1  # Times
seconds: float = 0.0  # Wait so long"""
LIGHT = """
import time
import pandas as pd
from pathlib import Path
from oppnb.locale import Formats, Words
from oppnb.reports import Page, input_path

time.sleep(seconds)
page = Page(words=Words("en"), formats=Formats("en", currency="EUR"), title="Light")
total = factor * float(Path(input_path(data)).read_text(encoding="utf-8"))
page.table("deals", pd.DataFrame({"name": ["<b>A</b>"], "amount": [total]}))
page.finish(
    figures=[{"id": "open_amount", "value": total, "unit": "money", "slice": None}], facts={"as_of": "2024-03-01"}
)
"""
FAILS = "raise ValueError('no such thing: password=abc123')"


def write_client(folder: Path) -> None:
    """`client/` with `oppnb.yaml`, `amount.txt` and the templates light and fails."""
    client = folder / "client"
    (client / "templates").mkdir(parents=True)
    (client / "oppnb.yaml").write_text("version: 1\n", encoding="utf-8")
    (client / "amount.txt").write_text("7", encoding="utf-8")
    for name, source in (("light", LIGHT), ("fails", FAILS)):
        tree = make_notebook(source, parameters=PARAMETERS)
        (client / "templates" / f"{name}.ipynb").write_text(json.dumps(tree), encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Root:
    write_client(tmp_path)
    return Root(tmp_path)


@pytest.fixture
def office(root: Root) -> Iterator[Office]:
    made = Office(root, JobFolder(root.folder / ".oppnb" / "jobs"), most=1)
    yield made
    close(made)


def close(office: Office) -> None:
    """Stop every job, and wait until their processes have left."""
    for job in office.jobs.latest():
        office.cancel(job.id)
    end = time.monotonic() + 30
    while not office.is_quiet() and time.monotonic() < end:
        time.sleep(0.1)


def wait_for(office: Office, job_id: str, reached: Callable[[Job], bool], *, seconds: float = 120.0) -> Job:
    """Look after the jobs until one is where it should be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        office.look_after()
        job = office.jobs.get(job_id)
        if reached(job):
            return job
        time.sleep(0.1)
    raise AssertionError(office.jobs.get(job_id).state)
