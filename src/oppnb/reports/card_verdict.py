"""Why this model, told anew from a card's data in the reader's language."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Words

__all__ = ["card_sentences"]


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
