"""The opportunities as the export has them, one row each, with what their stage means."""

from typing import Any

from oppnb.history.coverage import Coverage, process_text
from oppnb.history.fence import is_there, small_table
from oppnb.history.source import Source
from oppnb.tables import CANONICAL

__all__ = ["attribute_columns", "exported_deals"]

OUTCOMES = ("open", "won", "lost")


def attribute_columns(source: Source) -> list[str]:
    """Columns of the export that are not canonical, in their order; they are carried along under their own names."""
    return [column for column in source["opportunities"].columns if column not in CANONICAL["opportunities"].columns]


def exported_deals(source: Source, coverage: Coverage) -> Any:
    """The opportunities with `exported_stage`, `exported_position`, `exported_outcome` and the configured `process`.

    The outcome is that of a configured stage; else what the export says; else what the stage's name says. Of an
    opportunity that appears twice, one row is taken, the same on every engine.
    """
    import ibis

    deals = source["opportunities"]
    deals = deals.filter(is_there(deals.opportunity_id))
    if coverage.has_doubles:
        deals = _one_each(deals)
    deals = deals.mutate(process_text=process_text(deals, coverage.by_process))
    stages = small_table(coverage.stages).select(
        meant_in="process_text",
        stage_text="stage_text",
        configured_process="process",
        exported_stage="known_stage",
        exported_position="stage_position",
        stage_outcome="stage_outcome",
        is_configured="is_configured",
    )
    joined = deals.left_join(stages, [deals.stage == stages.stage_text, deals.process_text == stages.meant_in])
    said = joined.outcome.lower()
    by_words = ibis.ifelse(said.isin(OUTCOMES), said, joined.stage_outcome).fill_null(joined.stage_outcome)
    outcome = ibis.ifelse(joined.is_configured.fill_null(0) == 1, joined.stage_outcome, by_words).fill_null("open")
    return joined.mutate(
        exported_outcome=outcome,
        process=joined.configured_process.fill_null(joined.process),
    ).drop("process_text", "meant_in", "stage_text", "configured_process", "stage_outcome", "is_configured", "stage")


def _one_each(deals: Any) -> Any:
    import ibis

    ties = [deals[column] for column in sorted(deals.columns)]
    numbered = deals.mutate(place=ibis.row_number().over(ibis.window(group_by="opportunity_id", order_by=ties)))
    return numbered.filter(numbered.place == 0).drop("place")
