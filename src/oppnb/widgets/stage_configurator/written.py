"""What a hand writes into a field, as a stage's setting."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from oppnb.errors import UsageError
from oppnb.locale import Words

__all__ = ["LISTS", "read_field", "read_tasks"]

LISTS = ("entry_criteria", "exit_criteria", "evidence", "aliases")
_DAYS = ("time_limit_days", "silence_limit_days")


def read_field(field: str, text: str, *, words: Words, locale: str) -> Mapping[str, Any]:
    """What a text means as a setting.

    Parameters
    ----------
    field : str
        `odds` (in percent: `30`, `30 %`, `12.5`), `time_limit_days`, `silence_limit_days`, `entry_criteria`,
        `exit_criteria`, `evidence`, `aliases` (one a line), or `label` (in the locale).
    text : str
        As it was written; empty takes the setting away.
    words : Words
        For the message.
    locale : str
        Whose label it is.

    Returns
    -------
    mapping
        For `StageDraft.change`; a label is given alone, to be put beside the others.

    Raises
    ------
    UsageError
        If it cannot be understood.

    Examples
    --------
    >>> read_field("odds", "12.5 %", words=Words("en"), locale="en")
    {'odds': 0.125}
    """
    said = text.strip()
    if field == "odds":
        return {"odds": None if not said else _percent(said, words)}
    if field in _DAYS:
        return {field: None if not said else _days(said, words)}
    if field in LISTS:
        return {field: list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))}
    if field == "label":
        return {"label": {locale: said}}
    raise UsageError(f"A stage has no field '{field}'.")


def read_tasks(tasks: Sequence[Mapping[str, Any]], *, words: Words) -> list[dict[str, Any]]:
    """Key tasks as they were written: `name`, and `days` as a text that may be empty; without a name it is none.

    Raises
    ------
    UsageError
        If the days are no whole number.
    """
    return [
        {"name": str(one["name"]).strip(), "due_days": _due_days(str(one.get("days", "")).strip(), words)}
        for one in tasks
        if str(one.get("name", "")).strip()
    ]


def _due_days(said: str, words: Words) -> int | None:
    if said and not (said.isascii() and said.isdigit()):
        raise UsageError(words("widgets_stage_configurator.not_whole_days", text=said[:20]))
    return int(said) if said else None


def _percent(said: str, words: Words) -> float:
    value = _number(said.rstrip("%％").strip())
    if value is None or not 0 <= value <= 100:
        raise UsageError(words("widgets_stage_configurator.not_odds", text=said[:20]))
    return round(value / 100, 6)


def _days(said: str, words: Words) -> float:
    value = _number(said)
    if value is None or value <= 0:
        raise UsageError(words("widgets_stage_configurator.not_days", text=said[:20]))
    return value


def _number(said: str) -> float | None:
    try:
        value = float(said.replace(",", ".") if said.count(",") == 1 and "." not in said else said)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
