"""What may be known of a deal on a day: small functions, each declared with the idea it belongs to."""

from oppnb.scoring.features import account, activity, amount, people, qualification, stage, timing
from oppnb.scoring.features.columns import column_features
from oppnb.scoring.features.declared import DECLARED, Known, declare, feature_values

__all__ = [
    "DECLARED",
    "Known",
    "account",
    "activity",
    "amount",
    "column_features",
    "declare",
    "feature_values",
    "people",
    "qualification",
    "stage",
    "timing",
]
