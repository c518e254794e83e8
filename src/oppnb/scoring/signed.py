"""Numbers with their sign, as reasons write them."""

from oppnb.locale import Formats

__all__ = ["signed_number", "signed_points"]


def signed_number(value: float, formats: Formats) -> str:
    """A number with its sign and at most one digit after the point.

    Examples
    --------
    >>> [signed_number(value, Formats("en")) for value in (10.0, -17.25, 0.0)]
    ['+10', '−17.2', '0']
    """
    rounded = round(float(value), 1) + 0.0
    text = formats.number(rounded, digits=0 if rounded.is_integer() else 1)
    return f"+{text}" if rounded > 0 else text


def signed_points(change: float, formats: Formats) -> str:
    """A difference of probabilities in whole percentage points, with its sign.

    Examples
    --------
    >>> signed_points(-0.144, Formats("en"))
    '−14'
    """
    return signed_number(round(100 * float(change)), formats)
