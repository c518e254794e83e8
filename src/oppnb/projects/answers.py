"""What a consultant says of a client when its workspace is made; each answer is checked, and kept for updates."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oppnb.errors import ParameterError, UsageError, nearest
from oppnb.locale import Words

__all__ = ["FROM_DATA", "OTHER", "Answers", "check_answer", "parse_answers", "read_answers"]

OTHER = "other"
FROM_DATA = "data"


@dataclass(frozen=True)
class Answers:
    """What is said of a client.

    Attributes
    ----------
    name : str
        The client as it is called in the README; any text on one line.
    locale : {'en', 'zh_CN'}
        Language of comments, README, notebooks and reports.
    currency : str
        ISO 4217.
    fiscal_year_start : int
        Month, 1-12.
    time_zone : str
        IANA name; a day ends at midnight there.
    source : str
        The CRM that writes the export, by the name of its preset, or `other`.
    processes : mapping of str to str
        Sales process -> preset of its stages; empty where they are to be proposed from the data.
    """

    name: str
    locale: str
    currency: str
    fiscal_year_start: int
    time_zone: str
    source: str
    processes: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The answers as they are kept in `.oppnb/project.yaml`."""
        return {**asdict(self), "processes": dict(self.processes)}


def check_answer(key: str, value: object) -> Any:
    """An answer in its proper form.

    Parameters
    ----------
    key : str
        Which answer; see `Answers`.
    value : object
        As typed, or as it stands in a file of answers.

    Raises
    ------
    ParameterError
        If there is no such answer, or it cannot be that; names the nearest right one.

    Examples
    --------
    >>> check_answer("processes", "new=salesforce, renewal=lead_to_closed")
    {'new': 'salesforce', 'renewal': 'lead_to_closed'}
    >>> check_answer("fiscal_year_start", "4")
    4
    """
    if key not in _CHECKS:
        near = nearest(key, _CHECKS)
        raise ParameterError(
            f"'{key}' is no answer." + (f" Did you mean '{near}'?" if near else f" There are: {', '.join(_CHECKS)}.")
        )
    return _CHECKS[key](value)


def read_answers(path: str | Path) -> dict[str, Any]:
    """Read a YAML file of answers, all or some.

    Raises
    ------
    ParameterError
        If an answer cannot be that; UsageError if the file cannot be read.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of answers '{file}' cannot be read: {error}") from error
    return parse_answers(text, name=str(file))


def parse_answers(text: str, *, name: str = "answers.yaml") -> dict[str, Any]:
    r"""Answers from YAML text; see `read_answers`.

    Examples
    --------
    >>> parse_answers("locale: zh_CN\ncurrency: cny")
    {'locale': 'zh_CN', 'currency': 'CNY'}
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe", pure=True).load(text) or {}
    except YAMLError as error:
        raise UsageError(f"The file of answers '{name}' is not YAML: {error}") from error
    if not isinstance(tree, dict):
        raise UsageError(f"The file of answers '{name}' must hold lines such as 'currency: CNY'.")
    return {str(key): check_answer(str(key), value) for key, value in tree.items()}


def _name(value: object) -> str:
    text = str(value).strip()
    if not text or len(text) > 200 or any(not sign.isprintable() for sign in text):
        raise ParameterError(f"name: a client's name is some text on one line, not {text[:40]!r}.")
    return text


def _locale(value: object) -> str:
    return Words(str(value)).locale


def _currency(value: object) -> str:
    from babel.numbers import list_currencies

    code = str(value).strip().upper()
    if code not in list_currencies():
        raise ParameterError(f"currency: there is no currency '{code}'. Use its ISO 4217 code, such as CNY, EUR, USD.")
    return code


def _month(value: object) -> int:
    text = str(value).strip()
    if not re.fullmatch(r"0?[1-9]|1[0-2]", text):
        raise ParameterError(f"fiscal_year_start: a month is a number from 1 to 12, not {text[:40]!r}.")
    return int(text)


def _time_zone(value: object) -> str:
    from zoneinfo import available_timezones

    known, text = available_timezones(), str(value).strip()
    return text if text in known else _choice("time_zone", text, known)


def _source(value: object) -> str:
    from oppnb.sources.proposals_presets import presets

    return _choice("source", value, [*(preset.name for preset in presets()), OTHER])


def _choice(key: str, value: object, choices: Any) -> str:
    text = str(value).strip()
    folded = re.sub(r"[\s-]+", "_", text.casefold())
    if folded in choices:
        return folded
    near = nearest(text, choices)
    listed = f" There are: {', '.join(sorted(choices))}." if len(choices) < 40 else ""
    raise ParameterError(f"{key}: there is no {text[:40]!r}." + (f" Did you mean '{near}'?" if near else "") + listed)


def _processes(value: object) -> dict[str, str]:
    from oppnb.stages import stage_presets

    pairs = value.items() if isinstance(value, Mapping) else _pairs(str(value))
    found = {str(name).strip(): _choice("processes", preset, [*stage_presets(), FROM_DATA]) for name, preset in pairs}
    if "" in found or any(not sign.isprintable() for name in found for sign in name):
        raise ParameterError("processes: a process needs a name, e.g. new_business=salesforce.")
    if len(found) > 1 and FROM_DATA in found.values():
        raise ParameterError(f"processes: '{FROM_DATA}' stands alone; the data then tell of every process.")
    return {} if FROM_DATA in found.values() else found


def _pairs(text: str) -> list[tuple[str, str]]:
    """`new=salesforce, renewal=hubspot`; a preset alone is that of the process `sales`."""
    pieces = [piece.partition("=") for piece in re.split(r"[,，]", text) if piece.strip()]
    return [(name, preset) if sign else ("sales", name) for name, sign, preset in pieces]


_CHECKS: dict[str, Callable[[object], Any]] = {
    "name": _name,
    "locale": _locale,
    "currency": _currency,
    "fiscal_year_start": _month,
    "time_zone": _time_zone,
    "source": _source,
    "processes": _processes,
}
