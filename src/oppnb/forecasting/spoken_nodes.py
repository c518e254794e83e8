"""What people said of parts of the company for periods that are over, beside what came and what the model had said."""

from datetime import timedelta
from typing import Any

import pandas as pd

from oppnb.forecasting.nodes import COMPANY, node_parts
from oppnb.forecasting.overrides import TAKEN_BACK, WITHDRAWAL
from oppnb.forecasting.published import published_beside_actuals
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.periods import Period, parse_period

__all__ = ["judge_spoken_nodes", "tell_spoken_nodes"]

_COLUMNS = {
    **dict.fromkeys(["node", "period"], "str"),
    "as_of": "datetime64[us]",
    "who": "str",
    **dict.fromkeys(["value", "actual", "difference", "model"], "float64"),
    "standing": "str",
}


def judge_spoken_nodes(spoken: pd.DataFrame, said: pd.DataFrame, book: PipelineBook) -> pd.DataFrame:
    """The last word on each part and period that is over, as it stood when the period ended.

    Parameters
    ----------
    spoken : DataFrame
        Of `oppnb.forecasting.overrides.override_rows`.
    said : DataFrame
        Of `oppnb.forecasting.forecasts_known`. A forecast of a part is there where its slice was forecast by itself
        (`--only region=North`).
    book : PipelineBook
        What came; a deal belongs to the part that the book has it in.

    Returns
    -------
    DataFrame
        By `period` and `node`: `as_of` (the day it was said), `who`, `value`, `actual` (won by the part in the
        period), `difference` (`value` less `actual`), `model` (told of the same part last before or on that day;
        null where no forecast is remembered), `standing`: `judged`, `written_late` (after the period's end), or
        `no_such_part` (the data no longer tells of it); `actual` and `difference` are null unless judged.
    """
    taken = spoken["standing"].isin([WITHDRAWAL, TAKEN_BACK])
    rows = spoken[spoken["node"].notna() & (spoken["node"] != COMPANY) & spoken["period"].notna() & ~taken]
    found = [
        made
        for (name, _), one in rows.groupby(["period", "node"], sort=True)
        if (period := _period(str(name), book)).end <= book.known_on
        and (made := _judged(one, period, said, book)) is not None
    ]
    return pd.DataFrame(found, columns=list(_COLUMNS)).astype(_COLUMNS)


def tell_spoken_nodes(found: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """How many words on parts are judged, how far off they were, and why others are not; empty where there are none."""
    judged = found[found["standing"] == "judged"]
    beside = judged[judged["model"].notna()]
    lines = []
    if len(judged):
        size = float(judged["actual"].abs().sum())
        share = formats.share(float(judged["difference"].abs().sum()) / size if size else None)
        lines.append(words.counted("forecast_people.nodes_judged", n=len(judged), share=share))
    if len(beside):
        off = {name: (beside[name] - beside["actual"]).abs() for name in ("value", "model")}
        nearer = int((off["value"] < off["model"]).sum())
        lines.append(words.counted("forecast_people.nodes_beside", n=len(beside), nearer=formats.number(nearer)))
    if alone := len(judged) - len(beside):
        lines.append(words.counted("forecast_people.nodes_alone", n=alone))
    counts = {one: int((found["standing"] == one).sum()) for one in ("written_late", "no_such_part")}
    return lines + [words.counted(f"forecast_people.nodes_{one}", n=n) for one, n in counts.items() if n]


def _period(name: str, book: PipelineBook) -> Period:
    return parse_period(name, fiscal_year_start=book.workspace.calendar.fiscal_year_start)


def _judged(rows: pd.DataFrame, period: Period, said: pd.DataFrame, book: PipelineBook) -> dict[str, Any] | None:
    """The last word said by the period's end; None where all came later and there was nothing left to foresee."""
    end = pd.Timestamp(period.end)
    in_time = rows[rows["as_of"] <= end]
    if in_time.empty:
        return None
    written = in_time[in_time["seen_at"] < end + timedelta(days=2)]  # days differ by zone
    row = (in_time if written.empty else written).iloc[-1]
    made = {name: row[name] for name in ("node", "period", "as_of", "who", "value")}
    came = _came(str(row["node"]), period, book)
    standing = "written_late" if written.empty else "no_such_part" if came is None else "judged"
    if standing == "judged":
        made |= {"actual": came, "difference": float(row["value"]) - float(came or 0.0)}
    return made | {"model": _of_model(row, said), "standing": standing}


def _came(node: str, period: Period, book: PipelineBook) -> float | None:
    column, value = node_parts(node)
    if column not in book.deals or not book.deals[column].astype("str").eq(str(value)).any():
        return None
    won = book.won_between(period.start, period.end)
    return float(won.loc[won[column].astype("str") == value, "amount_base"].sum())


def _of_model(row: pd.Series, said: pd.DataFrame) -> float | None:
    """What was told of the part by then, last."""
    known = said[(said["node"] == row["node"]) & (said["period"] == row["period"]) & (said["as_of"] <= row["as_of"])]
    told = published_beside_actuals(known, {str(row["period"]): 0.0})
    return None if told.empty else float(told["expected_amount"].iloc[-1])
