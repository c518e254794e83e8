"""A model in use against a newly trained one: who is better on the deals that came since."""

from pathlib import Path

from oppnb.errors import ParameterError
from oppnb.periods import parse_day
from oppnb.scoring.candidates import make_model
from oppnb.scoring.card import drift_since
from oppnb.scoring.models.composed import ComposedModel
from oppnb.scoring.promotion import Promotion, judge_challenger
from oppnb.scoring.scorer import Scorer, load_scorer, refuse_other_subject
from oppnb.scoring.training import Training

__all__ = ["judge_champion"]


def judge_champion(training: Training, champion: Scorer | str | Path) -> Promotion:
    """Whether the model just trained replaces the one in use.

    Parameters
    ----------
    training : Training
        Of the new one.
    champion : Scorer or path
        The one in use.

    Returns
    -------
    Promotion
        `is_replaced`, and why.

    Raises
    ------
    ParameterError
        If one of the two was trained without dates: then nothing came after it.
    UsageError
        If the one in use was trained on leads.
    """
    used = champion if isinstance(champion, Scorer) else load_scorer(champion)
    refuse_other_subject(used, "deal")
    until = used.card["data"]["until"]
    if until is None or training.until is None:
        raise ParameterError(
            "Champion and challenger are compared on deals that came after the champion's training; "
            "this data has no dates. Leave --champion out."
        )
    known = {feature.name for feature in training.rows.features}
    if set(used.features) - known:
        # The audit of today put out what the champion still uses: it cannot be asked, and should not be.
        missing = ", ".join(sorted(set(used.features) - known)[:3])
        raise ParameterError(
            f"The model in use learnt from fields that the leakage audit puts out today (first: {missing}). "
            "Train without --champion, and use the new model."
        )
    rows = training.rows
    drift = drift_since(used, rows, day=training.until)
    return judge_challenger(
        rows,
        used.model,
        lambda: ComposedModel(make_model(training.choice.ever), make_model(training.choice.timing)),
        trained_until=parse_day(until),
        has_alarm=drift.state == "alarm",
    )
