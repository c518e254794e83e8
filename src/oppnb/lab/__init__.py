"""JupyterLab's server side: routes under `oppnb/`, reports as processes of their own, the panel's bundle.

Nothing heavy is imported here: JupyterLab loads this when it starts.
"""

from typing import Any

__all__ = ["load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "oppnb.lab"}]


def _load_jupyter_server_extension(server: Any) -> None:
    from oppnb.lab.extension import load_extension

    load_extension(server)


load_jupyter_server_extension = _load_jupyter_server_extension
