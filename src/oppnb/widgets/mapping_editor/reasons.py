"""Why a line of a mapping is proposed, in the reader's language.

The reasons stand as comments in `oppnb.yaml`, in English, part by part: `preset hubspot: Phase; 12 distinct values`.
Each part is found by the English texts of the catalogue and said by those of the reader's: see `said_again`.
"""

from oppnb.locale import Words
from oppnb.widgets.said_again import said_again

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
    return between.join(said_again(part, _SUBJECT, words) or part for part in reason.split(_BETWEEN))
