"""Keep `oppnb.yaml`: read it with what is needed to see that nobody else changed it, write it whole or not at all."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from oppnb.errors import WorkspaceError
from oppnb.workspace.reading import parse_workspace

__all__ = ["WorkspaceFile"]

_BOM = "\ufeff"


@dataclass(frozen=True)
class WorkspaceFile:
    """A workspace file as it was when it was read; make one with `WorkspaceFile.read`.

    Attributes
    ----------
    path : Path
        Where it lies; a link has been followed.
    text : str
        What it says, with plain line breaks; empty if there is no such file yet.
    digest : str or None
        SHA-256 of its bytes; None: there is no such file yet.
    """

    path: Path
    text: str
    digest: str | None
    has_bom: bool = False
    has_carriage_returns: bool = False

    @classmethod
    def read(cls, path: str | Path) -> "WorkspaceFile":
        """Read a file, or note that it is not there yet.

        Raises
        ------
        WorkspaceError
            If it is a folder, may not be read, or is not UTF-8 text.
        """
        file = Path(path).expanduser().resolve()
        try:
            held = file.read_bytes()
            text = held.decode("utf-8")
        except FileNotFoundError:
            return cls(file, "", None)
        except (OSError, UnicodeDecodeError) as error:
            raise WorkspaceError(f"The workspace file '{file.name}' cannot be read as UTF-8 text: {error}") from error
        has_returns = "\r\n" in text and text.count("\r\n") == text.count("\n")
        plain = text.removeprefix(_BOM).replace("\r\n", "\n") if has_returns else text.removeprefix(_BOM)
        return cls(file, plain, hashlib.sha256(held).hexdigest(), text.startswith(_BOM), has_returns)

    @property
    def is_as_read(self) -> bool:
        """Whether the file still holds what was read, or is still not there."""
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest() == self.digest
        except FileNotFoundError:
            return self.digest is None
        except OSError:
            return False

    def write(self, text: str) -> "WorkspaceFile":
        r"""Put another text into the file: written beside it first, then renamed, so that it is never half there.

        Parameters
        ----------
        text : str
            With plain line breaks; the file's own and its byte order mark are kept.

        Returns
        -------
        WorkspaceFile
            The file as it is now.

        Raises
        ------
        WorkspaceError
            If the text is no workspace, the file was changed since it was read, or it cannot be written. The file is
            then as it was.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = WorkspaceFile.read(Path(folder) / "oppnb.yaml").write("currency: EUR\n")
        ...     file.path.read_text(), file.is_as_read
        ('currency: EUR\n', True)
        """
        parse_workspace(text, name=self.path.name)
        if not self.is_as_read:
            raise WorkspaceError(
                f"The file '{self.path.name}' was changed by somebody else since it was read. Nothing was written: "
                "read it again, or save under another name."
            )
        said = text.replace("\n", "\r\n") if self.has_carriage_returns else text
        try:
            self._replace((_BOM if self.has_bom else "").encode() + said.encode())
        except OSError as error:
            raise WorkspaceError(f"The file '{self.path.name}' cannot be written: {error.strerror}.") from error
        return WorkspaceFile.read(self.path)

    def _replace(self, held: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".unfinished", dir=self.path.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(held)
                out.flush()
                os.fsync(out.fileno())
            if self.digest is None:
                beside.chmod(0o666 & ~_umask())
            else:
                shutil.copymode(self.path, beside)
            beside.replace(self.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
