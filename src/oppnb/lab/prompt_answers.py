"""Answers of kernels leave at once: what a slider asked for does not wait for an acknowledgement."""

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import isawaitable
from typing import Any

__all__ = ["answer_at_once", "promptly"]

_DONE = "answers_at_once"


def answer_at_once() -> None:
    """Let the kernels of this Jupyter server answer at once, on connections opened from now on.

    A kernel answers with several small messages: busy, the answer, idle. With Nagle's algorithm on, the second waits
    until the browser has acknowledged the first, and that is put off for some 40 ms: every move of a widget takes so
    much longer [1]_.

    References
    ----------
    .. [1] J. Nagle, RFC 896, 1984; R. Braden, RFC 1122, 1989, section 4.2.3.2 on delayed acknowledgements.
    """
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    if not getattr(KernelWebsocketHandler.open, _DONE, False):
        setattr(KernelWebsocketHandler, "open", promptly(KernelWebsocketHandler.open))  # noqa: B010 - a method of theirs


def promptly(opened: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, None]]:
    """The `open` of a websocket handler, and after it Nagle's algorithm is off.

    Tornado turns it on after each request, so that it has to be turned off on the open connection.
    """

    @wraps(opened)
    async def open_promptly(self: Any, *given: Any, **named: Any) -> None:
        answer = opened(self, *given, **named)
        if isawaitable(answer):
            await answer
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            self.set_nodelay(True)

    setattr(open_promptly, _DONE, True)
    return open_promptly
