"""Old reports are removed by rule; the last good one never is."""

from contextlib import suppress
from datetime import date
from pathlib import Path

from oppnb.reports.publishing import remove
from oppnb.runs.catalogue import found_all_there, run_path, runs_in
from oppnb.workspace import Keep

__all__ = ["beyond", "forget_empty_runs", "remove_old"]

_MOST_EMPTY = 100


def beyond(days: list[date], keep: Keep) -> list[date]:
    """Which reports of one template and slice are beyond the rule.

    Age is counted from the latest report, not from today: a clock that is wrong removes nothing.

    Examples
    --------
    >>> beyond([date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)], Keep(reports=2))
    [datetime.date(2026, 1, 5)]
    >>> beyond([date(2020, 1, 6)], Keep(days=1))
    []
    """
    latest_first = sorted(days, reverse=True)
    return sorted(
        day
        for place, day in enumerate(latest_first)
        if place > 0
        and (
            (keep.reports is not None and place >= keep.reports)
            or (keep.days is not None and (latest_first[0] - day).days > keep.days)
        )
    )


def remove_old(parent: Path, keep: Keep) -> list[Path]:
    """Remove the reports of one template and slice that are beyond the rule, and as many of the failed ones.

    Returns
    -------
    list of Path
        What was removed.
    """
    known = {day: path for path in parent.glob("*-*-*") if path.is_dir() and (day := _day(path.name)) is not None}
    gone = [known[day] for day in beyond(list(known), keep)]
    failed = sorted(path for path in (parent / "failed").glob("*") if path.is_dir())
    if keep.reports is not None:
        gone += failed[: -keep.reports]
    for path in gone:
        remove(path)
    return gone


def forget_empty_runs(folder: Path) -> None:
    """Of the runs of one name that found every report as it was, only the latest hundred stay in the catalogue.

    A schedule that looks every hour must not fill the folder.
    """
    empty = [run for run in runs_in(folder) if found_all_there(run)]
    for run in empty[:-_MOST_EMPTY]:
        with suppress(OSError):
            run_path(folder, str(run["id"])).unlink()


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
