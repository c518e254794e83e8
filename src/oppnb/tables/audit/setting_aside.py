"""Leaving rows out, and with an opportunity everything that hangs on it."""

from collections.abc import Iterable, Iterator

import numpy as np

from oppnb.tables.audit.actions import Actions
from oppnb.tables.audit.breaches import BoolArray, Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.membership import are_among
from oppnb.tables.audit.rules import CASCADE_RULE, RULES
from oppnb.tables.audit.searching import find_all
from oppnb.tables.bundle import Tables

__all__ = ["Aside", "set_aside"]

# A lead, a subscription or a ticket is something of its own and stays when its opportunity goes.
_HANGS_ON_THE_DEAL = ("activities", "contacts", "evidence", "line_items", "opportunity_history", "payments")


class Aside:
    """Which rows are left out under which rule.

    Attributes
    ----------
    under : dict of str to array of object
        For each table the rule under which each row was set aside; None where it stays.
    breaches : list of Breach
        With rows in the numbering of the whole tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.under = {table: np.full(len(tables[table]), None, dtype=object) for table in tables}
        self.breaches: list[Breach] = []

    def stays(self, table: str) -> BoolArray:
        """Which rows of a table stay."""
        return np.asarray(self.under[table] == None, dtype=bool)  # noqa: E711 - compared element by element

    def add(self, breach: Breach) -> None:
        """Set the rows of a breach of the whole tables aside; a row already set aside keeps its first rule."""
        self.breaches.append(breach)
        self.under[breach.table][breach.rows & self.stays(breach.table)] = breach.rule

    def add_of_rest(self, breach: Breach) -> None:
        """The same for a breach of the remaining tables."""
        rows = np.zeros(len(self._tables[breach.table]), dtype=bool)
        rows[np.flatnonzero(self.stays(breach.table))[breach.rows]] = True
        self.add(Breach(breach.rule, breach.table, rows, breach.n_checked, breach.note))

    def rest(self) -> Tables:
        """The tables without the rows set aside, numbered from 0."""
        frames = {}
        for table, frame in self._tables.items():
            stays = self.stays(table)
            frames[table] = frame if stays.all() else frame[stays].reset_index(drop=True)
        return self._tables.replace(**frames)

    def follow(self) -> bool:
        """Set aside what hangs on opportunities of which no row is left; True if there was something."""
        deals = self._tables["opportunities"]["opportunity_id"] if "opportunities" in self._tables else None
        if deals is None or self.stays("opportunities").all():
            return False
        stays = self.stays("opportunities")
        left = deals[~stays].dropna()
        gone = left[~are_among(left, deals[stays])]
        found = False
        for table in _HANGS_ON_THE_DEAL:
            if table not in self._tables or "opportunity_id" not in self._tables[table].columns:
                continue
            ids = self._tables[table]["opportunity_id"]
            rows = are_among(ids, gone) & self.stays(table)
            if rows.any():
                self.add(Breach(CASCADE_RULE, table, rows, int(ids.notna().sum())))
                found = True
        return found


def set_aside(case: Case, breaches: Iterable[Breach], actions: Actions) -> Aside:
    """Set rows aside until nothing more has to be: leaving rows out can make another row break a rule."""
    aside = Aside(case.tables)
    for breach in breaches:
        if actions.of(breach.rule) == "set_aside":
            aside.add(breach)
    aside.follow()
    moving = {rule for rule, what in RULES.items() if what.looks_at_others and actions.of(rule) == "set_aside"}
    while moving and _again(case, aside, moving):
        aside.follow()
    return aside


def _again(case: Case, aside: Aside, moving: set[str]) -> bool:
    rest = Case(aside.rest(), case.workspace, case.allowed)
    more = list(_of_rules(find_all(rest), moving))
    for breach in more:
        rows = breach.rows.copy()
        aside.add_of_rest(Breach(breach.rule, breach.table, rows, breach.n_checked, breach.note))
    return bool(more)


def _of_rules(breaches: Iterable[Breach], rules: set[str]) -> Iterator[Breach]:
    return (breach for breach in breaches if breach.rule in rules)
