"""Who runs a cell: somebody at a front end, or a program that only keeps what comes out."""

import os
import re

from oppnb.widgets.work import running_kernel

__all__ = ["VIEW", "is_run_by_program"]

VIEW = "application/vnd.jupyter.widget-view+json"
"""Of the live widget in a cell's output."""

_OF_PYTHON = re.compile(r"_\d+_\d+$")


def is_run_by_program() -> bool:
    """Whether the cell that runs was sent by papermill, nbconvert, nbclient or another client written in Python.

    Those draw no widgets, and a live view in their output is a blank on the page that is made of it. Their messages are
    numbered by process, those of a browser are not. Voila is a program with a front end.

    Examples
    --------
    >>> is_run_by_program()
    False
    """
    if "VOILA_BASE_URL" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return False
    kernel = running_kernel()
    if kernel is None or not hasattr(kernel, "get_parent"):
        return False
    asked = kernel.get_parent() or {}
    return bool(_OF_PYTHON.search(str(asked.get("header", {}).get("msg_id", ""))))
