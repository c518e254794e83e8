"""Words, money, numbers and dates in the reader's language."""

from oppnb.locale.formats import Formats
from oppnb.locale.words import LOCALES, Words

__all__ = ["LOCALES", "Formats", "Words"]
