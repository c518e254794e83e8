"""Why an export cannot be read under a mapping, as somebody says it who stands before the lists of headers."""

import re
from collections.abc import Callable

from oppnb.locale import Words
from oppnb.widgets.refusals import told_refusal

__all__ = ["told_problem"]

_LACKS = re.compile(r"'(?P<table>\w+)' has no column '(?P<columns>.+?)', and cannot be used without it\..*", re.DOTALL)


def told_problem(problem: str, words: Words, *, table: Callable[[str], str], column: Callable[[str], str]) -> str:
    r"""The problem in the reader's language; a column that is missing is to be chosen above, not in the file.

    Parameters
    ----------
    problem : str
        Message of the error.
    words : Words
        The reader's language.
    table, column : callable
        From a canonical name to what a reader calls it.

    Examples
    --------
    >>> said = "'opportunities' has no column 'stage', and cannot be used without it.\nMap it in oppnb.yaml: ..."
    >>> told_problem(said, Words("en"), table=lambda name: "Opportunities", column=lambda name: "Stage")
    'Opportunities cannot be read without Stage: choose its header above.'
    """
    found = _LACKS.fullmatch(problem)
    if found is None:
        return told_refusal(problem, words)
    either = words("widgets_mapping_editor.either")
    named = [either.join(column(one) for one in name.split(" or ")) for name in found["columns"].split("', '")]
    comma = words("widgets_mapping_editor.comma")
    return words("widgets_mapping_editor.needs", table=table(found["table"]), columns=comma.join(named))
