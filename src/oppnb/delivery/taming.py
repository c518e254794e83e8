"""Text of the data made harmless: it is written by whoever fills in the CRM."""

import re
import unicodedata

__all__ = ["tame"]

LONGEST = 160
_LINK = re.compile(r"://")


def tame(text: str) -> str:
    r"""Text of the data as one harmless line: nobody is called by it, nothing is linked, no direction is turned.

    Examples
    --------
    >>> tame("Pay @all\nat http://x")
    'Pay ＠all at http: //x'
    """
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    plain = _LINK.sub(": //", " ".join(plain.split())).replace("@", "＠")
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
