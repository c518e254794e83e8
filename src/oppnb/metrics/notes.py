"""Notes beside a figure, in words."""

from functools import reduce

from oppnb.locale import Words

__all__ = ["note_text"]


def note_text(note: str | None, words: Words) -> str:
    """The sentences of a `note` of `measure`; empty for none.

    Examples
    --------
    >>> note_text("stages_without_odds|Demo", Words("en"))
    'Left out because their stage has no odds: Demo.'
    """
    if note is None or note != note:  # NaN differs from itself
        return ""
    return reduce(lambda first, second: words("metric_note.both", first=first, second=second), _sentences(note, words))


def _sentences(note: str, words: Words) -> list[str]:
    parts = [line.partition("|") for line in note.split("\n")]
    return [words(f"metric_note.{code}", detail=detail) for code, _, detail in parts]
