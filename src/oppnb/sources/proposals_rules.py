"""A recognised file becomes a mapping rule; each line of it gets its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from oppnb.sources.coerce import currencies_in
from oppnb.sources.mapping_columns import headers_of
from oppnb.sources.proposals_headers import HeaderIndex, currency_in, normalise, scale_in, spaced
from oppnb.sources.proposals_presets import PresetColumn, PresetRows, PresetTable, plain_sections
from oppnb.sources.proposals_sections import Recognised
from oppnb.sources.proposals_values import FileValues
from oppnb.tables import CANONICAL, Kind
from oppnb.workspace import ColumnRule, Condition, Join, MappingRule

__all__ = ["MIN_SIMILARITY", "TRUE_WORDS", "Draft", "draft_rule"]

MIN_SIMILARITY = 90
"""A header less like a known one than this, in percent, is never guessed."""

_MOST = 0.5
TRUE_WORDS = ["true", "TRUE", "True", "1", "yes", "Yes"]


@dataclass
class Draft:
    """A mapping rule that is being written."""

    table: str
    file: str
    headers: HeaderIndex
    values: FileValues
    recognised: Recognised
    columns: dict[str, ColumnRule] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    where: dict[str, Condition] = field(default_factory=dict)
    joins: list[Join] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def add(self, name: str, rule: ColumnRule, reason: str) -> None:
        """Fill a canonical column; its headers are taken."""
        self.columns[name] = rule
        self.reasons[name] = reason
        self.used.update(headers_of(rule))

    def drop(self, name: str) -> None:
        """Take a canonical column back; its headers are free again."""
        self.used.difference_update(headers_of(self.columns.pop(name)))
        self.reasons.pop(name)

    def rule(self) -> MappingRule:
        """The rule as it would stand in the workspace."""
        section = self.recognised.section
        groups, order = (self.headers.find_all(names)[:1] for names in (section.one_row_per, section.order_by))
        ordered = {name: self.columns[name] for name in CANONICAL[self.table].columns if name in self.columns}
        return MappingRule(
            table=self.table,
            file=self.file,
            where=self.where or None,
            join=self.joins,
            one_row_per=groups[0] if groups else None,
            order_by=order[0] if order and groups else None,
            columns=ordered,
            keep_other_columns=section.keep_other_columns,
        )


def draft_rule(draft: Draft) -> Draft:
    """Fill a draft: the preset's columns, then plain headers, then near ones; the draft itself is changed."""
    section = draft.recognised.section
    _add_rows(draft, section.rows)
    kinds = {name: column.kind for name, column in CANONICAL[draft.table].columns.items()}
    origin = "plain header" if draft.recognised.preset.is_plain else f"preset {draft.recognised.preset.name}"
    _add_section(draft, section, origin=origin, kinds=kinds)
    if section.keep_other_columns and not section.one_row_per:
        for plain in plain_sections(draft.table):
            if plain is not section:
                _add_section(draft, plain, origin="plain header", kinds=kinds)
        _add_near(draft, kinds=kinds)
    _add_units(draft)
    return draft


def _add_rows(draft: Draft, rows: PresetRows | None) -> None:
    found = draft.headers.find_all(rows.headers)[:1] if rows is not None else []
    if rows is not None and found:
        draft.where[found[0]] = rows.condition()


def _add_section(draft: Draft, section: PresetTable, *, origin: str, kinds: dict[str, Kind]) -> None:
    for name, column in section.columns.items():
        if name in draft.columns or column.closed_only:
            continue
        rule = _resolve(draft, name, column, kinds[name])
        if rule is None:
            continue
        shown = ", ".join(headers_of(rule)) or f"beside {column.beside}"
        header = next(iter(headers_of(rule)), None)
        looks = f"; {draft.values.looks(header, kinds[name])}" if header is not None else ""
        draft.add(name, rule, f"{origin}: {shown}{looks}")


def _resolve(draft: Draft, name: str, column: PresetColumn, kind: Kind) -> ColumnRule | None:
    if column.first_of:
        parts = [rule for part in column.first_of if (rule := _resolve(draft, name, part, kind)) is not None]
        return parts[0] if len(parts) == 1 else ColumnRule(first_of=parts) if parts else None
    if column.value is not None:
        return ColumnRule(value=column.value) if column.beside in draft.columns else None
    found = list(_usable(draft, name, column, kind))
    if not found:
        return None
    return ColumnRule(
        column=found if column.all and len(found) > 1 else found[0],
        values=column.values,
        scale=_scale(draft, column, found[0]),
        where=_where(draft, column.rows),
        take=column.take,
    )


def _usable(draft: Draft, name: str, column: PresetColumn, kind: Kind) -> Iterator[str]:
    """Headers that are there, free, and whose values fit."""
    repeats = column.rows is not None or column.take is not None  # long formats read one header several times
    for header in draft.headers.find_all(column.headers):
        if header in draft.used and not repeats:
            continue
        if name == "outcome" and not draft.values.says_outcomes(header, column.values):
            continue
        if column.rows is not None or draft.values.fits(header, kind):
            yield header


def _scale(draft: Draft, column: PresetColumn, header: str) -> float | None:
    if column.scale == "percent":
        return 0.01 if draft.values.is_percent(header) else None
    return column.scale


def _where(draft: Draft, rows: PresetRows | None) -> dict[str, Condition] | None:
    found = draft.headers.find_all(rows.headers)[:1] if rows is not None else []
    return {found[0]: rows.condition()} if rows is not None and found else None


def _add_near(draft: Draft, *, kinds: dict[str, Kind]) -> None:
    """Headers that are nearly spelt like a known one: the likest pair first, each header and column once."""
    wanted = [
        (name, alias)
        for section in plain_sections(draft.table)
        for name, column in section.columns.items()
        if name not in draft.columns
        for alias in column.headers
        if len(normalise(alias)) > 3
    ]
    free = [header for header in draft.headers.headers if header not in draft.used and len(normalise(header)) > 3]
    for similarity, header, name, alias in _likest(free, wanted):
        if name in draft.columns or header in draft.used or not draft.values.fits(header, kinds[name]):
            continue
        if name == "outcome" and not draft.values.says_outcomes(header, None):
            continue
        looks = draft.values.looks(header, kinds[name])
        scale = 0.01 if name == "crm_score" and draft.values.is_percent(header) else None
        rule = ColumnRule(column=header, scale=scale)
        draft.add(name, rule, f"header '{header}' is {similarity:.0f} % like '{alias}'; {looks}")


def _likest(free: Sequence[str], wanted: Sequence[tuple[str, str]]) -> list[tuple[float, str, str, str]]:
    from rapidfuzz import fuzz, process

    if not free or not wanted:
        return []
    aliases = [alias for _, alias in wanted]
    tight = process.cdist([normalise(h) for h in free], [normalise(a) for a in aliases], scorer=fuzz.ratio)
    loose = process.cdist([spaced(h) for h in free], [spaced(a) for a in aliases], scorer=fuzz.ratio)
    pairs = [
        (float(max(tight[i, j], loose[i, j])), free[i], wanted[j][0], aliases[j])
        for i, j in zip(*((tight >= MIN_SIMILARITY) | (loose >= MIN_SIMILARITY)).nonzero(), strict=True)
    ]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2], pair[3]))


def _add_units(draft: Draft) -> None:
    """What a header's bracket says of its unit: 万元 is a factor, (EUR) a currency."""
    amount = draft.columns.get("amount")
    header = amount.column if amount is not None else None
    if amount is None or not isinstance(header, str):
        return
    scale, currency = scale_in(header), currency_in(header)
    if scale is not None and amount.scale is None:
        draft.columns["amount"] = amount.model_copy(update={"scale": scale})
        draft.reasons["amount"] += f"; the header says its unit is {scale:,.0f}"
    if "currency" not in CANONICAL[draft.table].columns or "currency" in draft.columns:
        return
    if currency is not None:
        draft.add("currency", ColumnRule(value=currency), f"the header '{header}' says {currency}")
    elif currencies_in(draft.values.sample(header)).notna().mean() > _MOST:
        draft.add("currency", ColumnRule(column=header), f"the values of '{header}' carry their currency")
