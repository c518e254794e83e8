"""Files below the folder that JupyterLab shows, and no others."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from oppnb.lab.mistakes import MissingError, OutsideError, SaidError

__all__ = ["OutsideError", "Root", "workspaces_below"]

_DEEPEST = 4
_MOST = 200
_SKIPPED = {"node_modules", "__pycache__", "site-packages", "reports"}


class Root:
    """The folder that JupyterLab shows.

    Parameters
    ----------
    folder : path
        The server's root.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().resolve()

    def path(self, text: str, *, must_exist: bool = True) -> Path:
        """The file or folder that a path of the browser means.

        Parameters
        ----------
        text : str
            Relative, with `/`.
        must_exist : bool
            Whether a missing one is an error.

        Raises
        ------
        OutsideError
            For an absolute path, one with `..` or a null, a hidden one, or a link that leads out.
        MissingError
            If it is not there.
        """
        asked = PurePosixPath(text)
        if not text or "\0" in text or "\\" in text or asked.is_absolute() or ".." in asked.parts or ":" in text[:3]:
            raise OutsideError("path_outside", path=text[:80])
        if any(part.startswith(".") for part in asked.parts):
            raise OutsideError("path_hidden", path=text[:80])
        found = (self.folder / asked).resolve()
        if not found.is_relative_to(self.folder):
            raise OutsideError("path_leads_out", path=text[:80])
        if must_exist and not found.exists():
            raise MissingError("path_missing", path=text[:200])
        return found

    def data(self, text: str) -> Path:
        """A file or folder to be read: as `path`, and nothing in it is a link that leads out.

        Raises
        ------
        OutsideError, MissingError
            As `path`.
        """
        found = self.path(text)
        if found == self.folder:
            raise OutsideError("path_root")
        for inside in found.rglob("*") if found.is_dir() else ():
            if inside.is_symlink() and not inside.resolve().is_relative_to(self.folder):
                raise OutsideError("path_holds_link", path=text[:80], name=inside.name[:80])
        return found

    def workspace(self, text: str) -> Path:
        """An `oppnb.yaml`.

        Raises
        ------
        OutsideError, MissingError
            As `path`.
        SaidError
            If it is no YAML file.
        """
        found = self.path(text)
        if not found.is_file() or found.suffix not in (".yaml", ".yml"):
            raise SaidError("no_such_workspace", path=text[:80])
        return found

    def name(self, path: str | Path) -> str:
        """What the browser calls a path below the root: relative, with `/`.

        Raises
        ------
        OutsideError
            If it lies elsewhere.
        """
        found = Path(path).resolve()
        if not found.is_relative_to(self.folder):
            raise OutsideError("file_outside")
        return found.relative_to(self.folder).as_posix()


def workspaces_below(root: Root) -> list[str]:
    """Every `oppnb.yaml` at most four folders down, sorted; hidden folders and links are not looked into."""
    return sorted(root.name(path) for path, _ in zip(_walk(root.folder), range(_MOST), strict=False))


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        wanted = depth < _DEEPEST
        folders[:] = sorted(name for name in folders if wanted and not name.startswith(".") and name not in _SKIPPED)
        if "oppnb.yaml" in files and not (Path(here) / "oppnb.yaml").is_symlink():
            yield Path(here) / "oppnb.yaml"
