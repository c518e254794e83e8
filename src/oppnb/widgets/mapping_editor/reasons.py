"""Why a line of a mapping is proposed, in the reader's language.

The reasons stand as comments in `oppnb.yaml`, in English, part by part: `preset hubspot: Phase; 12 distinct values`.
Each part is found by the English texts of the catalogue and said by those of the reader's.
"""

import re
from functools import cache

from oppnb.locale import Words

__all__ = ["told_reason"]

_SUBJECT = "mapping_reason"
_BETWEEN = "; "


def told_reason(reason: str, words: Words) -> str:
    """A reason as the reader says it; a part that the catalogue does not know stays as it is.

    Examples
    --------
    >>> told_reason("plain header: Worth; values look like numbers", Words("zh_CN"))
    '常见表头：Worth；值像数字'
    >>> told_reason("plain header: Worth", Words("en"))
    'plain header: Worth'
    """
    if not reason or words.locale == "en":
        return reason
    between = words("widgets_mapping_editor.between")
    return between.join(_told(part, words) or part for part in reason.split(_BETWEEN))


def _told(part: str, words: Words) -> str | None:
    for key, pattern in _patterns():
        found = pattern.fullmatch(part)
        if found is not None:
            return words(f"{_SUBJECT}.{key}", **found.groupdict())
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The English texts as patterns, those with most words of their own first."""
    english = Words("en")
    texts = {key: english(f"{_SUBJECT}.{key}") for key in english.keys(_SUBJECT)}
    by_length = sorted(texts, key=lambda key: -len(re.sub(r"\{\w+\}", "", texts[key])))
    return tuple((key, _pattern(texts[key])) for key in by_length)


def _pattern(text: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", text)
    made = [re.escape(piece) if at % 2 == 0 else f"(?P<{piece}>.+?)" for at, piece in enumerate(pieces)]
    return re.compile("".join(made))
