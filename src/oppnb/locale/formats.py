"""Money, numbers, shares and dates as the reader's locale writes them (Babel)."""

import math
from datetime import date

from babel import Locale
from babel.dates import format_date
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

__all__ = ["Formats"]

_MISSING = "–"
_MINUS = "\u2212"


class Formats:
    """Formatting for one locale and currency; a missing value is an en dash, a minus sign is U+2212, and 0 has none.

    Parameters
    ----------
    locale : {'en', 'zh_CN'}
        As in `Words`.
    currency : str, optional
        ISO 4217; without one, money is a plain number.

    Examples
    --------
    >>> Formats("en", currency="USD").money(1234567.4)
    '$1,234,567'
    >>> Formats("en", currency="USD").money(1234567.4, short=True)
    '$1.23M'
    >>> Formats("en").number(-12.0), Formats("en").number(-0.004, digits=2)
    ('−12', '0.00')
    """

    def __init__(self, locale: str = "en", *, currency: str | None = None) -> None:
        self.locale = Locale.parse(locale)
        self.currency = currency

    def money(self, value: float | None, *, short: bool = False, cents: bool = False) -> str:
        """An amount; `short` writes three digits of it (1.23M, 123万), `cents` keeps two after the point."""
        if value is None or math.isnan(value):
            return _MISSING
        if short:
            return self._short(value)
        return self._long(value, digits=2 if cents else 0)

    def _long(self, value: float, *, digits: int = 0) -> str:
        if self.currency is None:
            return self.number(value, digits=digits)
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "." + "0" * digits if digits else "")
        return _signed(format_currency(value, self.currency, pattern, locale=self.locale, currency_digits=False))

    def _short(self, value: float) -> str:
        whole = str(format_compact_decimal(value, locale=self.locale, fraction_digits=0))
        if whole.strip("-0123456789.,") == "":  # no shorter word for it: below a thousand, in Chinese below a 万
            return self._long(value)
        digits = max(0, 3 - sum(character.isdigit() for character in whole))
        if self.currency is None:
            return _signed(format_compact_decimal(value, locale=self.locale, fraction_digits=digits))
        return _signed(format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=digits))

    def number(self, value: float | None, *, digits: int = 0) -> str:
        """A number with `digits` after the point and the locale's grouping."""
        if value is None or math.isnan(value):
            return _MISSING
        return _signed(
            format_decimal(
                round(float(value), digits),
                format="#,##0" + ("." + "0" * digits if digits else ""),
                locale=self.locale,
            )
        )

    def share(self, value: float | None, *, digits: int = 0) -> str:
        """A share in 0-1 as percent."""
        if value is None or math.isnan(value):
            return _MISSING
        return _signed(
            format_percent(value, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=self.locale)
        )

    def day(self, value: date | None, *, short: bool = False) -> str:
        """A day in words (`short`: with the month abbreviated)."""
        if value is None or value != value:  # NaT differs from itself
            return _MISSING
        return str(format_date(value, format="medium" if short else "long", locale=self.locale))


def _signed(text: object) -> str:
    """Written with a true minus sign, which is as wide as a plus; what rounds to 0 is not below it."""
    said = str(text).replace("-", _MINUS)
    return said if any(letter in "123456789" for letter in said) else said.replace(_MINUS, "")
