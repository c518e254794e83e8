"""The sentence of an alert, in every language the house speaks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from oppnb.delivery.found import Missing
from oppnb.locale import LOCALES, Formats, Words
from oppnb.review import Review
from oppnb.stages import stage_label
from oppnb.workspace import Alert

__all__ = ["say", "say_missing"]


def say(sentence: str, review: Review, values: Mapping[str, Any]) -> dict[str, str]:
    """Locale -> sentence; numbers, days, money (`…_amount`) and stages are written as the reader writes them."""
    found = {}
    for locale in LOCALES:
        words, formats = Words(locale), Formats(locale, currency=review.formats.currency)
        shown = {name: _shown(name, value, words, formats, review) for name, value in values.items()}
        found[locale] = words(f"alert.{sentence}", **shown)
    return found


def _shown(name: str, value: Any, words: Words, formats: Formats, review: Review) -> str:
    if isinstance(value, Mapping):  # a row with its process and stage
        return stage_label(review.workspace, value["process"], str(value["stage"]), locale=words.locale)
    if name == "column":
        return words.get(f"column.{value}", str(value))
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, float):
        return formats.money(value) if name.endswith("amount") else formats.number(value)
    return str(value)


def say_missing(alert: Alert, code: str, **values: str) -> Missing:
    """Why an alert cannot be judged."""
    told = {}
    for locale in LOCALES:
        words = Words(locale)
        shown = {name: words.get(f"column.{value}", value) for name, value in values.items()}
        told[locale] = words(f"alert_missing.{code}", **shown)
    return Missing(alert.when, told)
