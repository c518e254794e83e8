"""Other files of the export that belong to a file: by a preset's words, or by keys that overlap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oppnb.sources.mapping_columns import blank, plain_text
from oppnb.sources.proposals_headers import HeaderIndex, normalise
from oppnb.sources.proposals_presets import PresetJoin
from oppnb.workspace import Join

__all__ = ["Lookup", "find_lookups", "join_of_preset", "overlap"]

_MIN_OVERLAP = 0.5
_MIN_LIKENESS = 85
_MAX_KEYS = 100_000


@dataclass(frozen=True)
class Lookup:
    """A file whose key another file's column names."""

    join: Join
    reason: str
    headers: tuple[str, ...]


def join_of_preset(
    join: PresetJoin, headers: HeaderIndex, others: Mapping[str, HeaderIndex]
) -> tuple[Join, tuple[str, ...]] | None:
    """Find the file that a preset's join speaks of; the join and the headers it brings, or None."""
    here = headers.find_all(join.here)[:1]
    for file, other in others.items():
        if not here or other.has_any(join.without) or not all(other.has_any(group) for group in join.has):
            continue
        there = other.find_all(join.there)[:1]
        taken = [header for header in other.find_all(join.take) if header not in there]
        if there and taken:
            found = Join(file=file, on={here[0]: there[0]}, columns=taken, prefix=join.prefix)
            return found, tuple(taken)
    return None


def find_lookups(frame: pd.DataFrame, others: Mapping[str, pd.DataFrame], *, free: Sequence[str]) -> tuple[Lookup, ...]:
    """Find files that explain a column: their key bears the same name and holds most of its values.

    Parameters
    ----------
    frame : DataFrame
        The opportunities' file.
    others : mapping of file name to DataFrame
        Files that fill no canonical table.
    free : sequence of str
        Headers of `frame` that may be keys.

    Returns
    -------
    tuple of Lookup
        At most one a file; spellings that miss narrowly are proposed with it.
    """
    found = []
    for file, other in others.items():
        best = max(
            (
                lookup
                for there in other.columns
                for here in free
                if _same_name(here, str(there), file)
                and (lookup := _lookup(frame[here], other, str(there), file, here))
            ),
            key=lambda lookup: len(lookup.headers),
            default=None,
        )
        if best is not None:
            found.append(best)
    return tuple(found)


def _same_name(here: str, there: str, file: str) -> bool:
    stem = normalise(file.rsplit("/", 1)[-1].split(".", 1)[0])
    names = {normalise(there)}
    if normalise(there) in ("id", "name", "code", "key"):
        names |= {stem + normalise(there), stem.removesuffix("s") + normalise(there), stem.removesuffix("s")}
    return normalise(here) in names


def _lookup(values: pd.Series, other: pd.DataFrame, there: str, file: str, here: str) -> Lookup | None:
    keys = _distinct(other[there])
    if len(other) > _MAX_KEYS or len(other.columns) < 2 or len(keys) < len(other) or keys.empty:
        return None
    wanted = _distinct(values)
    spellings = _near_misses(wanted[~wanted.isin(keys)], keys)
    n_found = int(wanted.isin(keys).sum()) + len(spellings)
    if not len(wanted) or n_found < _MIN_OVERLAP * len(wanted):
        return None
    headers = tuple(str(name) for name in other.columns if name != there)
    said = f"{n_found} of {len(wanted)} values of '{here}' are in '{there}' of {file}"
    mended = ", ".join(f"{key} -> {mend}" for key, mend in spellings.items())
    reason = said + (f", with the likely spelling {mended}" if mended else "")
    return Lookup(Join(file=file, on={here: there}, spellings=spellings), reason, headers)


def _near_misses(missed: pd.Series, keys: pd.Series) -> dict[str, str]:
    from rapidfuzz import fuzz, process, utils

    spellings = {}
    for key in sorted(missed)[:200]:
        match = process.extract(key, list(keys), scorer=fuzz.ratio, processor=utils.default_process, limit=2)
        is_clear = len(match) < 2 or match[0][1] - match[1][1] >= 5
        if match and match[0][1] >= _MIN_LIKENESS and is_clear:
            spellings[key] = str(match[0][0])
    return spellings


def overlap(values: pd.Series, keys: pd.Series) -> tuple[int, int]:
    """How many distinct values are among the keys, of how many."""
    wanted = _distinct(values)
    return int(wanted.isin(_distinct(keys)).sum()), len(wanted)


def _distinct(values: pd.Series) -> pd.Series:
    filled = plain_text(values[~blank(values)]).str.strip()
    return pd.Series(filled.unique())
