"""What has been proved of the deal, and against whom it stands."""

import pandas as pd

from oppnb.scoring.features.declared import Known, declare


@declare("qualification", can_change=True)
def n_evidence_confirmed(known: Known) -> pd.Series:
    """Qualification elements that were confirmed."""
    return known.number("n_evidence_confirmed")


@declare("qualification", can_change=True)
def n_evidence_asked(known: Known) -> pd.Series:
    """Qualification elements of which anything was recorded."""
    return known.number("n_evidence_asked")


@declare("qualification", can_change=True)
def evidence_share(known: Known) -> pd.Series:
    """Share of the elements that the configuration asks for up to this stage which were confirmed."""
    return known.number("evidence_share")


@declare("qualification", kind="category", is_dated=False)
def competitor(known: Known) -> pd.Series:
    """The main competitor, as exported: nobody knows when it was written down."""
    return known.text("exported_competitor")
