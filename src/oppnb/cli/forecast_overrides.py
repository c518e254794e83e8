"""People's figures in `oppnb forecast`: beside the model's, which they never replace."""

from typing import TYPE_CHECKING, Any

import typer

from oppnb.cli.tables_out import aligned, as_records

if TYPE_CHECKING:
    from oppnb.forecasting import Forecast
    from oppnb.locale import Formats, Words
    from oppnb.reports.forecast_people import People
    from oppnb.reports.open_forecast import OpenedForecast

__all__ = ["overrides_json", "print_overrides"]

_TOLD = ("model", "adjusted", "difference", "who", "why", "counts")


def overrides_json(opened: "OpenedForecast", found: "Forecast") -> dict[str, Any]:
    """`overrides`: the company, then all that somebody spoke of; empty where nobody did."""
    from oppnb.locale import Formats, Words

    people = _people(opened, found, Words("en"), Formats("en"))
    return {"overrides": as_records(people.overrides.astype("object").where(people.overrides.notna(), None))}


def print_overrides(opened: "OpenedForecast", found: "Forecast", *, words: "Words", formats: "Formats") -> None:
    """A sentence and a table; nothing where nobody spoke."""
    import pandas as pd

    people = _people(opened, found, words, formats)
    if people.overrides.empty:
        return
    typer.echo("\n" + words("forecast_people.title_overrides"))
    for line in people.lines:
        typer.echo(f"  {line}")
    rows = [_row(row, words, formats) for row in people.overrides.to_dict("records")]
    typer.echo(aligned(pd.DataFrame(rows)))


def _row(row: Any, words: "Words", formats: "Formats") -> dict[str, str]:
    is_deal = isinstance(row["opportunity_id"], str)
    of = row["opportunity_id"] if is_deal else row["node"]
    spoken = isinstance(row["who"], str)
    said = {name: formats.money(row[name]) for name in _TOLD[:3]}
    said |= {name: row[name] if spoken else "–" for name in ("who", "why")}
    said["counts"] = "–" if not spoken else words(f"override.{'yes' if row['counts'] else 'no'}")
    first = {words("override.of"): words("override.company") if of == "company" else str(of)}
    return first | {words(f"forecast_people.{name}"): said[name] for name in _TOLD}


def _people(opened: "OpenedForecast", found: "Forecast", words: "Words", formats: "Formats") -> "People":
    from oppnb.reports.forecast_people import people_of
    from oppnb.reports.told_forecast import ToldForecast

    return people_of(ToldForecast(opened, found, words, formats))
