"""A mapping while it is being changed by hand: one canonical column after the other, each with why it is so."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oppnb.errors import MappingError, nearest
from oppnb.sources.mapping_columns import headers_of
from oppnb.sources.proposals import Proposal
from oppnb.tables import CANONICAL
from oppnb.workspace import ColumnRule, MappingRule

__all__ = ["BY_HAND", "DraftRule", "MappingDraft"]

BY_HAND = "chosen by hand"


@dataclass(frozen=True)
class DraftRule:
    """A rule, why its columns are as they are, and where it stands in the workspace file.

    Attributes
    ----------
    rule : MappingRule
        As it would be applied.
    reasons : mapping of str to str
        As `Proposal.reasons`; a column chosen by hand says so.
    origin : int or None
        Its place among the rules of the file; None: it is not there.
    proposed : MappingRule or None
        What was proposed; a header chosen again gets back what was proposed with it (a recode, a scale).
    """

    rule: MappingRule
    reasons: Mapping[str, str] = field(default_factory=dict)
    origin: int | None = None
    proposed: MappingRule | None = None


@dataclass(frozen=True)
class MappingDraft:
    """The rules of a mapping; every change gives a new draft.

    Examples
    --------
    >>> rule = MappingRule(table="opportunities", file="d.csv", columns={"opportunity_id": "Id", "stage": "Phase"})
    >>> draft = MappingDraft.of([rule]).choose("opportunities", "amount", "Value")
    >>> draft.mapping[0].columns["amount"].column, draft.rules[0].reasons["amount"]
    ('Value', 'chosen by hand')
    >>> "amount" in draft.choose("opportunities", "amount", None).mapping[0].columns
    False
    """

    rules: tuple[DraftRule, ...] = ()

    @classmethod
    def of(cls, mapping: Sequence[MappingRule]) -> "MappingDraft":
        """The rules of a workspace file, in its order."""
        return cls(tuple(DraftRule(rule, origin=place, proposed=rule) for place, rule in enumerate(mapping)))

    @classmethod
    def proposed(cls, proposals: Sequence[Proposal]) -> "MappingDraft":
        """Proposed rules with their reasons."""
        return cls(tuple(DraftRule(one.rule, dict(one.reasons), proposed=one.rule) for one in proposals))

    @property
    def keys(self) -> tuple[str, ...]:
        """What each rule is called: `opportunities < deals.csv`; ` #2` follows where a file fills a table again."""
        return tuple(_key(*which) for which in _numbered([one.rule for one in self.rules]))

    @property
    def mapping(self) -> tuple[MappingRule, ...]:
        """The rules as a workspace holds them."""
        return tuple(one.rule for one in self.rules)

    def find(self, table: str, *, file: str | None = None, rule: str | None = None) -> int:
        """The place of the rule that fills a table; from a file, or by its name in `keys`, if several do.

        Raises
        ------
        MappingError
            If there is none; names the nearest table.
        """
        for place, (one, key) in enumerate(zip(self.rules, self.keys, strict=True)):
            if one.rule.table == table and file in (None, one.rule.file) and rule in (None, key):
                return place
        _known_table(table)
        told = f" from '{file}'" if file else ""
        raise MappingError(f"No rule fills the table '{table}'{told} yet. Add one first.")

    def choose(
        self, table: str, column: str, header: str | None, *, file: str | None = None, rule: str | None = None
    ) -> "MappingDraft":
        """Fill a canonical column from a header; None leaves it unfilled.

        Raises
        ------
        MappingError
            If the table, its rule or the column is not there; names the nearest. Whether the file has the header is
            seen when the rule is applied.
        """
        place = self.find(table, file=file, rule=rule)
        _known_column(table, column, self.rules[place].rule)
        old = self.rules[place]
        columns = {name: one for name, one in old.rule.columns.items() if name != column}
        reasons = {name: why for name, why in old.reasons.items() if name != column}
        if header is not None:
            made = _column(old, column, header)
            order = [*CANONICAL[table].columns, *old.rule.columns]
            columns = dict(sorted({**columns, column: made}.items(), key=_place(order)))
            was_proposed = old.proposed is not None and old.proposed.columns.get(column) == made
            if not was_proposed or column not in old.reasons:
                reasons[column] = BY_HAND
        if columns == old.rule.columns:
            return self
        changed = old.rule.model_copy(update={"columns": columns})
        return self._with(place, replace(old, rule=changed, reasons=reasons))

    def add(self, table: str, file: str) -> "MappingDraft":
        """A rule without any column yet, that fills a table from a file.

        Raises
        ------
        MappingError
            If there is no such table, or a rule fills it from this file already.
        """
        _known_table(table)
        if any(one.rule.table == table and one.rule.file == file for one in self.rules):
            raise MappingError(f"The table '{table}' is filled from '{file}' already.")
        rule = MappingRule(table=table, file=file, columns={})
        return replace(self, rules=(*self.rules, DraftRule(rule, {"": BY_HAND})))

    def remove(self, table: str, *, file: str | None = None, rule: str | None = None) -> "MappingDraft":
        """Without a rule."""
        place = self.find(table, file=file, rule=rule)
        return replace(self, rules=(*self.rules[:place], *self.rules[place + 1 :]))

    def with_mapping(self, mapping: Sequence[MappingRule]) -> "MappingDraft":
        """Other rules; one of the same table and file keeps its place in the workspace file and its reasons."""
        known = dict(zip(_numbered([one.rule for one in self.rules]), self.rules, strict=True))
        made = []
        for which, rule in zip(_numbered(mapping), mapping, strict=True):
            old = known.get(which)
            if old is None:
                made.append(DraftRule(rule, {"": BY_HAND}))
                continue
            same = {name: why for name, why in old.reasons.items() if _is_kept(name, old.rule, rule)}
            changed = {name: BY_HAND for name in rule.columns if rule.columns[name] != old.rule.columns.get(name)}
            made.append(replace(old, rule=rule, reasons={**same, **changed}))
        return replace(self, rules=tuple(made))

    def saved(self) -> "MappingDraft":
        """The same rules as those of the file that has just been written."""
        return replace(self, rules=tuple(replace(one, origin=place) for place, one in enumerate(self.rules)))

    def _with(self, place: int, rule: DraftRule) -> "MappingDraft":
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place + 1 :]))


def _numbered(mapping: Sequence[MappingRule]) -> list[tuple[str, str, int]]:
    """Table and file of each rule, and which of those that fill the table from the file it is, from 1."""
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for rule in mapping:
        seen[(rule.table, rule.file)] += 1
        made.append((rule.table, rule.file, seen[(rule.table, rule.file)]))
    return made


def _key(table: str, file: str, nth: int) -> str:
    return f"{table} < {file}" if nth == 1 else f"{table} < {file} #{nth}"


def _column(old: DraftRule, column: str, header: str) -> ColumnRule:
    """What was proposed with the header, else the header alone, taken from its group as before."""
    proposed = None if old.proposed is None else old.proposed.columns.get(column)
    if proposed is not None and headers_of(proposed)[:1] == (header,):
        return proposed
    before = old.rule.columns.get(column)
    return ColumnRule(column=header, take=before.take if before else None, where=before.where if before else None)


def _is_kept(name: str, old: MappingRule, new: MappingRule) -> bool:
    return name not in old.columns or old.columns[name] == new.columns.get(name)


def _place(order: Sequence[str]) -> Callable[[tuple[str, ColumnRule]], int]:
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    return lambda pair: places[pair[0]]


def _known_table(table: str) -> None:
    if table not in CANONICAL:
        near = nearest(table, list(CANONICAL))
        hint = f" Did you mean '{near}'?" if near else ""
        raise MappingError(f"There is no canonical table '{table}'.{hint}")


def _known_column(table: str, column: str, rule: MappingRule) -> None:
    known = [*CANONICAL[table].columns, *rule.columns]
    if column not in known:
        near = nearest(column, known)
        hint = f" Did you mean '{near}'?" if near else ""
        raise MappingError(f"The table '{table}' has no canonical column '{column}'.{hint}")
