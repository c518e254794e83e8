"""One thing under two spellings inside a column."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.joins import spelling_note
from oppnb.tables.audit.spelling import same_but_for_a_slip
from oppnb.tables.schema import CANONICAL

__all__ = ["find_spellings"]

_FREE_TEXT = frozenset({"name", "next_step", "state", "crm_score_kind", "outcome"})
_MOST_SPELLINGS = 500
_KNOWN_WORDS_OF = ("industry", "region")
_INDUSTRIES = (
    "advertising aerospace agriculture automotive aviation banking biotechnology chemicals construction consulting "
    "consumer defense education electronics employment energy engineering entertainment fashion finance financial food "
    "furniture gaming government healthcare hospitality insurance internet legal logistics machinery manufacturing "
    "marketing media medical metals mining nonprofit packaging pharmaceuticals printing publishing recruiting "
    "restaurants retail security semiconductors services shipping software sports technology telecommunications "
    "textiles tobacco tourism transportation travel utilities wholesale"
)


def find_spellings(case: Case) -> Iterator[Breach]:
    """Rare spellings of a usual value, and slips in well-known names of industries and countries."""
    for table in case.tables:
        for column in _columns(case, table):
            counts = _counts(case.tables[table][column])
            slips = same_but_for_a_slip(counts)
            yield from _breach(case, "spelling_is_the_usual_one", table, column, slips)
            if column in _KNOWN_WORDS_OF:
                wrong = _misspelt([text for text in counts if text not in slips])
                yield from _breach(case, "spelling_is_a_known_word", table, column, wrong)


def _columns(case: Case, table: str) -> list[str]:
    if not case.has(table):
        return []
    frame, canonical = case.tables[table], CANONICAL[table].columns
    texts = [str(name) for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)]
    return [
        name
        for name in texts
        if (canonical[name].kind == "text" if name in canonical else True) and name not in _FREE_TEXT
    ]


def _counts(values: pd.Series) -> Mapping[str, int]:
    """How often each spelling occurs; nothing for free text, which is a column of very many spellings."""
    head = values.iloc[:20_000].nunique()
    if head > _MOST_SPELLINGS:
        return {}
    counts = values.value_counts()
    few = len(counts) <= _MOST_SPELLINGS and (len(counts) <= 20 or len(counts) * 2 <= int(counts.sum()))
    return {str(text): int(count) for text, count in counts.items()} if few else {}


def _breach(case: Case, rule: str, table: str, column: str, usual: dict[str, str]) -> Iterator[Breach]:
    if not usual:
        return
    values = case.tables[table][column]
    rows = values.isin(list(usual)).to_numpy()
    mended = values.where(~rows, values.map(usual))
    yield Breach(rule, table, rows, int(values.notna().sum()), spelling_note(values[rows], usual), mended)


def _misspelt(texts: Iterable[str]) -> dict[str, str]:
    """Values that are one letter away from exactly one well-known word and are none themselves."""
    words = _known_words()
    counts = dict.fromkeys(words, 10)
    found: dict[str, str] = {}
    for text in sorted(texts):
        if text.casefold() in words:
            continue
        near = same_but_for_a_slip({**counts, text.casefold(): 1})
        better = near.get(text.casefold())
        if better is not None and better != text.casefold():
            found[text] = words[better] if text[:1].isupper() else better
    return found


@cache
def _known_words() -> dict[str, str]:
    from babel import Locale

    countries = {name.casefold(): name for code, name in Locale("en").territories.items() if len(code) == 2}
    return {**{word: word.capitalize() for word in _INDUSTRIES.split()}, **countries}
