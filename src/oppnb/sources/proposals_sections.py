"""Which preset recognises a file, and which canonical table it fills."""

from dataclasses import dataclass

from oppnb.sources.proposals_headers import HeaderIndex
from oppnb.sources.proposals_presets import Preset, PresetTable, presets

__all__ = ["Recognised", "count_columns", "nearest_section", "recognise"]


@dataclass(frozen=True)
class Recognised:
    """A file that a section of a preset recognises.

    Where the file has no stage, `stage` is the header that says how each deal ended, and `why` what spoke for it.
    """

    preset: Preset
    section: PresetTable
    n_columns: int
    stage: str | None = None
    why: str = ""

    @property
    def rank(self) -> tuple[bool, int, int]:
        """A CRM's own headers before plain ones, then how special the section is, then how many columns it finds."""
        return (not self.preset.is_plain, len(self.section.all_of), self.n_columns)


def recognise(headers: HeaderIndex, *, named: str | None = None) -> tuple[Recognised, ...]:
    """Find what a file fills: one section, or all of a preset whose files fill several tables; empty if nothing fits.

    A file that is `named` after a canonical table fills that one, if its headers allow it at all.

    Examples
    --------
    >>> found = recognise(HeaderIndex(["Opportunity ID", "Opportunity Name", "Stage", "Close Date"]))
    >>> [(one.preset.name, one.section.table) for one in found]
    [('salesforce', 'opportunities')]
    """
    found = [
        Recognised(preset, section, n_columns)
        for preset in presets()
        for section in preset.tables
        if ((n_columns := count_columns(section, headers)) >= section.min_columns or section.table == named)
        and _is_recognised(section, headers)
    ]
    found = [one for one in found if one.section.table == named] or found
    if not found:
        return ()
    best = max(found, key=lambda one: one.rank)
    if best.preset.fills_several:
        return tuple(one for one in found if one.preset is best.preset)
    return (best,)


def nearest_section(headers: HeaderIndex) -> tuple[int, tuple[str, ...]]:
    """How many columns of an opportunity a file has by its plain headers, and what it lacks of the required ones."""
    sections = [section for preset in presets() for section in preset.tables if section.table == "opportunities"]
    best = max(sections, key=lambda section: count_columns(section, headers))
    lacks = [name for name in ("opportunity_id", "stage") if not headers.has_any(best.columns[name].headers)]
    return count_columns(best, headers), tuple(lacks)


def _is_recognised(section: PresetTable, headers: HeaderIndex) -> bool:
    return all(headers.has_any(group) for group in section.all_of) and not headers.has_any(section.none_of)


def count_columns(section: PresetTable, headers: HeaderIndex) -> int:
    """Distinct headers that the section's columns find."""
    found = {
        header
        for column in section.columns.values()
        for part in (column, *column.first_of)
        for header in headers.find_all(part.headers)[:1]
    }
    return len(found)
