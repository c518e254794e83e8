"""What an export lacks, and what it would give: tables, columns, history; figures and sections that wait for them."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from oppnb.errors import UsageError
from oppnb.history.coverage import STATE_COLUMNS, read_coverage
from oppnb.locale import Words
from oppnb.metrics import missing_needs
from oppnb.reports.declarations import read_declaration
from oppnb.reports.quality_read import column_name, table_name
from oppnb.reports.templates import list_templates
from oppnb.tables import CANONICAL

__all__ = ["figures_waiting", "history_by_field", "tables_missing"]


def tables_missing(review: Any, words: Words) -> pd.DataFrame:
    """Tables that the export does not have: `table`, `gives` (what they are for), `sections` (of reports, that wait).

    Of a slice the leads are not among them where they cannot be cut: they may be there.
    """
    is_unknown = {"leads"} if any(note.code == "slice_without_leads" for note in review.notes) else set()
    waiting = _sections_by_table(words)
    rows = [
        [table_name(name, words), words(f"quality.gives_{name}"), waiting.get(name, "–")]
        for name in CANONICAL
        if name not in review.tables and name not in is_unknown
    ]
    return pd.DataFrame(rows, columns=["table", "gives", "sections"]).astype("str")


def _sections_by_table(words: Words) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for title, section, table in _needs(words):
        found.setdefault(table, []).append(words("quality.section_of", section=section, report=title))
    return {table: words("review.comma").join(dict.fromkeys(said)) for table, said in found.items()}


def _needs(words: Words) -> Iterator[tuple[str, str, str]]:
    for template in list_templates():
        try:
            declared = read_declaration(template.path)
        except UsageError:  # a broken description of one template is no fault of the data
            continue
        for section, tables in ({} if declared is None else declared.sections).items():
            for table in tables:
                named = words.get(f"report_forecast.section_{section}", section.replace("_", " "))
                heading = words.get(f"report.section_{section}", named)
                yield declared.title_in(words) if declared else template.name, heading, table


def figures_waiting(review: Any, words: Words) -> pd.DataFrame:
    """Figures that cannot be told, by what they wait for: `needs`, `n_figures`, `figures`; most figures first."""
    found: dict[str, list[str]] = {}
    for row in review.missing().to_dict("records"):
        for need in missing_needs(row["metric"], review.inputs, variant=row["variant"]):
            found.setdefault(need.text(words), []).append(row["name"])
    rows = [[need, len(set(names)), words("review.comma").join(dict.fromkeys(names))] for need, names in found.items()]
    frame = pd.DataFrame(rows, columns=["needs", "n_figures", "figures"])
    return frame.sort_values(["n_figures", "needs"], ascending=[False, True], kind="stable", ignore_index=True)


def history_by_field(review: Any, words: Words) -> pd.DataFrame:
    """What moves in a deal, and whether its earlier values are known.

    Returns
    -------
    DataFrame
        `column`, `told_by` (the export's history, oppnb's memory of earlier exports, or nothing), `known_from` (first
        moment; null without), `gives` (what rests on it).
    """
    covered = read_coverage(review.source, review.workspace)
    rows = []
    for name in STATE_COLUMNS:
        first = covered.first_at.get(name)
        by = "nothing" if first is None else "export" if name in covered.own_first_at else "memory"
        rows.append([column_name(name, words), words(f"quality.told_by_{by}"), first, words(f"quality.history_{name}")])
    frame = pd.DataFrame(rows, columns=["column", "told_by", "known_from_at", "gives"])
    return frame.assign(known_from_at=pd.to_datetime(frame["known_from_at"]))
