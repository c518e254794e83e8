"""From files to drafts of rules: what each file is, which rows of it are left out, what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oppnb.sources.files import FileSeen
from oppnb.sources.mapping_columns import Settings, headers_of, plain_text
from oppnb.sources.mapping_files import ExportFiles
from oppnb.sources.proposals_canonical import table_named
from oppnb.sources.proposals_headers import HeaderIndex
from oppnb.sources.proposals_joins import join_of_preset
from oppnb.sources.proposals_outcomes import may_tell_outcomes, recognise_by_outcome
from oppnb.sources.proposals_rules import TRUE_WORDS, Draft, draft_rule
from oppnb.sources.proposals_sections import Recognised, recognise
from oppnb.sources.proposals_values import FileValues
from oppnb.tables import Note, rows_where
from oppnb.workspace import ColumnRule, Condition

__all__ = ["Choice", "Drafted", "choose_files", "make_drafts"]


@dataclass(frozen=True)
class Choice:
    """The files to look at, and what to say about the others."""

    files: tuple[FileSeen, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Drafted:
    """Drafts of rules, the names of files that fill nothing, and what to say."""

    drafts: tuple[Draft, ...]
    unused: tuple[str, ...]
    notes: tuple[Note, ...] = ()

    def without(self, table: str) -> "Drafted":
        """The same without the drafts of one table."""
        kept = tuple(draft for draft in self.drafts if draft.table != table)
        gone = [draft.file for draft in self.drafts if draft.table == table]
        return Drafted(kept, (*self.unused, *gone), self.notes)


def choose_files(files: ExportFiles) -> Choice:
    """Leave out files whose content another file has already."""
    kept: dict[tuple[str, str | None], FileSeen] = {}
    notes = []
    for file in files.files:
        first = kept.setdefault((file.sha256, file.sheet), file)
        if first is not file:
            notes.append(Note("sources_same_content", {"file": file.name, "other": first.name}))
    return Choice(tuple(kept.values()), tuple(notes))


def make_drafts(choice: Choice, files: ExportFiles, *, settings: Settings) -> Drafted:
    """Draft a rule for each file that is recognised."""
    indexes = {file.name: HeaderIndex(file.columns) for file in choice.files}
    found = {file.name: recognise(indexes[file.name], named=table_named(file)) for file in choice.files}
    if not any(one.section.table == "opportunities" for what in found.values() for one in what):
        found |= _by_outcome([file for file in choice.files if not found[file.name]], files, indexes, settings=settings)
    drafts, notes = [], list(choice.notes)
    for file in choice.files:
        for recognised in found[file.name]:
            draft, said = _draft(file, recognised, files, indexes, settings=settings)
            drafts.append(draft)
            notes += said
    drafts, said = _one_export(drafts)
    return Drafted(tuple(drafts), tuple(name for name, what in found.items() if not what), (*notes, *said))


def _by_outcome(
    others: Sequence[FileSeen], files: ExportFiles, indexes: Mapping[str, HeaderIndex], *, settings: Settings
) -> dict[str, tuple[Recognised, ...]]:
    """Among files that no header of a stage recognises, those whose values say that their rows were won or lost."""
    found = {
        file.name: recognise_by_outcome(indexes[file.name], FileValues(files.frame(file), settings))
        for file in others
        if may_tell_outcomes(indexes[file.name])
    }
    return {name: (one,) for name, one in found.items() if one is not None}


def _draft(
    file: FileSeen,
    recognised: Recognised,
    files: ExportFiles,
    indexes: Mapping[str, HeaderIndex],
    *,
    settings: Settings,
) -> tuple[Draft, list[Note]]:
    frame = files.frame(file)
    section, headers = recognised.section, indexes[file.name]
    others = {name: index for name, index in indexes.items() if name != file.name}
    joins = [found for join in section.joins if (found := join_of_preset(join, headers, others)) is not None]
    joined = {
        f"{join.prefix or ''}{header}": files.frame(files.named(join.file)[0])[header]
        for join, taken in joins
        for header in taken
    }
    values = FileValues(frame, settings, joined)
    draft = Draft(section.table, file.name, HeaderIndex([*headers.headers, *joined]), values, recognised)
    draft.reasons[""] = f"{recognised.preset.label}: {recognised.n_columns} of {len(headers.headers)} headers are known"
    if recognised.stage is not None:
        draft.reasons[""] = f"{recognised.preset.label}: {recognised.why}"
        reason = f"no column tells a stage: how it ended stands in its place; {values.looks(recognised.stage, 'text')}"
        draft.add("stage", ColumnRule(column=recognised.stage), reason)
    for join, _ in joins:
        draft.joins.append(join)
        draft.reasons["join " + join.file] = f"preset {recognised.preset.name}: its key is in {', '.join(join.on)}"
    notes = _leave_out(draft)
    return draft_rule(draft), notes


def _leave_out(draft: Draft) -> list[Note]:
    """Leave out rows marked as deleted, unless every row is."""
    notes = []
    for header in draft.headers.find_all(draft.recognised.section.leave_out):
        if header not in draft.values.frame.columns:
            continue
        condition = Condition(not_in=list(TRUE_WORDS))
        values = plain_text(draft.values.frame[header]).rename(header)
        kept = rows_where(values.to_frame(), {header: condition}, table=draft.file)
        n_left_out = int((~kept).sum())
        said = {"file": draft.file, "column": header, "n": n_left_out}
        if n_left_out == len(values):
            notes.append(Note("sources_all_deleted", said))
            continue
        draft.where[header] = condition
        if n_left_out:
            notes.append(Note("sources_deleted_left_out", said))
    return notes


def _one_export(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Note]]:
    """Opportunities from the files of one CRM only; of several with the same ones, the fullest, then the last."""
    kept: list[Draft] = []
    notes = []
    deals = [draft.recognised for draft in drafts if draft.table == "opportunities"]
    preset = max(deals, key=lambda one: one.rank).preset if deals else None
    for draft in drafts:
        if draft.table == "opportunities" and draft.recognised.preset is not preset:
            notes.append(Note("sources_file_not_recognised", {"file": draft.file}))
            continue
        rival = next((other for other in kept if _same_deals(draft, other)), None)
        if rival is None:
            kept.append(draft)
            continue
        wins = len(draft.columns) >= len(rival.columns)
        winner, loser = (draft, rival) if wins else (rival, draft)
        kept[kept.index(rival)] = winner
        notes.append(Note("sources_same_opportunities", {"file": winner.file, "other": loser.file}))
    return kept, notes


def _same_deals(one: Draft, other: Draft) -> bool:
    if one.table != "opportunities" or other.table != "opportunities":
        return False
    if "opportunity_id" not in one.columns or "opportunity_id" not in other.columns:
        return False
    keys, more = (
        plain_text(draft.values.of(headers_of(draft.columns["opportunity_id"])[0])).dropna() for draft in (one, other)
    )
    return bool(keys.isin(more).any())
