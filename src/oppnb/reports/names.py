"""The name of a report: one in each language, wherever it is spoken of."""

from oppnb.locale import Words

__all__ = ["report_name"]


def report_name(template: str, words: Words, *, period: str | None = None) -> str:
    """What a report is called: on its own page, in the overview, in a message, in the list of templates.

    Parameters
    ----------
    template : str
        Of the package.
    words : Words
        The reader's language.
    period : str, optional
        Written behind it.

    Examples
    --------
    >>> report_name("forecast_review", Words("en"), period="2026Q4")
    'Forecast review 2026Q4'
    """
    name = words(f"report_name.{template}")
    return name if period is None else f"{name} {period}"
