"""A mistake that is told in the reader's language: a key of the catalogue and what is filled into it."""

from typing import Any

from oppnb.errors import NothingToReadError, OppnbError, ParameterError, UsageError
from oppnb.locale import Words

__all__ = ["MissingError", "OutsideError", "SaidError", "WrongValueError", "said"]


class SaidError(UsageError):
    """A mistake by its key under `lab:`; as text it is English.

    Parameters
    ----------
    key : str
        Of the catalogue, without its subject.
    **values
        What is filled in; all of it is shown.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key, self.values = key, values
        super().__init__(Words("en")(f"lab.{key}", **values))


class OutsideError(SaidError):
    """A path that does not lie below the folder that JupyterLab shows."""


class MissingError(SaidError, NothingToReadError):
    """A path below the folder that JupyterLab shows, where nothing is."""


class WrongValueError(SaidError, ParameterError):
    """A value of a form that cannot be meant."""


def said(error: OppnbError, words: Words) -> str:
    """What a mistake says in a reader's language; those of other rooms speak English.

    Examples
    --------
    >>> said(SaidError("bad_date"), Words("zh_CN"))
    '这不是日历中的日期。'
    """
    return words(f"lab.{error.key}", **error.values) if isinstance(error, SaidError) else str(error)
