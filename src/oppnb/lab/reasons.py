"""Why a report failed, as a browser may read it: no name of a class of ours, no path of the server."""

import os
import re

from oppnb import errors
from oppnb.lab.places import Root
from oppnb.locale import Words
from oppnb.locale.mistakes import in_words, lead_of

__all__ = ["reason_for_reader"]

_CLASS = re.compile(r"^(\s*)(\w+Error): ", re.MULTILINE)
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
    told = in_words(short, words)
    lead = lead_of(said, words, place="lab")
    return lead + _CLASS.sub(lambda found: found[1] if hasattr(errors, found[2]) else found[0], told)
