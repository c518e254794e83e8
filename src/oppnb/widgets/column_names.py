"""Columns of the deals as a reader calls them, and the values of those that say who."""

from collections.abc import Mapping

from oppnb.locale import Words

__all__ = ["column_label", "value_names"]

_PEOPLE = ("owner_id", "manager_id")


def column_label(words: Words, name: str) -> str:
    """A column's name; one that oppnb does not know is called as in the data.

    Examples
    --------
    >>> column_label(Words("en"), "forecast_category"), column_label(Words("en"), "Vertical")
    ('Forecast category', 'Vertical')
    """
    return words.get(f"column.{name}", words.get(f"widgets_mapping_editor.name_{name}", name))


def value_names(column: str, owners: Mapping[str, str]) -> Mapping[str, str]:
    """Names of the values of a column: those of people for their ids."""
    return owners if column in _PEOPLE else {}
