"""Overrides in the reader's words, and as records for a machine."""

import json
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from oppnb.locale import Words
    from oppnb.workspace import Workspace

__all__ = ["in_words", "print_one", "records"]


def print_one(rows: "pd.DataFrame", key: str, settings: "Workspace", words: "Words", *, as_json: bool) -> None:
    """Say what was added or taken back."""
    from oppnb.forecasting.withdrawing import short_id

    if as_json:
        typer.echo(json.dumps(records(rows), ensure_ascii=False, indent=1))
        return
    first = rows.iloc[0]
    figures = words("override.comma").join(_figure(row, settings, words) for row in rows.to_dict("records"))
    period = first["period"]
    whole = "said" if not isinstance(period, str) else "said_period"
    said = words(f"override.{whole}", of=_of(rows, words).iloc[0], period=period, figures=figures)
    typer.echo(words(f"override.{key}", id=short_id(first["override_id"]), said=said))


def _figure(row: Any, settings: "Workspace", words: "Words") -> str:
    from oppnb.locale import Formats

    formats, figure = Formats(words.locale, currency=settings.currency), row["figure"]
    if figure == "expected_close_on":
        value = formats.day(row["day"])
    else:
        value = formats.share(row["value"]) if figure == "chance" else formats.money(row["value"])
    return words(f"override.figure_{figure}", value=value)


def _of(rows: "pd.DataFrame", words: "Words") -> "pd.Series":
    """The deal, or the part by its column and value."""
    of = rows["opportunity_id"].where(rows["opportunity_id"].notna(), rows["node"])
    return of.where(of != "company", words("override.company"))


def in_words(rows: "pd.DataFrame", settings: "Workspace", words: "Words", *, standing: bool) -> "pd.DataFrame":
    """A row a figure, with headings; moments in the workspace's time zone."""
    import pandas as pd

    from oppnb.forecasting.withdrawing import short_id

    zone = settings.calendar.time_zone
    shown = {
        "id": rows["override_id"].map(short_id),
        "of": _of(rows, words),
        "period": rows["period"].astype("object").where(rows["period"].notna(), words("override.any_period")),
        "figure": [_figure(row, settings, words) for row in rows.to_dict("records")],
        "who": rows["who"],
        "said_at": rows["said_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M"),
        "why": rows["why"],
    }
    if standing:
        shown["standing"] = [words(f"override.standing_{one}") for one in rows["standing"]]
    return pd.DataFrame({words(f"override.{name}"): values for name, values in shown.items()}, index=rows.index)


def records(rows: "pd.DataFrame") -> list[dict[str, Any]]:
    """One mapping a figure; moments in UTC."""
    from oppnb.cli.tables_out import as_records

    columns = ["override_id", "opportunity_id", "node", "period", "figure", "value", "day", "who", "why", "standing"]
    moments = [f"{moment.isoformat(timespec='seconds')}Z" for moment in rows["said_at"]]
    found = as_records(rows[columns].astype({"value": "float64"}).astype("object").where(rows[columns].notna(), None))
    return [{**row, "said_at": moment} for row, moment in zip(found, moments, strict=True)]
