"""Notes beside a figure, in words."""

from oppnb.locale import Words

__all__ = ["note_text"]


def note_text(note: str | None, words: Words) -> str:
    """The sentence of a `note` of `measure`; empty for none.

    Examples
    --------
    >>> note_text("stages_without_odds|Demo", Words("en"))
    'Left out because their stage has no odds: Demo.'
    """
    if note is None or note != note:  # NaN differs from itself
        return ""
    code, _, detail = note.partition("|")
    return words(f"metric_note.{code}", detail=detail)
