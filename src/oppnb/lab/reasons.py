"""Why a report failed, as a browser may read it: no name of a class of ours, no path of the server."""

import os
import re

from oppnb import errors
from oppnb.lab.places import Root
from oppnb.locale import Words

__all__ = ["reason_for_reader"]

_CLASS = re.compile(r"^(\s*)(\w+Error): ", re.MULTILINE)
_STOPPED = re.compile(r"^(?:ReportFailedError: )?The report '([^'\n]+)' failed in (?:cell )?([^\n]+?)\.$", re.MULTILINE)
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
    "Store",
    "ExtraMissing",
    "Data",
)
"""Mistakes that a reader of another language is told about in a line of their own: what is wrong and where to look."""
_ABSOLUTE = re.compile(r"(?<![\w.:/~-])(?:/[^\s/'\"`,;:()<>]+){2,}/?")


def reason_for_reader(said: str, root: Root, words: Words) -> str:
    """What a run said: paths as JupyterLab names them, of others the last name alone.

    Parameters
    ----------
    said : str
        In the run's own words.
    root : Root
        What JupyterLab shows.
    words : Words
        Of the reader.

    Examples
    --------
    >>> reason_for_reader("CurrencyError: no rate in /opt/venv/rates.csv", Root("/srv/lab"), Words("en"))
    'no rate in …/rates.csv'
    """
    below = said.replace(f"{root.folder}{os.sep}", "")
    named = re.sub(re.escape(str(root.folder)) + r"(?![\w.-])", words("lab.root_folder"), below)
    short = _ABSOLUTE.sub(lambda found: f"…/{found[0].rstrip('/').rpartition('/')[2]}", named)
    told = _STOPPED.sub(lambda found: words("lab.stopped_in", template=found[1], cell=found[2]), short)
    lead = _lead(said, words)
    return lead + _CLASS.sub(lambda found: found[1] if hasattr(errors, found[2]) else found[0], told)


def _lead(said: str, words: Words) -> str:
    """What kind of mistake it is, in the reader's language, since mistakes themselves speak English."""
    if words.locale == "en":
        return ""
    named = {found[2].removesuffix("Error") for found in _CLASS.finditer(said)}
    kind = next((kind for kind in _KINDS if kind in named), None)
    return "" if kind is None else words(f"lab.kind_{kind}")
