"""The figure and the tables of the configurator, as a report shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oppnb import charts
from oppnb.locale import Formats, Words
from oppnb.stages import StageDraft, odds_to_take
from oppnb.widgets.stage_configurator.seen import Seen

__all__ = ["cards_table", "odds_figure", "stages_table"]

_COLUMNS = ("stage", "odds", "observed", "interval", "n", "deals", "weighted")


def odds_figure(
    seen: Seen, labels: Mapping[str, str], *, process: str, odds_of: str, words: Words, formats: Formats
) -> Any:
    """Set odds beside observed odds of a process, as in a report; `labels` by the names of its stages."""
    taken = odds_to_take(seen.odds, of=odds_of)
    told = {"observed_odds": taken["observed"], "low": taken["low"], "high": taken["high"], "n": taken["n"]}
    n_of = seen.odds["standing_n"].where(taken["is_standing"], seen.odds["n_entered"])
    frame = seen.odds.assign(**told, n_entered=n_of)
    shown = frame[frame["process"] == process]
    return charts.stage_odds(shown.assign(stage=shown["stage"].map(labels)), words=words, formats=formats)


def stages_table(seen: Seen, draft: StageDraft, by_stage: pd.DataFrame) -> pd.DataFrame:
    """One row an open stage: observed odds, its open deals (`Sight.by_stage`) and `time_limit_days`."""
    limits = {
        (name, one.stage.name): one.stage.time_limit_days for name, stages in draft.processes.items() for one in stages
    }
    days = [limits[key] for key in zip(seen.odds["process"], seen.odds["stage"], strict=True)]
    keyed = seen.odds.assign(time_limit_days=pd.Series(days, dtype="float64", index=seen.odds.index))
    return keyed.join(by_stage, on=["process", "stage"])


def cards_table(cards: Sequence[Mapping[str, Any]], *, words: Words) -> pd.DataFrame:
    """The cards of the open stages, as a reader sees them."""
    rows = [
        [
            card["label"],
            f"{card['odds']}%" if card["odds"] else "–",
            *((card["observed"] or {}).get(name, "") for name in ("text", "interval", "n")),
            card["deals"],
            card["weighted"],
        ]
        for card in cards
        if card["outcome"] == "open"
    ]
    named = [words(f"widgets_stage_configurator.column_{name}") for name in _COLUMNS]
    return pd.DataFrame(rows, columns=named, dtype="str")
