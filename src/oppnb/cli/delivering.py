"""`oppnb alerts`, `oppnb deliver`: what calls for a look now, and sending it with a report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oppnb.cli.arguments import AsJson, Data, Only, WorkspaceFile, read_only
from oppnb.errors import UsageError

if TYPE_CHECKING:
    from oppnb.delivery import DeliveryResult, Findings
    from oppnb.locale import Words

__all__ = ["alerts", "deliver"]

Day = Annotated[str | None, typer.Option(help="Day of knowledge, e.g. 2017-09-30; by default the export's day.")]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]
BY_DEFAULT = Path("oppnb.yaml")


def alerts(
    data: Data,
    as_of: Day = None,
    workspace: WorkspaceFile = None,
    locale: Locale = None,
    only: Only = None,
    out: Annotated[Path | None, typer.Option(help="Write all of them to this file, a .csv.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what the alerts of oppnb.yaml find now, and which cannot be judged and why; nothing is sent."""
    from oppnb.cli.alert_lines import alert_lines
    from oppnb.cli.tables_out import check_suffix
    from oppnb.cli.writable import check_writable
    from oppnb.delivery import find_alerts, open_memory
    from oppnb.delivery.alert_list import write_list
    from oppnb.locale import Formats, Words
    from oppnb.workspace import read_workspace

    check_suffix(out, (".csv",))
    check_writable(out)

    file = _workspace_file(workspace)
    settled = read_workspace(file)
    words = Words(locale or settled.locale)
    memory = open_memory(settled, beside=file.parent)
    found = find_alerts(data, as_of=as_of, workspace=file, only=read_only(only), memory=memory)
    formats = Formats(words.locale, currency=found.currency)
    if out is not None:
        write_list(found.alerts, out, words=words, formats=formats)
    if as_json:
        told = {
            "as_of": found.as_of.isoformat(),
            "slice": found.scope or None,
            "currency": found.currency,
            "alerts": [alert.to_dict(words.locale) for alert in found.alerts],
            "missing": [{"when": one.when, "text": one.texts[words.locale]} for one in found.missing],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not settled.alerts:
        typer.echo(words("delivery.no_alerts_declared"))
    elif not found.alerts:
        typer.echo(words("delivery.none_found", day=formats.day(found.as_of)))
    else:
        counted = {"n": len(found.alerts), "count": formats.number(len(found.alerts))}
        typer.echo(words.counted("delivery.found_on", **counted, day=formats.day(found.as_of)))
    for line in alert_lines(found.alerts, words=words, formats=formats, all_in=out):
        typer.echo(line)
    _tell_missing(found, words)


def deliver(
    report_folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of a report; left out, alerts alone are sent.", metavar="REPORT_FOLDER"),
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help="Who gets the report, by name in oppnb.yaml; may be repeated.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--alerts-of", metavar="DATA", help="Send what the alerts find in this export, too.")
    ] = None,
    as_of: Day = None,
    workspace: WorkspaceFile = None,
    only: Only = None,
    locale: Locale = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show exactly what would be sent, and to whom; send nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send a report and alerts to the channels of oppnb.yaml; each alert once, to the owner of its deal."""
    from oppnb.delivery import deliver as send
    from oppnb.delivery import find_alerts, open_memory
    from oppnb.locale import Words
    from oppnb.workspace import read_workspace

    _refuse_nothing(report_folder, channel, data)
    file = _workspace_file(workspace)
    settled = read_workspace(file)
    words = Words(locale or settled.locale)
    memory = found = None
    if data is not None:
        memory = open_memory(settled, beside=file.parent)
        asked = read_only(only) or _slice_of(report_folder)  # beside a slice's report, nothing of another slice
        found = find_alerts(data, as_of=as_of, workspace=file, only=asked, memory=memory)
        _tell_missing(found, words)
    done = send(
        report_folder,
        found,
        workspace=settled,
        folder=file.parent,
        channels=channel or (),
        memory=memory,
        dry_run=dry_run,
    )
    _print(done, words, as_json=as_json)
    done.raise_for_failure(words)


def _tell_missing(found: "Findings", words: "Words") -> None:
    for one in found.missing:
        typer.echo(words("delivery.missing", when=one.when, why=one.texts[words.locale]), err=True)


def _slice_of(report_folder: Path | None) -> dict[str, str] | None:
    """The slice that a report is of, as its manifest says."""
    try:
        told = json.loads(((report_folder or Path()) / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    only = told.get("only") if report_folder is not None and isinstance(told, dict) else None
    return only if isinstance(only, dict) and only else None


def _workspace_file(workspace: Path | None) -> Path:
    if workspace is not None:
        return workspace
    if not BY_DEFAULT.is_file():
        raise UsageError("Channels and alerts stand in oppnb.yaml, and there is none here: name it with --workspace.")
    return BY_DEFAULT


def _refuse_nothing(report_folder: Path | None, channels: list[str] | None, data: str | None) -> None:
    if report_folder is None and data is None:
        raise UsageError("There is nothing to send: name the folder of a report, or an export with --alerts-of.")
    if report_folder is not None and not channels:
        raise UsageError("Nobody is to get the report: name a channel of oppnb.yaml with --channel.")


def _print(done: "DeliveryResult", words: "Words", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(done.to_dict(), ensure_ascii=False, indent=1))
        return
    for one in done.outcomes:
        typer.echo("\n".join(one.describe(words)))
        if done.is_dry_run and one.content:
            typer.echo(json.dumps(one.content, ensure_ascii=False, indent=1))
    if done.unrouted:
        typer.echo(words.counted("delivery.unrouted", n=len(done.unrouted)), err=True)
