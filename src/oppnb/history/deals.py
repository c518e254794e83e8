"""The opportunities as the export has them, one row each, with what their stage means."""

from typing import Any

from oppnb.history.coverage import Coverage, process_text
from oppnb.history.fence import is_missing, is_there, small_table
from oppnb.history.source import DEAL, Source
from oppnb.tables import CANONICAL

__all__ = ["KNOWN_FROM", "KNOWN_UNTIL", "attribute_columns", "exported_deals", "were_there"]

KNOWN_FROM, KNOWN_UNTIL = "known_from_", "known_until_"
"""Of deals that only oppnb remembers: from and until when an export held them; null for the others."""

OUTCOMES = ("open", "won", "lost")
ALWAYS = ("opportunity_id", DEAL, "created_at", "closed_at", "process", "currency")
INTO_OTHERS = ("stage", "outcome")


def attribute_columns(source: Source) -> list[str]:
    """Columns of the export that are not canonical, in their order; they are carried along under their own names."""
    canonical = (*CANONICAL["opportunities"].columns, DEAL, KNOWN_FROM, KNOWN_UNTIL)
    return [column for column in source["opportunities"].columns if column not in canonical]


def exported_deals(source: Source, coverage: Coverage) -> Any:
    """The opportunities with `exported_stage`, `exported_position`, `exported_outcome` and the configured `process`.

    The outcome is that of a configured stage; else what the export says; else what the stage's name says. Of an
    opportunity that appears twice, one row is taken, the same on every engine. Of the other columns, those that the
    data really has.
    """
    import ibis

    deals = source["opportunities"]
    deals = deals.filter(is_there(deals.opportunity_id))
    if coverage.has_doubles:
        deals = _one_each(deals)
    stages = small_table(coverage.stages)
    meant = [
        deals.stage.fill_null("") == stages.stage_text,
        process_text(deals, coverage.by_process) == stages.process_text,
    ]
    joined = deals.left_join(stages, meant, rname="meant_{name}")
    said = joined.outcome.lower()
    by_words = ibis.ifelse(said.isin(OUTCOMES), said, joined.stage_outcome).fill_null(joined.stage_outcome)
    by_stage = ibis.ifelse(joined.is_configured.fill_null(0) == 1, joined.stage_outcome, by_words)
    kept = [name for name in deals.columns if name in ALWAYS or source.has("opportunities", name)]
    return joined.select(
        *[name for name in kept if name != "process" and name not in INTO_OTHERS],
        process=joined.meant_process.fill_null(joined.process),
        exported_stage=joined.known_stage,
        exported_position=joined.stage_position,
        exported_outcome=by_stage.fill_null("open"),
    )


def were_there(rows: Any) -> Any:
    """The rows (with `cutoff`) of deals that an export held at the end of the day; those of the data always are."""
    if KNOWN_UNTIL not in rows.columns:
        return rows
    from_then = is_missing(rows[KNOWN_FROM]) | (rows[KNOWN_FROM] < rows.cutoff)
    return rows.filter(from_then & (is_missing(rows[KNOWN_UNTIL]) | (rows[KNOWN_UNTIL] >= rows.cutoff)))


def _one_each(deals: Any) -> Any:
    import ibis

    ties = [deals[column] for column in sorted(deals.columns) if column != DEAL]
    numbered = deals.mutate(place=ibis.row_number().over(ibis.window(group_by="opportunity_id", order_by=ties)))
    return numbered.filter(numbered.place == 0).drop("place")
