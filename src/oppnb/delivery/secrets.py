"""Fill `${NAME}` in, and keep what was filled in out of everything that is shown."""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from oppnb.errors import DeliveryError
from oppnb.workspace.delivery_models import NAME_IN_TEXT, looks_like_a_token

__all__ = ["Secrets", "fill_in", "not_set", "quiet_logs"]

_SEPARATORS = re.compile(r"[/?&=@:]")
_SHORTEST = 4
_SHORTEST_PART = 6
_LOGGERS = ("apprise", "requests", "urllib3", "urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")


def not_set(*texts: str | None) -> tuple[str, ...]:
    """The variables that texts name and the environment does not hold.

    Examples
    --------
    >>> not_set("https://example.test/${SURELY_NOT_SET}", None)
    ('SURELY_NOT_SET',)
    """
    named = [name for text in texts if text for name in NAME_IN_TEXT.findall(text)]
    return tuple(name for name in dict.fromkeys(named) if not os.environ.get(name, "").strip())


def fill_in(text: str) -> str:
    """Text with every `${NAME}` taken from the environment.

    Raises
    ------
    DeliveryError
        If one is not set, or is empty; it names the variable.
    """
    missing = not_set(text)
    if missing:
        raise DeliveryError(f"The environment variable {missing[0]} is not set.")
    return NAME_IN_TEXT.sub(lambda found: os.environ[found[1]].strip(), text)


class Secrets:
    """Everything that must not be shown: what the variables of some texts hold, and the parts of it.

    Parameters
    ----------
    texts : sequence of str
        As they stand in `oppnb.yaml`.

    Examples
    --------
    >>> os.environ["DOC_URL"] = "https://example.invalid/hook?key=0a1b2c3d"
    >>> Secrets(["${DOC_URL}"]).mask("no answer from /hook?key=0a1b2c3d")
    'no answer from /hook?***'
    """

    def __init__(self, texts: Sequence[str | None]) -> None:
        names = [name for text in texts if text for name in NAME_IN_TEXT.findall(text)]
        values = {os.environ.get(name, "").strip() for name in names}
        parts = {part for value in values for part in _parts(value)}
        shown = {form for part in parts for form in (part, quote(part), quote(part, safe=""), unquote(part))}
        self._hidden = sorted(shown, key=lambda part: (-len(part), part))

    def mask(self, text: str) -> str:
        """Text in which *** stands where a secret stood."""
        for hidden in self._hidden:
            text = text.replace(hidden, "***")
        return text


def _parts(value: str) -> Iterator[str]:
    if len(value) >= _SHORTEST:
        yield value
    try:
        found = urlsplit(value)
        said = [found.username, found.password, found.query, *(text for _, text in parse_qsl(found.query))]
        words = [*found.path.split("/"), found.fragment]
        words += [] if found.scheme in ("http", "https", "mailto", "mailtos") else [found.hostname or "", found.netloc]
    except ValueError:
        said, words = [], _SEPARATORS.split(value)
    yield from (part for part in said if part and len(part) >= _SHORTEST_PART)
    yield from (word for word in words if looks_like_a_token(word))


class _Masked(logging.Filter):
    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self.secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.secrets.mask(record.getMessage()), ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


@contextmanager
def quiet_logs(secrets: Secrets) -> Iterator[None]:
    """While something is sent, what libraries log holds no secret, at whatever level a user listens."""
    masked = _Masked(secrets)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(masked)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(masked)
