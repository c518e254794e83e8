"""`oppnb decide`: keep what people decided about the proposals of a report; later reports say whether it helped."""

import json
from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Locale
from oppnb.cli.override_asked import day_asked, opened_store, today_in
from oppnb.cli.tables_out import aligned
from oppnb.errors import DataError, NothingToReadError, UsageError, path_hint

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.forecasting.proposals import Proposal
    from oppnb.locale import Words
    from oppnb.workspace import Workspace

__all__ = ["decide"]

_NEEDED = ("proposal_id", "kind", "process", "target", "before", "after", "observed", "reference", "low", "high", "n")
_LATE_DAYS = 92
"""A quarter: a decision that is kept as of today that long after the report may have been taken on another day."""
Report = Annotated[
    Path, typer.Argument(help="Folder of a retrospective or a stage calibration that proposes.", metavar="REPORT")
]
Settings = Annotated[Path, typer.Option("--workspace", "-w", help="oppnb.yaml, with store: where decisions are kept.")]
Accept = Annotated[list[int] | None, typer.Option(help="Number of a proposal as it is listed; may be repeated.")]
Decline = Annotated[list[int] | None, typer.Option(help="As --accept.")]


def decide(
    report: Report,
    workspace: Settings = Path("oppnb.yaml"),
    accept: Accept = None,
    decline: Decline = None,
    who: Annotated[str, typer.Option(help="Who decided.")] = "",
    why: Annotated[str, typer.Option(help="The reason, in their words.")] = "",
    on: Annotated[
        str | None, typer.Option(help="The day on which it was decided, e.g. 2025-07-07; by default today.")
    ] = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """List what a report proposes, and keep what was decided about it; oppnb.yaml is left as it is."""
    from oppnb.forecasting import decide as keep
    from oppnb.locale import Formats

    settings, store, words = opened_store(workspace, locale)
    proposals = _proposals(report)
    asked = {"accepted": accept or [], "declined": decline or []}
    _check(asked, n=len(proposals), who=who)
    day, proposed_on = day_asked(on) or today_in(settings), _day_of(report)
    if on is not None and proposed_on is not None and day < proposed_on:
        raise UsageError(f"--on is {day.isoformat()}, before the day of the report, {proposed_on.isoformat()}.")
    for status, numbers in asked.items():
        if numbers:
            keep(
                store,
                [proposals[number - 1] for number in numbers],
                status=status,
                who=who,
                on=day,
                why=why,
                proposed_on=proposed_on,
            )
    if on is None and proposed_on is not None and any(asked.values()) and (day - proposed_on).days > _LATE_DAYS:
        formats = Formats(words.locale)
        typer.echo(words("decide.late", report=formats.day(proposed_on), day=formats.day(day)), err=True)
    rows = _standing(proposals, store, until=max(day, today_in(settings)))
    if as_json:
        typer.echo(json.dumps(json.loads(rows.to_json(orient="records", date_format="iso")), ensure_ascii=False))
    else:
        typer.echo(aligned(_in_words(rows, settings, words)))


def _day_of(report: Path) -> date | None:
    """The day that a report is of, as its manifest says; None where it does not."""
    try:
        told = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
        return date.fromisoformat(str(told["as_of"])[:10])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _proposals(report: Path) -> "tuple[Proposal, ...]":
    import pandas as pd

    from oppnb.forecasting.proposals import proposals_of

    file = report / "tables" / "proposals.csv"
    if not report.is_dir():
        raise NothingToReadError(
            f"There is no folder '{report}'.{path_hint(report)} Give that of a retrospective or a stage calibration, "
            "such as reports/retrospective/2025-09-30."
        )
    if not file.is_file():
        raise NothingToReadError(
            f"'{report}' holds no tables/proposals.csv: it is not the folder of a report that proposes something. "
            "Give that of a retrospective or a stage calibration, such as reports/retrospective/2025-09-30."
        )
    try:
        rows = pd.read_csv(file, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"'{file}' cannot be read: {error}. Make the report again.") from error
    lacking = [name for name in _NEEDED if name not in rows]
    if lacking:
        raise DataError(f"'{file}' has no column {', '.join(lacking)}: it was changed. Make the report again.")
    found = proposals_of(rows)
    if [one.proposal_id for one in found] == list(rows["proposal_id"]):
        return found
    # A name that a spreadsheet would work out has a ' before it in the file.
    return proposals_of(rows.assign(target=rows["target"].astype("str").str.removeprefix("'")))


def _check(asked: dict[str, list[int]], *, n: int, who: str) -> None:
    """Refuse numbers that are not there, or that are given twice, before anything is written."""
    numbers = [number for given in asked.values() for number in given]
    wrong = [number for number in numbers if not 1 <= number <= n]
    if wrong:
        raise UsageError(f"The report has no proposal {wrong[0]}; it has 1 to {n}.")
    if len(set(numbers)) < len(numbers):
        raise UsageError("A proposal is given twice: accept it or decline it.")
    if numbers and not who.strip():
        raise UsageError('Who decided? Say it with --who "A. Lead", so that it can be told later.')


def _standing(proposals: "tuple[Proposal, ...]", store: object, *, until: date) -> "pd.DataFrame":
    """A row a proposal: its number, what it changes, and the last decision about it."""
    import pandas as pd

    from oppnb.forecasting import decisions

    frame = pd.DataFrame(
        {
            "number": number,
            "proposal_id": one.proposal_id,
            "kind": one.change.kind,
            "process": one.change.process,
            "target": one.change.target,
            "before": one.before,
            "after": one.change.value,
            "n": one.n,
        }
        for number, one in enumerate(proposals, start=1)
    )
    decided = decisions(store, until=until).rename(columns={"as_of": "decided_on"})  # type: ignore[arg-type]
    return frame.merge(decided[["proposal_id", "status", "who", "decided_on", "why"]], on="proposal_id", how="left")


def _in_words(rows: "pd.DataFrame", settings: "Workspace", words: "Words") -> "pd.DataFrame":
    import pandas as pd

    from oppnb.forecasting.retrospective_told import target_label
    from oppnb.locale import Formats

    formats = Formats(words.locale)

    def value(row: Mapping[Hashable, Any], name: str) -> str:
        return formats.share(row[name]) if row["kind"] == "stage_odds" else formats.number(row[name])

    told = [
        {
            "number": str(row["number"]),
            "proposal": target_label(row, settings, words),
            "before": value(row, "before"),
            "after": value(row, "after"),
            "n": formats.number(row["n"]),
            "status": words(f"decide.{row['status']}") if isinstance(row["status"], str) else words("decide.open"),
            "who": row["who"] if isinstance(row["who"], str) else "",
            "decided_on": formats.day(row["decided_on"], short=True) if pd.notna(row["decided_on"]) else "",
            "why": row["why"] if isinstance(row["why"], str) else "",
        }
        for row in rows.to_dict("records")
    ]
    frame = pd.DataFrame(told)
    return frame.rename(columns={name: words(f"decide.{name}") for name in frame})
