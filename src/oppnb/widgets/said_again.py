"""English sentences said again in the reader's language, found by the English texts of a subject of the catalogue.

For what is raised or written where no reader's language is known: messages of errors, reasons in comments of a file.
"""

import re
from functools import cache

from oppnb.locale import Words

__all__ = ["said_again"]


def said_again(text: str, subject: str, words: Words) -> str | None:
    """The same in the reader's language; None if the subject has no such text.

    Parameters
    ----------
    text : str
        As the English catalogue would say it, its values filled in.
    subject : str
        Of the catalogue, such as `widgets_refused`.
    words : Words
        The reader's language.

    Examples
    --------
    >>> said_again("A stage needs a name.", "widgets_refused", Words("zh_CN"))
    '阶段需要一个名称。'
    >>> said_again("Nobody ever says this.", "widgets_refused", Words("zh_CN")) is None
    True
    """
    if words.locale == "en":
        return text
    for key, pattern in _patterns(subject):
        found = pattern.fullmatch(text)
        if found is not None:
            return words(f"{subject}.{key}", **found.groupdict())
    return None


@cache
def _patterns(subject: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The English texts as patterns, those with most words of their own first."""
    english = Words("en")
    texts = {key: english(f"{subject}.{key}") for key in english.keys(subject)}
    by_length = sorted(texts, key=lambda key: -len(re.sub(r"\{\w+\}", "", texts[key])))
    return tuple((key, _pattern(texts[key])) for key in by_length)


def _pattern(text: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", text)
    made = [re.escape(piece) if at % 2 == 0 else f"(?P<{piece}>.+?)" for at, piece in enumerate(pieces)]
    return re.compile("".join(made), re.DOTALL)
