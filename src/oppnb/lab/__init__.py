"""JupyterLab's server side: routes under `oppnb/`, reports as processes of their own, the panel's bundle.

Nothing heavy is imported here: JupyterLab loads this when it starts.
"""

from typing import Any

__all__ = ["load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "oppnb.lab"}]


def load_jupyter_server_extension(server: Any) -> None:
    """Add the routes to a Jupyter server; it calls this by itself when the extension is enabled."""
    from oppnb.lab.extension import load_extension

    load_extension(server)


_load_jupyter_server_extension = load_jupyter_server_extension
