"""Who sells, and who of the customer's people is with us."""

import pandas as pd

from oppnb.scoring.features.account import shrunk
from oppnb.scoring.features.declared import Known, declare


@declare("people")
def owner_win_record(known: Known) -> pd.Series:
    """Win rate of the owner in the year before, shrunk: (wins + 20 x that of all) / (closed + 20)."""
    return shrunk(known, "owner", weight=20.0)


@declare("people")
def owner_n_open(known: Known) -> pd.Series:
    """Open deals of the owner, this one too."""
    return known.number("owner_n_open")


@declare("people", kind="category", is_dated=False)
def team(known: Known) -> pd.Series:
    """The owner's team."""
    return known.text("team")


@declare("people", kind="category", can_change=True)
def forecast_category(known: Known) -> pd.Series:
    """What the seller says of the deal's chances."""
    return known.text("forecast_category")


@declare("people", can_change=True)
def n_people_met(known: Known) -> pd.Series:
    """People of the customer who took part in activities."""
    return known.number("n_people_met")


@declare("people", is_dated=False, can_change=True)
def n_contacts(known: Known) -> pd.Series:
    """People of the customer in the power map."""
    return known.number("n_contacts_mapped")


@declare("people", is_dated=False, can_change=True)
def stance(known: Known) -> pd.Series:
    """Their stance, weighed by their influence: -1 against us to 1 for us."""
    return known.number("contacts_stance")


@declare("people", is_dated=False, can_change=True)
def decision_cover(known: Known) -> pd.Series:
    """Share of the influence that lies with people who are for us."""
    return known.number("contacts_cover")


@declare("people", is_dated=False, can_change=True)
def has_decision_maker(known: Known) -> pd.Series:
    """1 where somebody who decides or pays is among them, 0 where nobody is."""
    return known.number("contacts_have_decision_maker")


@declare("people", kind="category")
def owner(known: Known) -> pd.Series:
    """The owner, where nothing has dates; else the owner's record says it better, and of newcomers too."""
    return known.text("owner_id").where(known.rows["as_of"].isna())
