"""The questions that `oppnb init` asks, in the client's language, and what is taken where nothing is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oppnb.errors import UsageError
from oppnb.locale import Words
from oppnb.projects.answers import FROM_DATA, OTHER, Answers, check_answer

__all__ = ["QUESTIONS", "Question", "complete_answers"]

QUESTIONS = ("locale", "name", "currency", "fiscal_year_start", "time_zone", "source", "processes")


@dataclass(frozen=True)
class Question:
    """A question: its words, what may be answered (empty: any text), what is taken where nothing is said."""

    key: str
    text: str
    choices: tuple[str, ...]
    default: str
    mistake: str | None = None


Ask = Callable[[Question], str]


def complete_answers(given: Mapping[str, object], *, folder: str, ask: Ask | None = None) -> Answers:
    """Check what was given, ask for the rest or take its default.

    Parameters
    ----------
    given : mapping of str to object
        Answers already known, by name; None counts as not given.
    folder : str
        The folder's name; by default the client is called so.
    ask : callable, optional
        Takes a `Question` and returns what was typed; an answer that cannot be is asked again with the reason.
        None asks nothing.

    Returns
    -------
    Answers

    Raises
    ------
    ParameterError
        If a given answer cannot be that.

    Examples
    --------
    >>> complete_answers({"locale": "zh_CN"}, folder="client-a").currency
    'CNY'
    """
    known = {key: check_answer(key, value) for key, value in given.items() if value is not None}
    for key in QUESTIONS:
        if key not in known:
            known[key] = _answer(_question(key, known, folder), ask)
    return Answers(**known)


def _answer(question: Question, ask: Ask | None) -> Any:
    if ask is None:
        return check_answer(question.key, question.default)
    while True:
        typed = ask(question)  # what stops the asking is no mistake in an answer
        try:
            return check_answer(question.key, typed)
        except UsageError as error:
            question = Question(question.key, question.text, question.choices, question.default, str(error))


def _question(key: str, known: Mapping[str, Any], folder: str) -> Question:
    words = Words(known.get("locale", "en"))
    return Question(key, words(f"projects.ask_{key}"), _choices(key), _default(key, known, folder))


def _choices(key: str) -> tuple[str, ...]:
    from oppnb.sources.proposals_presets import presets
    from oppnb.stages import stage_presets

    if key == "locale":
        return ("en", "zh_CN")
    if key == "source":
        return (*sorted(preset.name for preset in presets()), OTHER)
    return (FROM_DATA, *stage_presets()) if key == "processes" else ()


def _default(key: str, known: Mapping[str, Any], folder: str) -> str:
    from oppnb.stages import stage_presets

    is_chinese = known.get("locale") == "zh_CN"
    if key == "processes":
        return known["source"] if known["source"] in stage_presets() else FROM_DATA
    return {
        "locale": "en",
        "name": folder,
        "currency": "CNY" if is_chinese else "USD",
        "fiscal_year_start": "1",
        "time_zone": "Asia/Shanghai" if is_chinese else "UTC",
        "source": OTHER,
    }[key]
