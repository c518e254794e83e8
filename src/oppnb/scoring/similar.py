"""Closed deals that stood as an open one stands: a picture beside the number, known on the day."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history.ends import ends_known_on
from oppnb.locale import Formats, Words
from oppnb.scoring.feature_parts import feature_parts
from oppnb.scoring.reason_words import FeatureWords
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.workspace import Workspace

__all__ = ["SIMILAR_COLUMNS", "similar_closed_deals", "similar_summary", "similar_texts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIMILAR_COLUMNS = (
    "opportunity_id",
    "rank",
    "similar_opportunity_id",
    "process",
    "similar_as_of",
    "similar_stage",
    "similar_amount_base",
    "end",
    "days_to_end",
    "win_probability_then",
    "distance",
)


def similar_closed_deals(scorer: Scorer, rows: ScoringRows, closed_rows: ScoringRows, *, n: int = 5) -> pd.DataFrame:
    """The closed deals nearest to each deal, each on the day on which it stood most like it.

    Two deals are near where every feature adds about the same to their probabilities: what the model does not look at
    does not part them, what moves it most parts them most. They are of the same process, and of the same stage where
    `n` such deals are known. What is nearest is an illustration; the probability rests on all deals.

    Parameters
    ----------
    scorer : Scorer
    rows : ScoringRows
        The deals to look at; as many as are shown, each is compared with every closed row of its process.
    closed_rows : ScoringRows
        With ends, as `oppnb.scoring.training_rows.training_rows` gives them; of these, deals whose close was not yet
        known on the day of a row are left out for it, and so is the deal itself.
    n : int
        How many a deal.

    Returns
    -------
    DataFrame
        `SIMILAR_COLUMNS`: per deal by `rank` from 1, the nearest first (of equally near ones the latest);
        `similar_as_of` is the comparable day, `end` (won, lost) and `days_to_end` what came of it from then,
        `win_probability_then` what this model says of that day (it has learnt from the deal), `distance` the length of
        the difference of their parts, in probability: 0 where the model cannot tell them apart.
    """
    mine = scorer.rows(rows)
    own = feature_parts(scorer.model, mine).values
    closed = closed_rows.take(closed_rows.is_closed)
    parts = feature_parts(scorer.model, scorer.rows(closed))
    theirs = parts.values
    chance = np.clip(parts.by_group.base + parts.by_group.values.sum(axis=1), 0.0, 1.0)
    found = []
    for day, places in _by_day(rows):
        known = np.flatnonzero(_known_on(closed, day))
        for place in places:
            near = _nearest(own[place], theirs, known, rows, closed, place, n)
            found.append(_told(rows, closed, place, near, own[place], theirs, chance))
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(SIMILAR_COLUMNS))
    return frame.sort_values(["opportunity_id", "rank"], ignore_index=True)[list(SIMILAR_COLUMNS)]


def _by_day(rows: ScoringRows) -> list[tuple[pd.Timestamp | None, Ints]]:
    codes, days = pd.factorize(rows.keys["as_of"], sort=True)
    found: list[tuple[pd.Timestamp | None, Ints]] = [
        (pd.Timestamp(day), np.flatnonzero(codes == code)) for code, day in enumerate(days)
    ]
    without = np.flatnonzero(codes < 0)
    return [*found, (None, without)] if len(without) else found


def _known_on(closed: ScoringRows, day: pd.Timestamp | None) -> npt.NDArray[np.bool_]:
    if day is None or closed.ends is None or not closed.is_dated:
        return np.ones(len(closed), dtype=bool)
    zone = closed.calendar.time_zone
    known, is_there = ends_known_on(closed.ends, closed.keys["as_of"], day=day.date(), time_zone=zone)
    return np.asarray(is_there & (known["end"] != "open").to_numpy(dtype=bool))


def _nearest(
    own: Floats, theirs: Floats, known: Ints, rows: ScoringRows, closed: ScoringRows, place: int, n: int
) -> Ints:
    key = rows.keys.iloc[place]
    other = (closed.keys["opportunity_id"] != key["opportunity_id"]).to_numpy(dtype=bool)[known]
    of_process = _same(closed.keys["process"], key["process"])[known]
    of_stage = _same(closed.keys["stage"], key["stage"])[known]
    candidates = known[other & of_process]
    in_stage = known[other & of_process & of_stage]
    if closed.keys["opportunity_id"].iloc[in_stage].nunique() >= n:
        candidates = in_stage
    distance = np.round(((theirs[candidates] - own) ** 2).sum(axis=1), 15)
    days = closed.keys["as_of"].iloc[candidates].to_numpy(dtype="datetime64[us]").astype(np.int64)
    ids = closed.keys["opportunity_id"].iloc[candidates].to_numpy(dtype=object)
    ordered = candidates[np.lexsort((pd.factorize(ids, sort=True)[0], -days, distance))]
    is_first = ~closed.keys["opportunity_id"].iloc[ordered].duplicated().to_numpy()
    found: Ints = ordered[is_first][:n]
    return found


def _same(values: pd.Series, value: object) -> npt.NDArray[np.bool_]:
    if value is None or value != value:
        return np.asarray(values.isna().to_numpy(dtype=bool))
    return np.asarray((values == value).fillna(False).to_numpy(dtype=bool))


def _told(
    rows: ScoringRows, closed: ScoringRows, place: int, near: Ints, own: Floats, theirs: Floats, chance: Floats
) -> pd.DataFrame:
    assert closed.ends is not None  # noqa: S101 - rows without ends were refused by is_closed
    keys, ends = closed.keys.iloc[near], closed.ends.iloc[near]
    return pd.DataFrame(
        {
            "opportunity_id": str(rows.keys["opportunity_id"].iloc[place]),
            "rank": np.arange(1, len(near) + 1),
            "similar_opportunity_id": keys["opportunity_id"].to_numpy(),
            "process": keys["process"].to_numpy(),
            "similar_as_of": keys["as_of"].to_numpy(),
            "similar_stage": keys["stage"].to_numpy(),
            "similar_amount_base": keys["amount_base"].to_numpy(dtype="float64"),
            "end": ends["end"].to_numpy(),
            "days_to_end": ends["days_to_end"].to_numpy(dtype="float64"),
            "win_probability_then": chance[near],
            "distance": np.sqrt(((theirs[near] - own) ** 2).sum(axis=1)),
        }
    )


def similar_texts(
    similar: pd.DataFrame, *, words: Words, formats: Formats, workspace: Workspace | None = None
) -> list[str]:
    """One line a row of `similar_closed_deals`: "00412 (Proposal): won after 34 days"."""
    says = FeatureWords(words, formats, workspace=workspace)
    found = []
    for row in similar.to_dict("records"):
        days, stage = row["days_to_end"], row["similar_stage"]
        dated = "" if days == days else "_undated"
        end = words(f"score_similar.{row['end']}{dated}", days=formats.number(days))
        at = says.value("stage", stage, process=row["process"]) if isinstance(stage, str) else says("stage", None)
        found.append(words("score_similar.text", deal=row["similar_opportunity_id"], stage=at, end=end))
    return found


def similar_summary(similar: pd.DataFrame, *, words: Words, formats: Formats) -> str:
    """How many of one deal's similar ones were won: "3 of the 5 most similar closed deals were won".

    An illustration, not the probability: that rests on all deals.
    """
    n_won = int((similar["end"] == "won").sum())
    return words("score_similar.summary", n_won=formats.number(n_won), n=formats.number(len(similar)))
