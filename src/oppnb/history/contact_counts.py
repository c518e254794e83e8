"""How many people of the customer were known on a day."""

from typing import Any

import pandas as pd

from oppnb.history.fence import is_there
from oppnb.history.source import DEAL, Source

__all__ = ["with_contacts"]


def with_contacts(source: Source, rows: Any, days: pd.DataFrame) -> Any:
    """Add `n_contacts`: people seen in activities by then and, from the day of the export on, those in `contacts`.

    The table `contacts` carries no date, so it is known only as of the export. Without any of both the column is null.
    """
    sightings = _sightings(source, days)
    if sightings is None:
        return rows
    wanted = rows.select(DEAL, "opportunity_id", "day_no")
    met = wanted.join(sightings, [wanted.opportunity_id == sightings.met_in, sightings.from_day <= wanted.day_no])
    counted = met.group_by(met_deal=met[DEAL], met_day=met.day_no).aggregate(n_met=met.count())
    joined = rows.left_join(counted, [rows[DEAL] == counted.met_deal, rows.day_no == counted.met_day])
    return joined.mutate(n_contacts=joined.n_met.fill_null(0).cast("float64"))


def _sightings(source: Source, days: pd.DataFrame) -> Any | None:
    import ibis

    from oppnb.history.states import day_number

    from_export = int((~days["is_export_known"]).sum())
    found = []
    if source.has("activities", "contact_id") and source.has("activities", "opportunity_id"):
        acts = source["activities"]
        acts = acts.filter(is_there(acts.contact_id) & is_there(acts.opportunity_id) & is_there(acts.occurred_at))
        found.append(
            acts.select(
                met_in="opportunity_id",
                contact_id="contact_id",
                from_day=day_number(acts.occurred_at, list(days["cutoff"])),
            )
        )
    if "contacts" in source and from_export < len(days):
        people = source["contacts"]
        people = people.filter(is_there(people.contact_id) & is_there(people.opportunity_id))
        found.append(
            people.select(
                met_in="opportunity_id", contact_id="contact_id", from_day=ibis.literal(from_export).cast("int64")
            )
        )
    if not found:
        return None
    seen = found[0] if len(found) == 1 else found[0].union(found[1])
    return seen.group_by("met_in", "contact_id").aggregate(from_day=seen.from_day.min())
