"""Why this model, told anew from a card's data in the reader's language."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.card_judged import CardJudged
from oppnb.reports.card_tables import CardTables

__all__ = ["card_sentences", "verdict_sentences"]


_COLUMNS = ["question", "model", "against", "difference", "low", "high", "n", "n_deals", "is_better", "is_worse"]


def card_sentences(card: Mapping[str, Any], *, words: Words) -> list[str]:
    """The sentences of `oppnb.scoring.Choice`: what is in use first, the verdict last."""
    from oppnb.scoring import Choice

    choice = Choice(
        ever=str(card["chosen"]),
        timing=str(card["chosen_timing"]),
        verdict=str(card["verdict"]),
        baseline=card["baseline"],
        is_young=bool(card["is_young"]),
        steps=pd.DataFrame(card["steps"], columns=_COLUMNS),
    )
    return choice.sentences(words)


def verdict_sentences(card: Mapping[str, Any], *, words: Words, chosen_by: str | None = None) -> list[str]:
    """As the card's page has it: first what the measures say of deals whose end is known, then what chose the model.

    `chosen_by` is the sentence of the latter where the card's own is at hand.
    """
    chosen_by = chosen_by or card_sentences(card, words=words)[-1]
    if card.get("subject", "deal") != "deal":
        return [chosen_by]
    judged = CardJudged(card, CardTables(card, words=words, formats=Formats(words.locale)), words=words)
    verdict = judged.verdict()
    return [verdict, judged.gain() or chosen_by] if verdict else [chosen_by]
