"""A bar under a cell while it works out what takes longer than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from oppnb.locale import Words
from oppnb.widgets.front_ends import is_run_by_program
from oppnb.widgets.work import running_kernel

__all__ = ["cell_progress", "share_shown"]


@contextmanager
def cell_progress(locale: str = "en") -> Iterator[Callable[[int, int], None]]:
    """Show how far a cell is; the bar goes when the work is done or stopped.

    The kernel's interrupt (the square in the toolbar) stops the work. Without a reader (a script, papermill, nbconvert)
    nothing is shown.

    Parameters
    ----------
    locale : str
        Language of the words beside the bar.

    Yields
    ------
    callable of n and total
        For `progress=` of `forecast_pipeline`, `open_forecast` and `score_pipeline`.

    Examples
    --------
    >>> with cell_progress() as progress:
    ...     progress(1, 2)
    """
    with share_shown(Words(locale)) as show:
        yield lambda n, total: show(n / max(total, 1))


@contextmanager
def share_shown(words: Words) -> Iterator[Callable[[float], None]]:
    """The same, told of shares in 0-1."""
    if running_kernel() is None or is_run_by_program():
        yield lambda _: None
        return
    bar, box = _drawn(words)
    try:
        yield lambda share: setattr(bar, "value", min(max(share, 0.0), 1.0))
    finally:
        box.close()


def _drawn(words: Words) -> tuple[Any, Any]:
    from IPython.display import display
    from ipywidgets import FloatProgress, HBox, Label

    bar = FloatProgress(max=1.0, description=words("widgets.working"))
    box = HBox([bar, Label(words("widgets.stop_cell"))])
    display(box)  # type: ignore[no-untyped-call,unused-ignore]
    return bar, box
