"""`oppnb audit`: what is wrong with the data, how many rows, which, and what was done."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Data, WorkspaceFile
from oppnb.cli.writable import check_folder

if TYPE_CHECKING:
    from oppnb.tables import Finding

__all__ = ["audit"]

RejectedFolder = Annotated[
    Path | None, typer.Option("--out", help="Folder for rejected.csv, the rows that were set aside.")
]
Locale = Annotated[str | None, typer.Option(help="en or zh_CN; by default the workspace's.")]


def audit(
    data: Data,
    workspace: WorkspaceFile = None,
    out: RejectedFolder = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Check the data of an export: each rule that rows break, how many, the first keys, the money they touch."""
    from oppnb.locale import Words
    from oppnb.sources import read_tables
    from oppnb.stages import with_presets
    from oppnb.tables import audit_tables, write_rejected
    from oppnb.workspace import read_workspace

    settings = with_presets(read_workspace(workspace))
    check_folder(out)
    reading = read_tables(data, workspace=settings)
    result = audit_tables(reading.tables, workspace=settings, reading_findings=reading.findings)
    if as_json:
        typer.echo(json.dumps([_plain(finding) for finding in result.findings], ensure_ascii=False, indent=1))
    else:
        typer.echo(_table(result.findings, locale=locale or settings.locale, currency=settings.currency))
    if out is not None:
        words, place = Words(locale or settings.locale), write_rejected(result, out)
        typer.echo(words("cli.set_aside_in", n=f"{len(result.rejected):,}", path=place), err=True)


def _plain(finding: "Finding") -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "table": finding.table,
        "rows": finding.n_rows,
        "checked": finding.n_checked,
        "share": round(finding.share, 6),
        "first_keys": list(finding.first_keys),
        "amount": finding.amount,
        "done": finding.done,
    }


def _table(findings: "tuple[Finding, ...]", *, locale: str, currency: str | None) -> str:
    from oppnb.locale import Formats, Words

    words, formats = Words(locale), Formats(Words(locale).locale, currency=currency)
    if not findings:
        return words("cli.nothing_found")
    lines = [words("cli.broken_rules"), ""]
    for found in findings:
        share = formats.share(found.share, digits=1)
        lines.append(words("cli.broken_rule", table=found.table, rule=words.get("rule." + found.rule, found.rule)))
        rows, checked = formats.number(found.n_rows), formats.number(found.n_checked)
        counted = words("cli.rows_of", rows=rows, checked=checked, share=share)
        money = "" if found.amount is None else f"  {formats.money(found.amount)}"
        keys = "  " + words("cli.first_keys", keys=", ".join(found.first_keys)) if found.first_keys else ""
        lines.append(f"    {counted}{money}  {words('cli.done_' + found.done)}{keys}")
        lines.extend(f"    {words('note.' + note.code, **note.values)}" for note in [found.note] if note is not None)
    return "\n".join(lines)
