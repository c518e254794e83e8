"""Which encoding a text is in, found over its whole content, and the way from there to UTF-8."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from oppnb.sources.legacy_encodings import guess_legacy

__all__ = ["TextSurvey", "survey_text", "transcode"]

_CHUNK = 1024 * 1024
_EVIDENCE = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class TextSurvey:
    """What one pass over a file found.

    Attributes
    ----------
    sha256, n_bytes : str, int
        Hash and size of the content.
    encoding : str or None
        Python's name: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, gb18030, cp1252, or what charset-normalizer
        finds where none of these fits; None for a binary file.
    is_cut : bool
        The text ends in the middle of a character.
    """

    sha256: str
    n_bytes: int
    encoding: str | None
    is_cut: bool = False


class _Utf8Watch:
    """Follows chunks: are all of them UTF-8? Keeps lines that are not ASCII as evidence if they are not."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.valid = True
        self.evidence = bytearray()
        self.has_nul = False

    def see(self, chunk: bytes) -> None:
        self.has_nul = self.has_nul or b"\0" in chunk
        if chunk.isascii() and not self.decoder.getstate()[0]:
            return
        if len(self.evidence) < _EVIDENCE:
            lines = (line for line in chunk.splitlines() if not line.isascii())
            for line in lines:
                self.evidence += line + b"\n"
                if len(self.evidence) >= _EVIDENCE:
                    break
        if self.valid:
            try:
                self.decoder.decode(chunk)
            except UnicodeDecodeError:
                self.valid = False
                self.decoder.reset()

    @property
    def is_cut(self) -> bool:
        return self.valid and bool(self.decoder.getstate()[0])


def survey_text(path: Path) -> TextSurvey:
    """Hash a file and find its encoding, reading it once from end to end.

    A file is UTF-8 if all of it is, or if nearly every line beyond ASCII is (a field cut in the middle of a
    character does not make a file Chinese). Else GB18030 is weighed against code page 1252 by what each would
    make of the text: common Chinese characters, or letters with accents inside words.

    Parameters
    ----------
    path : Path
        A plain file.

    Returns
    -------
    TextSurvey
        Hash, size and encoding; encoding is None for a binary file.
    """
    digest, watch, size, first = hashlib.sha256(), _Utf8Watch(), 0, b""
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            first = first or chunk[:4096]
            size += len(chunk)
            digest.update(chunk)
            watch.see(chunk)
    encoding = _encoding(first, watch)
    return TextSurvey(digest.hexdigest(), size, encoding, is_cut=encoding == "utf-8" and watch.is_cut)


def _encoding(first: bytes, watch: _Utf8Watch) -> str | None:
    for bom, name in _BOMS:
        if first.startswith(bom):
            return name
    if watch.has_nul:
        return _without_bom(first)
    if watch.valid or _nearly_utf8(bytes(watch.evidence)):
        return "utf-8"
    return guess_legacy(bytes(watch.evidence))


def _without_bom(first: bytes) -> str | None:
    """UTF-16 of mostly Western text has a zero in every other byte; anything else with zeros is binary."""
    half = max(len(first) // 2, 1)
    for places, name in ((slice(1, None, 2), "utf-16-le"), (slice(0, None, 2), "utf-16-be")):
        others = slice(1 - (places.start or 0), None, 2)
        if first[places].count(0) / half > 0.6 and first[others].count(0) == 0:
            return name
    return None


def _nearly_utf8(evidence: bytes) -> bool:
    lines = evidence.splitlines()
    valid = sum(_is_utf8(line) for line in lines)
    return len(lines) >= 10 and valid / len(lines) >= 0.9


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def transcode(source: Path, target: Path, encoding: str) -> None:
    """Write `source` as UTF-8 without BOM to `target`, a megabyte at a time.

    Bytes that are no character in `encoding` become U+FFFD, so that no row is lost; readers report those rows.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with source.open("rb") as raw, target.open("wb") as out:
        while chunk := raw.read(_CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", errors="replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", errors="replace"))
