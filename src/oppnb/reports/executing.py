"""Run a notebook with papermill: in a kernel of its own, on a private transport, with one retry of the start."""

import asyncio
import contextvars
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from oppnb.errors import ExtraMissingError, OppnbError

__all__ = ["CellFailedError", "Progress", "execute"]

Progress = Callable[[int, int], None]
_DIED = "Kernel died before replying"


class CellFailedError(OppnbError):
    """A cell raised; the executed notebook is written with a link to it."""

    exit_code = 6

    def __init__(self, *, name: str, said: str, number: int | None, cell: str | None = None) -> None:
        super().__init__(f"{name}: {said}")
        self.name, self.said, self.number, self.cell = name, said, number, cell

    @property
    def place(self) -> str | None:
        """The cell by its id, as a template names it, and by the number it ran as; None: it was no cell.

        Examples
        --------
        >>> CellFailedError(name="KeyError", said="'amount'", number=12, cell="months").place
        "cell 'months' (In [12])"
        """
        if self.cell is None:
            return None if self.number is None else f"cell In [{self.number}]"
        return f"cell '{self.cell}'" + ("" if self.number is None else f" (In [{self.number}])")


def execute(notebook: Path, output: Path, *, folder: Path, progress: Progress | None = None) -> None:
    """Run every cell of a notebook.

    Parameters
    ----------
    notebook, output : Path
        What to run, and where the executed notebook is written.
    folder : Path
        Where the kernel is started.
    progress : callable, optional
        Called with (cells done, cells in all).

    Raises
    ------
    CellFailedError
        If a cell raises, or the kernel dies.
    ExtraMissingError
        If papermill is not installed.
    """
    try:
        import papermill  # noqa: F401
    except ImportError as error:
        raise ExtraMissingError.for_extra("report", what="Running a report") from error
    if _loop_is_running():  # called from a notebook: nbclient gets a thread without a loop
        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(_with_own_loop, notebook, output, folder, progress).result()
    else:
        contextvars.Context().run(_with_own_loop, notebook, output, folder, progress)


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _with_own_loop(notebook: Path, output: Path, folder: Path, progress: Progress | None) -> None:
    """Nbclient makes an event loop and leaves it open; this one is closed when the run ends."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    try:
        _execute_twice(notebook, output, folder, progress)
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def _execute_twice(notebook: Path, output: Path, folder: Path, progress: Progress | None) -> None:
    try:
        _execute(notebook, output, folder, progress)
    except RuntimeError as error:
        if _DIED not in str(error):
            raise
        _execute_again(notebook, output, folder, progress)


def _execute_again(notebook: Path, output: Path, folder: Path, progress: Progress | None) -> None:
    try:
        _execute(notebook, output, folder, progress)
    except RuntimeError as error:
        if _DIED not in str(error):
            raise
        said = "the kernel died at its start, twice; see whether this machine has memory left and ipykernel starts"
        raise CellFailedError(name="DeadKernelError", said=said, number=None) from error


def _execute(notebook: Path, output: Path, folder: Path, progress: Progress | None) -> None:
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    with _private_transport() as config, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of papermill and nbclient, not ours to mend
        try:
            _papermill(notebook, output, folder, config, _counting(notebook, progress))
        except PapermillExecutionError as error:
            cell = _id_of(notebook, error.cell_index)
            raise CellFailedError(name=error.ename, said=error.evalue, number=error.exec_count, cell=cell) from None
        except DeadKernelError as error:
            said = "the kernel died; it may have run out of memory"
            raise CellFailedError(name="DeadKernelError", said=said, number=None) from error


def _id_of(notebook: Path, index: int) -> str | None:
    """The id of a cell; None where the notebook gives its cells none."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return cells[index].get("id") if index < len(cells) else None


def _papermill(notebook: Path, output: Path, folder: Path, config: Any, counted: Any) -> None:
    import papermill

    papermill.execute_notebook(
        str(notebook),
        str(output),
        engine_name=_engine(),
        kernel_name="python3",
        progress_bar=False,
        store_widget_state=False,
        start_timeout=120,
        resources={"metadata": {"path": str(folder)}},  # papermill's cwd= would move the whole process
        config=config,
        extra_arguments=["--IPKernelApp.log_level=50"],  # its farewell on standard error alarms for nothing
        on_cell_executed=counted,
    )


@cache
def _engine() -> str:
    """Papermill's way, but the notebook is written once, at its end, and not twice a cell.

    It is also written where a cell failed or the kernel died.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class WritesOnce(NBClientEngine):  # type: ignore[misc,unused-ignore]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            output, nb_man.output_path = nb_man.output_path, None
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, **options)
            finally:
                nb_man.output_path = output

    papermill_engines.register("oppnb", WritesOnce)
    return "oppnb"


@contextmanager
def _private_transport() -> Iterator[Any]:
    """Sockets in a short folder of this run alone: ports of other kernels cannot collide with it."""
    from traitlets.config import Config

    folder = tempfile.mkdtemp(prefix="k-")
    try:
        yield Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _counting(notebook: Path, progress: Progress | None) -> Callable[..., None]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    total, done = sum(cell["cell_type"] == "code" for cell in cells), 0
    if progress is not None:
        progress(0, total)

    def count(**_: Any) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return count
