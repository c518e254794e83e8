"""A mistake for a reader of another language than English: what kind it is, before the English words of the mistake."""

import re
from pathlib import Path

from oppnb.locale.words import LOCALES, Words

__all__ = ["in_words", "kind_of", "lead_of", "speaks_for_itself", "written_locale"]

_CLASS = re.compile(r"^\s*(\w+)Error: ", re.MULTILINE)
_STOPPED = re.compile(r"^(?:ReportFailedError: )?The report '([^'\n]+)' failed in (?:cell )?([^\n]+?)\.$", re.MULTILINE)
_KEPT = re.compile(
    r"^The notebook with a link to the cell is in (?P<place>.+); the last good report is as it was\.$", re.MULTILINE
)
_END = re.compile(r"[。？！；]|[.?!;:](?=\s|$)")
_LOCALE = re.compile(r"^locale:\s*['\"]?([\w-]+)", re.MULTILINE)
_KINDS = (
    "Period",
    "Parameter",
    "NoRows",
    "FileMissing",
    "NothingToRead",
    "Mapping",
    "Workspace",
    "Currency",
    "TableMissing",
    "ColumnMissing",
    "RowsRejected",
    "ModelFile",
    "ModelVersion",
    "Probability",
    "Store",
    "ExtraMissing",
    "Delivery",
    "MergeConflict",
    "Data",
    "Usage",
)
"""The more exact before the wider: of several named in one text, the first tells what is to be done."""


def kind_of(said: str) -> str | None:
    r"""What kind of mistake a text names, as the part of the class before `Error`; None if it names none of ours.

    Of a report that stopped it is the mistake inside.

    Examples
    --------
    >>> kind_of("ReportFailedError: The report 'x' failed in cell 'open'.\n  CurrencyError: There is no rate for USD.")
    'Currency'
    >>> kind_of("KeyError: 'x'") is None
    True
    """
    named = set(_CLASS.findall(said))
    return next((kind for kind in _KINDS if kind in named), None)


def lead_of(said: str, words: Words, *, place: str = "mistake") -> str:
    """What kind of mistake it is and where to look, in Chinese; empty for a reader of English, or where it is Chinese.

    Parameters
    ----------
    said : str
        The mistake with its class before it.
    words : Words
        Of the reader.
    place : str
        A subject of the catalogue whose own texts come first, such as `lab`, where a form is filled in.

    Examples
    --------
    >>> lead_of("CurrencyError: There is no rate for USD.", Words("en"))
    ''
    >>> lead_of("ModelFileError: 'x' is no model.", Words("zh_CN"))
    '模型文件不可用，请重新训练。'
    """
    kind = kind_of(said)
    if kind is None or words.locale == "en" or speaks_for_itself(_CLASS.sub("", said, count=1)):
        return ""
    return words.get(f"{place}.kind_{kind}", "") or words(f"mistake.kind_{kind}")


def in_words(said: str, words: Words) -> str:
    """The same text, where a report stopped and where its notebook is in the reader's language.

    Examples
    --------
    >>> in_words("ReportFailedError: The report 'weekly' failed in cell 'open' (In [3]).", Words("en"))
    "The report 'weekly' failed in cell 'open' (In [3])."
    """

    def stopped(found: re.Match[str]) -> str:
        key = "mistake.stopped" if found[2] == "the run" else "mistake.stopped_in"
        return words(key, template=found[1], cell=found[2])

    told = _STOPPED.sub(stopped, said)
    return _KEPT.sub(lambda found: words("mistake.kept_in", place=found["place"]), told)


def speaks_for_itself(said: str) -> bool:
    """Whether a mistake is told in Chinese already: so its first sentence ends.

    Examples
    --------
    >>> speaks_for_itself("没有名为“weeky”的运行。"), speaks_for_itself("No deal has the region '华东。'.")
    (True, False)
    """
    text = re.sub(r"'[^']*'", "''", said)
    found = _END.search(text)
    return found is not None and found[0] in "。？！；"


def written_locale(file: Path) -> str | None:
    """The language that `oppnb.yaml` names, also where something else in it is a mistake; None if it names none.

    Examples
    --------
    >>> written_locale(Path("not/there.yaml")) is None
    True
    """
    try:
        found = _LOCALE.search(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None
    named = None if found is None else found[1].replace("-", "_")
    return named if named in LOCALES else None
