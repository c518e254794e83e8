"""Which rows a rule is of, in the reader's language."""

from collections.abc import Iterator, Sequence

from oppnb.locale import Words
from oppnb.workspace.conditions import Condition, Where

__all__ = ["where_text"]

_SIGNS = {"at_least": "≥", "at_most": "≤", "below": "<", "above": ">"}
_MOST = 3


def where_text(where: Where, words: Words) -> str:
    """The conditions of a `where`, one after the other.

    Examples
    --------
    >>> given = {"Stage": Condition(is_in=["Won", "Lost"]), "Closed": Condition(is_null=False)}
    >>> where_text(given, Words("en"))
    'Stage = Won / Lost, Closed is filled'
    """
    said = [text for header, condition in where.items() for text in _told(header, condition, words)]
    return words("widgets_mapping_editor.comma").join(said)


def _told(header: str, condition: Condition, words: Words) -> Iterator[str]:
    if condition.is_in is not None:
        yield f"{header} = {_values(condition.is_in)}"
    if condition.not_in is not None:
        yield f"{header} ≠ {_values(condition.not_in)}"
    if condition.is_null is not None:
        yield words(f"widgets_mapping_editor.where_{'empty' if condition.is_null else 'filled'}", header=header)
    for name in ("starts_with", "contains"):
        text = getattr(condition, name)
        if text is not None:
            yield words(f"widgets_mapping_editor.where_{name}", header=header, text=text)
    for name, sign in _SIGNS.items():
        value = getattr(condition, name)
        if value is not None:
            yield f"{header} {sign} {value}"


def _values(values: Sequence[object]) -> str:
    shown = " / ".join(str(one) for one in values[:_MOST])
    return shown if len(values) <= _MOST else f"{shown} / …"
