"""The columns of a snapshot: what was known of each deal on each day."""

from typing import Any

from oppnb.history.deals import attribute_columns
from oppnb.history.fence import days_between, float_or_null, is_missing, is_there, ratio, when
from oppnb.history.source import DEAL, Source

__all__ = ["AT_THE_CLOSE", "known_columns"]

AT_THE_CLOSE = ("lost_reason", "crm_score", "crm_score_kind")
LEARNT = ("competitor",)
AS_EXPORTED = ("opportunity_id", "as_of", "name", "account_id", "process", "currency", "source", "product", "region")
MARKS = (DEAL, "day_no", "cutoff", "since_7", "since_30", "since_90")


def known_columns(source: Source, rows: Any) -> Any:
    """The snapshot's columns (those the data can fill) of rows of `told_on_days`, with the marks of the day."""
    names = [*AS_EXPORTED, "outcome", "closed_at", *attribute_columns(source)]
    stands_still = rows.is_export_known | (rows.outcome != "open")
    return rows.select(
        *[name for name in names if name in rows.columns],
        **_stage(rows),
        **_tracked(rows),
        **_times(rows),
        **_counts(rows),
        **{name: when(stands_still, rows[name]) for name in (*LEARNT, *AT_THE_CLOSE) if name in rows.columns},
        **{name: rows[name] for name in MARKS},
    )


def _stage(rows: Any) -> dict[str, Any]:
    import ibis

    from_export = rows.takes_close | (is_missing(rows.known_stage) & rows.is_export_known)
    return {
        "stage": ibis.ifelse(from_export, rows.exported_stage, rows.known_stage),
        "stage_position": ibis.ifelse(from_export, rows.exported_position, rows.stage_position),
        "entered_stage_at": _entered_at(rows),
    }


def _entered_at(rows: Any) -> Any:
    import ibis

    return ibis.ifelse(rows.takes_close, rows.exported_closed_at, rows.entered_stage_at)


def _tracked(rows: Any) -> dict[str, Any]:
    """What the history told; else what the export says, where that can have been known on the day.

    Sellers move these columns and the close overwrites them: what the export says of a deal that was open on an earlier
    day may be of any day since. A closed deal stands still.
    """
    known, is_closed = rows.is_export_known, rows.outcome != "open"
    says = {
        "amount": known | (rows.amount_stands & is_closed),
        "owner_id": known | (rows.owner_stands & is_closed),
        "expected_close_on": known | (rows.close_stands & is_closed),
        "forecast_category": known,
        "next_step": known,
        "next_step_due_on": known,
    }
    found = {}
    for name, is_known in says.items():
        told, exported = f"told_{name}", f"exported_{name}"
        if exported in rows.columns:
            said = when(is_known, rows[exported])
            found[name] = rows[told].fill_null(said) if told in rows.columns else said
        elif told in rows.columns:
            found[name] = rows[told]
    return found


def _times(rows: Any) -> dict[str, Any]:
    import ibis

    first_at, created_at = rows.first_at, rows.exported_created_at
    from_history = is_there(first_at) & (is_missing(created_at) | (first_at < created_at))
    born_at = ibis.ifelse(from_history, first_at, created_at)
    return {
        "created_at": born_at,
        "days_in_stage": days_between(_entered_at(rows), rows.cutoff),
        "age_days": days_between(born_at, rows.closed_at.fill_null(rows.cutoff)),
    }


def _counts(rows: Any) -> dict[str, Any]:
    counting = rows.is_counting & rows.is_stage_tracked & is_there(rows.n_stage_changes)
    counting_close = counting & rows.is_close_tracked
    return {
        "n_pushes": float_or_null(counting_close, rows.n_pushes),
        "days_pushed": ratio(float_or_null(counting_close, rows.seconds_pushed), 86_400.0),
        "n_pulls": float_or_null(counting_close, rows.n_pulls),
        "n_stage_changes": float_or_null(counting, rows.n_stage_changes),
        "has_moved": when(counting, rows.n_stage_changes > 0),
        "n_stage_regressions": float_or_null(counting, rows.n_stage_regressions),
    }
