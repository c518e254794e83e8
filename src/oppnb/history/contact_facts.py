"""The power map and the line items as exported: they carry no date, so they are the same on every day."""

import numpy as np
import pandas as pd

from oppnb.tables import fold

__all__ = ["contact_facts"]

DECIDES = ("decision", "economic", "approver", "决策", "决定", "拍板", "经济")


def contact_facts(rows: pd.DataFrame, contacts: pd.DataFrame | None, items: pd.DataFrame | None) -> pd.DataFrame:
    """`n_contacts_mapped`, `contacts_stance`, `contacts_cover`, `contacts_have_decision_maker`, `n_line_items`."""
    names = ["n_contacts_mapped", "contacts_stance", "contacts_cover", "contacts_have_decision_maker", "n_line_items"]
    found = pd.DataFrame(np.nan, index=rows.index, columns=names)
    if contacts is not None:
        by_deal = _by_deal(contacts).reindex(rows["opportunity_id"]).set_axis(rows.index)
        found[names[:4]] = by_deal
        found["n_contacts_mapped"] = by_deal["n_contacts_mapped"].fillna(0.0)
    if items is not None:
        count = items.groupby("opportunity_id").size().reindex(rows["opportunity_id"])
        found["n_line_items"] = count.fillna(0.0).to_numpy(dtype="float64")
    return found


def _by_deal(contacts: pd.DataFrame) -> pd.DataFrame:
    people = contacts.dropna(subset=["opportunity_id"])
    people = people.sort_values(["opportunity_id", "contact_id"], kind="stable", ignore_index=True)
    weight = (
        people["influence"].where(people["influence"] > 0, np.nan).fillna(people["influence"].isna().astype("float64"))
    )
    stance = people["stance"]
    known = weight.where(stance.notna(), 0.0)
    decides = [text for text in people["role"].dropna().unique() if any(word in fold(text) for word in DECIDES)]
    sums = pd.DataFrame(
        {
            "opportunity_id": people["opportunity_id"],
            "n": 1.0,
            "weight": known,
            "stance": (known * stance).fillna(0.0),
            "for_us": known.where(stance > 0, 0.0),
            "decides": people["role"].isin(decides).astype("float64").where(people["role"].notna()),
        }
    ).groupby("opportunity_id")
    total = sums[["n", "weight", "stance", "for_us"]].sum()
    weight_of_all = total["weight"].where(total["weight"] > 0)
    return pd.DataFrame(
        {
            "n_contacts_mapped": total["n"],
            "contacts_stance": total["stance"] / weight_of_all,
            "contacts_cover": total["for_us"] / weight_of_all,
            "contacts_have_decision_maker": sums["decides"].max(),
        }
    )
