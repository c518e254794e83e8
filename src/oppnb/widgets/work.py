"""Work that may take longer than a second: in a thread beside the kernel's loop, with progress and cancel."""

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["CancelledError", "Running", "Watch", "kernel_loop", "running_kernel"]


class CancelledError(Exception):
    """Raised inside work that somebody cancelled."""


class Watch:
    """What work tells and asks while it runs.

    Parameters
    ----------
    tell : callable of float
        Called with the share done, in 0-1.
    """

    def __init__(self, tell: Callable[[float], None] = lambda _: None) -> None:
        self._tell = tell
        self._cancelled = threading.Event()

    def done(self, share: float) -> None:
        """Say how much is done, and stop here if cancelled.

        Raises
        ------
        CancelledError
            If somebody cancelled.
        """
        if self._cancelled.is_set():
            raise CancelledError
        self._tell(min(max(share, 0.0), 1.0))

    def cancel(self) -> None:
        """Ask the work to stop at its next `done`."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """True after `cancel`."""
        return self._cancelled.is_set()


def kernel_loop() -> Any:
    """The kernel's loop, whose `add_callback` may be called from any thread; None without a kernel."""
    return getattr(running_kernel(), "io_loop", None)


def running_kernel() -> Any:
    """The kernel that this process is; None without one."""
    import sys

    if "ipykernel" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()  # type: ignore[no-untyped-call,unused-ignore]
    return getattr(shell, "kernel", None)


class Running:
    """Work in a thread; `deliver(result, error)` is called once, on the loop, as every change of a trait must be.

    Parameters
    ----------
    work : callable
        Gives the result.
    deliver : callable of result and error
        One of the two is None.
    loop : object
        The kernel's, with `add_callback`.
    """

    def __init__(
        self, work: Callable[[], Any], deliver: Callable[[Any, BaseException | None], None], *, loop: Any
    ) -> None:
        self._work, self._deliver, self._loop = work, deliver, loop
        self._told: tuple[Any, BaseException | None] = (None, None)
        self._is_delivered = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="oppnb-widget")
        self._thread.start()

    def finish(self) -> None:
        """Wait for the work and deliver it here; to be called on the loop's thread."""
        self._thread.join()
        self._tell()

    def _run(self) -> None:
        try:
            self._told = (self._work(), None)
        except Exception as caught:  # noqa: BLE001 - told to the reader by `deliver`
            self._told = (None, caught)
        self._loop.add_callback(self._tell)

    def _tell(self) -> None:
        if not self._is_delivered:
            self._is_delivered = True
            self._deliver(*self._told)
