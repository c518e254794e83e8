"""Why something was refused, in the reader's language: errors are raised in English, for Python and for scripts."""

from oppnb.locale import Words
from oppnb.widgets.said_again import said_again

__all__ = ["told_refusal"]

_SUBJECT = "widgets_refused"
_HINTS = "widgets_refused_hint"


def told_refusal(message: str, words: Words) -> str:
    """The message of an error as a reader of the widget says it; one that the catalogue does not know stays as it is.

    A message may end in a hint (the nearest name, or those that there are), which is told by itself.

    Examples
    --------
    >>> told_refusal("There is no stage 'Dmeo'. Did you mean 'Demo'?", Words("zh_CN"))
    '没有阶段“Dmeo”。是否指“Demo”？'
    """
    if words.locale == "en":
        return message
    whole = said_again(message, _SUBJECT, words)
    if whole is not None:
        return whole
    for opening in (" Did you mean ", " The nearest is ", " The nearest header is ", " There are: "):
        before, found, after = message.rpartition(opening)
        told = said_again(before, _SUBJECT, words) if found else None
        hint = said_again(f"{opening}{after}".strip(), _HINTS, words) if found else None
        if told is not None and hint is not None:
            return f"{told}{hint}"
    return message
