"""What a run is at: told while a report takes its time, so that nobody takes it for dead."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oppnb.runs.plan import Job

__all__ = ["News", "Watch", "parts_of", "watching"]

News = Callable[[str, Mapping[str, Any]], None]
"""Called with a key of the catalogue and its values."""
FIRST_SECONDS, EVERY_SECONDS = 5.0, 30.0
INJECTED = "injected-parameters"


@dataclass
class _AtWork:
    name: str
    template: str
    place: int
    parts: list[str]
    begun: float
    due: float
    done: int = 0


class Watch:
    """The reports that are being made; one that takes longer is told of, first soon and then now and again.

    Parameters
    ----------
    tell : callable
        Called with a key of the catalogue and its values.
    total : int
        Reports in all.
    """

    def __init__(self, tell: News, total: int) -> None:
        self._tell, self._total = tell, total
        self._begun = 0
        self._at_work: dict[int, _AtWork] = {}
        self._guard = threading.Lock()

    @contextmanager
    def at(self, job: Job) -> Iterator[Callable[[int, int], None]]:
        """While a report is made; gives what is to be called with (cells done, cells in all)."""
        now = time.monotonic()
        with self._guard:
            self._begun += 1
            template = Path(job.template)
            one = _AtWork(job.name, template.stem, self._begun, parts_of(template), now, now + FIRST_SECONDS)
            self._at_work[id(one)] = one

        def step(done: int, _: int) -> None:
            one.done = done

        try:
            yield step
        finally:
            with self._guard:
                self._at_work.pop(id(one))

    def look(self) -> None:
        """Tell of each report that has been at work long enough since it was told of last."""
        now = time.monotonic()
        with self._guard:
            late = [one for one in self._at_work.values() if now >= one.due]
            for one in late:
                one.due = now + EVERY_SECONDS
        for one in late:
            self._tell("runs.at_work", self._told(one, now))

    def _told(self, one: _AtWork, now: float) -> Mapping[str, Any]:
        part = min(one.done, len(one.parts) - 1)
        return {
            "place": one.place,
            "total": self._total,
            "name": one.name,
            "part": part + 1,
            "parts": len(one.parts),
            "template": one.template,
            "section": one.parts[part],
            "seconds": round(now - one.begun),
        }


@contextmanager
def watching(tell: News | None, total: int) -> Iterator[Watch | None]:
    """A watch that looks every second by itself; none where nobody listens or there is nothing to make."""
    if tell is None or not total:
        yield None
        return
    watch, over = Watch(tell, total), threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            watch.look()

    thread = threading.Thread(target=look, name="oppnb-watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def parts_of(template: Path) -> list[str]:
    """The ids of the cells that are run, in their order; a run adds one with the parameters after theirs."""
    cells = [cell for cell in json.loads(template.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    names = [str(cell.get("id", "")) for cell in cells if INJECTED not in cell.get("metadata", {}).get("tags", [])]
    tagged = ["parameters" in cell.get("metadata", {}).get("tags", []) for cell in cells]
    names.insert(tagged.index(True) + 1 if True in tagged else 0, INJECTED)
    return names
