"""Columns of another file, found by key: each row keeps its place, misses are counted."""

from dataclasses import dataclass

import pandas as pd

from oppnb.errors import MappingError, nearest
from oppnb.sources.mapping_columns import plain_text
from oppnb.workspace import Join

__all__ = ["Joined", "join_file"]


@dataclass(frozen=True)
class Joined:
    """Rows with the other file's columns beside them.

    Attributes
    ----------
    frame : DataFrame
        Same rows, same order; a header that stands in both files is called `stem.header` when it comes from the other.
    missed : Series of bool
        Rows that have a key which the other file lacks.
    respelt : Series of bool
        Rows whose key was exchanged for the spelling that the join names.
    n_doubles, n_other : int
        Rows of the other file left out because an earlier one has the same key, of how many.
    likely : mapping of str to str
        A missed key and the other file's key that it most likely means.
    """

    frame: pd.DataFrame
    missed: pd.Series
    respelt: pd.Series
    n_doubles: int
    n_other: int
    likely: dict[str, str]


def join_file(frame: pd.DataFrame, other: pd.DataFrame, join: Join, *, file: str) -> Joined:
    """Put the columns of `other` beside the rows of `frame`.

    Parameters
    ----------
    frame, other : DataFrame
        Raw rows; keys are compared as text, spaces around them do not count.
    join : Join
        Keys, spellings, and which columns to take.
    file : str
        Name of the file that `frame` comes from, for messages.

    Returns
    -------
    Joined

    Raises
    ------
    MappingError
        If a key or column is not there.

    Examples
    --------
    >>> deals = pd.DataFrame({"product": ["GTXPro", "MG"]}, dtype="str")
    >>> prices = pd.DataFrame({"product": ["GTX Pro", "MG"], "price": ["4821", "55"]}, dtype="str")
    >>> rule = Join(file="prices.csv", on={"product": "product"}, spellings={"GTXPro": "GTX Pro"})
    >>> join_file(deals, prices, rule, file="deals.csv").frame["price"].tolist()
    ['4821', '55']
    """
    here = _keys(frame, list(join.on), file=file, spellings=join.spellings)
    there = _keys(other, list(join.on.values()), file=join.file)
    usable = there.notna() & ~there.duplicated()
    places = pd.Index(there[usable].array).get_indexer(pd.Index(here.array))
    places[here.isna().to_numpy()] = -1
    taken = other[usable.to_numpy()][_columns_taken(other, join)]
    added = taken.take(places.clip(min=0)) if len(taken) else taken.reindex(range(len(frame)))
    added = added.set_axis(frame.index).mask(pd.Series(places < 0, index=frame.index))
    added.columns = pd.Index(_names(added, frame, join))
    missed = here.notna() & (places < 0)
    return Joined(
        pd.concat([frame, added], axis=1),
        missed,
        _respelt(frame, join),
        int((there.notna() & there.duplicated()).sum()),
        len(other),
        _likely(here[missed], there[usable]) if len(join.on) == 1 else {},
    )


def _keys(frame: pd.DataFrame, headers: list[str], *, file: str, spellings: dict[str, str] | None = None) -> pd.Series:
    for header in headers:
        if header not in frame.columns:
            near = nearest(header, [str(name) for name in frame.columns])
            raise MappingError(
                f"A join names the key '{header}', which is not in '{file}'."
                + (f" The nearest header is '{near}'." if near else "")
                + f'\nMend it in oppnb.yaml:  join: [{{on: {{"{near or "…"}": …}}}}]'
            )
    parts = [plain_text(frame[header]).str.strip() for header in headers]
    if spellings:
        parts = [part.replace(spellings) for part in parts]
    key = parts[0]
    for part in parts[1:]:
        key = key + "\x1f" + part
    return key.mask(key == "")


def _respelt(frame: pd.DataFrame, join: Join) -> pd.Series:
    respelt = pd.Series(False, index=frame.index)
    for header in join.on if join.spellings else ():
        respelt |= plain_text(frame[header]).str.strip().isin(list(join.spellings))
    return respelt


def _columns_taken(other: pd.DataFrame, join: Join) -> list[str]:
    wanted = join.columns if join.columns is not None else [str(name) for name in other.columns]
    for header in wanted:
        if header not in other.columns:
            near = nearest(header, [str(name) for name in other.columns])
            raise MappingError(
                f"A join wants the column '{header}', which is not in '{join.file}'."
                + (f" The nearest header is '{near}'." if near else "")
                + f'\nMend it in oppnb.yaml:  join: [{{file: "{join.file}", columns: ["{near or "…"}"]}}]'
            )
    keys = set(join.on.values())
    return [name for name in wanted if name not in keys and not name.startswith("#")]


def _names(added: pd.DataFrame, frame: pd.DataFrame, join: Join) -> list[str]:
    if join.prefix is not None:
        return [f"{join.prefix}{name}" for name in added.columns]
    stem = join.file.rsplit("/", 1)[-1].split(".", 1)[0]
    there = set(frame.columns)
    return [f"{stem}.{name}" if name in there else str(name) for name in added.columns]


def _likely(missed: pd.Series, there: pd.Series) -> dict[str, str]:
    """The other file's key that a missed one most likely means; only near ones, at most 20 keys are tried."""
    from rapidfuzz import fuzz, process, utils

    choices = there.tolist()
    if len(choices) > 10_000:
        return {}
    likely: dict[str, str] = {}
    for key in missed.value_counts().index[:20]:
        match = process.extractOne(key, choices, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=85)
        if match is not None:
            likely[str(key)] = str(match[0])
    return likely
