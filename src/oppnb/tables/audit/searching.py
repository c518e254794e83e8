"""Every search of the audit, in one order."""

from collections.abc import Callable, Iterator

from oppnb.tables.audit.amounts import find_amount_faults
from oppnb.tables.audit.blocking import find_blocked_rows
from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.column_spellings import find_spellings
from oppnb.tables.audit.currencies import find_currency_faults
from oppnb.tables.audit.duplicates import find_duplicates, find_missing_values
from oppnb.tables.audit.joins import find_missing_links
from oppnb.tables.audit.last_states import find_stale_states
from oppnb.tables.audit.near_duplicates import find_near_duplicates
from oppnb.tables.audit.outcome_only import find_outcome_only_columns
from oppnb.tables.audit.people import find_people_faults
from oppnb.tables.audit.plans import find_plan_faults
from oppnb.tables.audit.stages import find_stage_faults
from oppnb.tables.audit.stillness import find_still_deals
from oppnb.tables.audit.time_order import find_time_faults

__all__ = ["SEARCHES", "find_all"]

# A row that breaks several rules is set aside under the first of them in this order.
SEARCHES: tuple[Callable[[Case], Iterator[Breach]], ...] = (
    find_missing_values,
    find_duplicates,
    find_blocked_rows,
    find_near_duplicates,
    find_missing_links,
    find_spellings,
    find_time_faults,
    find_amount_faults,
    find_currency_faults,
    find_stage_faults,
    find_still_deals,
    find_stale_states,
    find_people_faults,
    find_plan_faults,
    find_outcome_only_columns,
)


def find_all(case: Case) -> Iterator[Breach]:
    """All breaches of all rules, each rule judged on every row, whatever other rules the row breaks."""
    for search in SEARCHES:
        yield from search(case)
