"""The plain content of a file that may be compressed or lie in a zip, within limits."""

import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from oppnb.errors import DataError

__all__ = ["MAX_RATIO", "archive_members", "content_of", "member_name", "refuse_zip_bomb"]

MAX_RATIO = 200
"""An archive that grows more than this many times is refused; real exports grow 5 to 40 times."""

_ALWAYS_ALLOWED = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


@contextmanager
def content_of(path: Path, member: str | None = None) -> Iterator[Path]:
    """Give a local file with the plain content of `path`, or of `member` in the zip `path`.

    A plain file is given as it is. Compressed content is written to a temporary file of our own naming (nothing is
    ever written to a path that an archive names) and removed afterwards.

    Raises
    ------
    DataError
        If the archive is broken, needs a password, grows over `MAX_RATIO` times, or the disk has no room for it.
    """
    if member is None and path.suffix.lower() != ".gz":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="oppnb-") as folder:
        target = Path(folder) / "content"
        with _explained(path, member), _opened(path, member) as (source, packed), target.open("wb") as out:
            _copy(source, out, packed=packed, where=_where(path, member))
        yield target


def archive_members(path: Path, name: str | None = None) -> list[zipfile.ZipInfo]:
    """List the files in a zip, without its folders; `name` is for messages.

    Raises
    ------
    DataError
        If it is broken or needs a password.
    """
    with _explained(path, None), zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
    locked = [info for info in members if info.flag_bits & 0x1]
    if locked:
        raise DataError(
            f"'{name or path.name}' is protected by a password ({len(locked)} of {len(members)} files).\n"
            "Unpack it, or export it again without a password."
        )
    return members


def member_name(info: zipfile.ZipInfo) -> str:
    """Name a zip member as its maker wrote it, as a path that stays inside the archive.

    Chinese Windows writes names in GB18030 without saying so; Python reads those as code page 437.
    """
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        for encoding in ("utf-8", "gb18030"):
            try:
                name = name.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and not part.endswith(":"))


def refuse_zip_bomb(path: Path, name: str) -> None:
    """Raise DataError if a zip (or a workbook, which is one) says that it grows beyond the limit."""
    for info in archive_members(path, name):
        if info.file_size > _ALWAYS_ALLOWED and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise _too_much(f"'{name}'")


@contextmanager
def _opened(path: Path, member: str | None) -> Iterator[tuple["IO[bytes] | gzip.GzipFile", int]]:
    if member is None:
        with gzip.open(path) as source:
            yield source, path.stat().st_size
        return
    archive_members(path)
    with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
        size = archive.getinfo(member).compress_size
        if member.lower().endswith(".gz"):
            with gzip.open(packed) as source:
                yield source, size
        else:
            yield packed, size


def _copy(source: IO[bytes] | gzip.GzipFile, out: IO[bytes], *, packed: int, where: str) -> None:
    room = shutil.disk_usage(tempfile.gettempdir()).free - _ALWAYS_ALLOWED
    limit = max(_ALWAYS_ALLOWED, MAX_RATIO * packed)
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > limit:
            raise _too_much(where)
        if written > room:
            raise DataError(f"{where} needs more room unpacked than the temporary folder has; unpack it yourself.")
        out.write(chunk)


@contextmanager
def _explained(path: Path, member: str | None) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError) as error:
        raise DataError(
            f"{_where(path, member)} is broken or was cut off: {error}.\n"
            "If it is still being written or copied, try again when that is done; else export it again."
        ) from error


def _where(path: Path, member: str | None) -> str:
    return f"'{path.name}'" if member is None else f"'{member}' in '{path.name}'"


def _too_much(where: str) -> DataError:
    return DataError(
        f"{where} would grow more than {MAX_RATIO} times when unpacked and is not read.\n"
        "If it is a real export, unpack it yourself and give the folder."
    )
