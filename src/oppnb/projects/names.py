"""Which names a client's folder may have, on every system it may be copied to."""

import re
import unicodedata

from oppnb.errors import UsageError

__all__ = ["check_name"]

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")}
_FORBIDDEN = re.compile(r'[<>:"/\\|?*%`$!;&\']')
_LONGEST = 200  # bytes; file systems stop at 255


def check_name(name: str) -> str:
    """The name in its composed spelling, if a folder can be called so on Linux, macOS and Windows.

    Parameters
    ----------
    name : str
        Letters of any script, digits, spaces inside, `-`, `_`, `.`; a name, not a path.

    Raises
    ------
    UsageError
        If it is empty, a path, hidden, reserved on Windows, too long, ends in a dot or space, or holds signs that a
        shell, a URL or Windows takes for something else.

    Examples
    --------
    >>> check_name("中文客户")
    '中文客户'
    >>> check_name("../x")
    Traceback (most recent call last):
        ...
    oppnb.errors.UsageError: A client cannot be called '../x': '/' cannot stand in the name of a folder everywhere.
    Give a name, such as client-a; the folder in which it is made is given with --in.
    """
    spelt = unicodedata.normalize("NFC", name)
    wrong = _what_is_wrong(spelt)
    if wrong:
        raise UsageError(
            f"A client cannot be called {_shown(spelt)}: {wrong}.\n"
            "Give a name, such as client-a; the folder in which it is made is given with --in."
        )
    return spelt


def _what_is_wrong(name: str) -> str | None:
    found = _FORBIDDEN.search(name)
    hidden = next((sign for sign in name if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}), None)
    faults = (
        (not name.strip(), "the name is empty"),
        (found is not None, f"'{found and found.group()}' cannot stand in the name of a folder everywhere"),
        (hidden is not None, f"it holds an invisible sign (U+{ord(hidden or ' '):04X})"),
        (name[:1] in {".", "-", "~"}, f"a name cannot begin with '{name[:1]}'"),
        (name != name.strip() or name.endswith("."), "a name cannot begin with a space, or end with a space or a dot"),
        (name.split(".")[0].strip().casefold() in _RESERVED, "Windows keeps that name for a device"),
        (len(name.encode("utf-8", errors="replace")) > _LONGEST, f"it is longer than {_LONGEST} bytes"),
    )
    return next((said for is_so, said in faults if is_so), None)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:59] + "…")
