"""Headers compared without regard to case, spaces, punctuation and width; and what a header says of its unit."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

__all__ = ["HeaderIndex", "currency_in", "normalise", "scale_in", "sounds_like_a_key", "spaced"]

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
_KEY_WORDS = ("id", "number", "no", "key", "code", "ref", "编号", "编码", "号", "代码")
_SCALES = {
    "万元": 1e4,
    "万": 1e4,
    "千元": 1e3,
    "百万": 1e6,
    "百万元": 1e6,
    "亿元": 1e8,
    "亿": 1e8,
    "k": 1e3,
    "thousands": 1e3,
}


@cache
def normalise(header: str) -> str:
    """Fold a header to its letters and digits.

    Examples
    --------
    >>> [normalise(text) for text in ["StageName", "stage_name", "Stage Name", "预计成交日期"]]
    ['stagename', 'stagename', 'stagename', '预计成交日期']
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", header).casefold())


@cache
def spaced(header: str) -> str:
    """Fold a header to words in alphabetical order, for likeness whatever their order is.

    Examples
    --------
    >>> spaced("Close Date (expected)")
    'close date expected'
    """
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header))
    return " ".join(sorted(re.sub(r"[\W_]+", " ", text.casefold()).split()))


def without_brackets(header: str) -> str:
    """Leave out what stands in brackets: a unit, a remark."""
    return _BRACKETS.sub(" ", unicodedata.normalize("NFKC", header))


def sounds_like_a_key(header: str) -> bool:
    """Whether a header ends as the names of keys do.

    Examples
    --------
    >>> [sounds_like_a_key(header) for header in ["Opportunity Number", "商机编号", "Amount"]]
    [True, True, False]
    """
    return normalise(header).endswith(_KEY_WORDS)


def scale_in(header: str) -> float | None:
    """Read the factor of a unit in brackets.

    Examples
    --------
    >>> scale_in("商机金额（万元）")
    10000.0
    """
    for word in _bracketed(header):
        if word.casefold() in _SCALES:
            return _SCALES[word.casefold()]
    return None


def currency_in(header: str) -> str | None:
    """Read an ISO 4217 code in brackets.

    Examples
    --------
    >>> currency_in("Amount (EUR)")
    'EUR'
    """
    from babel.numbers import list_currencies

    return next((word for word in _bracketed(header) if word in list_currencies()), None)


def _bracketed(header: str) -> list[str]:
    found = _BRACKETS.findall(unicodedata.normalize("NFKC", header))
    return [part[1:-1].strip() for part in found]


class HeaderIndex:
    """The headers of a file, found by any spelling; the first of two alike wins."""

    def __init__(self, headers: Iterable[str]) -> None:
        self.headers = tuple(headers)
        self._full: dict[str, str] = {}
        self._bare: dict[str, str] = {}
        for header in self.headers:
            if normalise(header):
                self._full.setdefault(normalise(header), header)
                self._bare.setdefault(normalise(without_brackets(header)), header)
        self._bare.pop("", None)

    def find(self, alias: str) -> str | None:
        """The header that is spelt like `alias`, with or without what stands in brackets; None if there is none."""
        key = normalise(alias)
        return self._full.get(key) or self._bare.get(key)

    def find_all(self, aliases: Iterable[str]) -> list[str]:
        """The headers that the aliases find, in their order, each once."""
        found = (self.find(alias) for alias in aliases)
        return list(dict.fromkeys(header for header in found if header is not None))

    def has_any(self, aliases: Iterable[str]) -> bool:
        """Whether one of the aliases finds a header."""
        return any(self.find(alias) is not None for alias in aliases)
