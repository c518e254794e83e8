"""Scores back into the CRM: a file by id for any of them, and the score entity of Dynamics 365."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import numpy as np
import pandas as pd

from oppnb.errors import ColumnMissingError, DataError, first_keys
from oppnb.tables.spreadsheet_text import FORMULA_SIGNS, without_formulas

__all__ = ["SCORE_HEADERS", "check_write_back_ids", "dynamics_payload", "write_dynamics_scores", "write_score_csv"]

SCORE_HEADERS: Mapping[str, str] = {
    "opportunity_id": "opportunity_id",
    "as_of": "scored_on",
    "score": "score",
    "win_probability": "win_probability",
    "attribute_points": "attribute_points",
    "behaviour_points": "behaviour_points",
    "grade": "grade",
    "trend": "trend",
    "reasons": "reasons",
}
"""Columns of the file by default, and their headers; those that the scores do not have are left out."""

_TREND = {"improving": 0, "steady": 1, "declining": 2, "not_known": 3}
_GRADE = {"hot": 0, "warm": 1, "cold": 2}


def write_score_csv(scores: pd.DataFrame, path: str | Path, *, headers: Mapping[str, str] | None = None) -> Path:
    """Write scores by id, for the import of any CRM.

    Parameters
    ----------
    scores : DataFrame
        One row a deal: `opportunity_id`, `win_probability`, and any of `SCORE_HEADERS`; `score` is the probability in
        whole percent where the scores have no such column. A list of texts is joined by "; ".
    path : path
        The file; it appears when it is complete. UTF-8 with a byte-order mark, so that a spreadsheet reads it too.
    headers : mapping of str to str, optional
        Column -> header in the CRM, in this order; by default `SCORE_HEADERS`. Deals whose ids a CRM would have to
        match are never changed.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ColumnMissingError
        If a column of `headers` is not there.
    DataError
        If an id begins with a sign that a spreadsheet takes for a formula: changed, the CRM would not find the deal;
        unchanged, the file would not be safe to open. Other texts of that kind get an apostrophe in front.
    """
    told = _with_score(scores)
    wanted = headers or {column: header for column, header in SCORE_HEADERS.items() if column in told.columns}
    missing = [column for column in wanted if column not in told.columns]
    if missing:
        raise ColumnMissingError(f"The scores have no column '{missing[0]}' to write back.")
    check_write_back_ids(told["opportunity_id"], kind="csv")
    safe = {header: _safe(told[column], is_key=column == "opportunity_id") for column, header in wanted.items()}
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{uuid4().hex[:8]}.unfinished")
    pd.DataFrame(safe).to_csv(
        unfinished, index=False, encoding="utf-8-sig", lineterminator="\n", date_format="%Y-%m-%d"
    )
    unfinished.replace(target)
    return target


def _with_score(scores: pd.DataFrame) -> pd.DataFrame:
    if "score" in scores.columns or "win_probability" not in scores.columns:
        return scores
    return scores.assign(score=(100 * scores["win_probability"]).round().astype("Int64"))


def _safe(values: pd.Series, *, is_key: bool) -> pd.Series:
    if is_key or pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values
    return without_formulas(values.map(_on_one_line).astype("str"))


def _on_one_line(value: Any) -> str | None:
    """The text without line ends and tabs; a list of texts joined."""
    if isinstance(value, (list, tuple, np.ndarray)):
        value = "; ".join(str(part) for part in value)
    return None if value is None or pd.isna(value) else " ".join(str(value).split())


def check_write_back_ids(ids: pd.Series, *, kind: Literal["csv", "dynamics"]) -> None:
    """Refuse ids that cannot go back into the CRM; asked before the work, it costs nothing.

    Parameters
    ----------
    ids : Series
        Of the deals or leads.
    kind : {'csv', 'dynamics'}
        A file by id, or requests for Dynamics 365.

    Raises
    ------
    DataError
        If an id begins with a sign that a spreadsheet takes for a formula (csv), or is no GUID (dynamics).

    Examples
    --------
    >>> check_write_back_ids(pd.Series(["00412"]), kind="csv")
    >>> check_write_back_ids(pd.Series(["00412"]), kind="dynamics")
    Traceback (most recent call last):
    oppnb.errors.DataError: 1 of 1 values of 'opportunity_id' are no GUIDs, as Dynamics has them (first: '00412').
    """
    if kind == "csv":
        _refuse(ids, ids.astype("str").str.startswith(FORMULA_SIGNS), "begin with a sign of a formula")
    else:
        _refuse(ids, ~ids.map(_is_guid).astype(bool), "are no GUIDs, as Dynamics has them")


def _refuse(ids: pd.Series, wrong: pd.Series, why: str) -> None:
    if wrong.any():
        keys = first_keys([repr(key) for key in ids[wrong]])
        raise DataError(f"{int(wrong.sum()):,} of {len(ids):,} values of 'opportunity_id' {why} (first: {keys}).")


def dynamics_payload(
    scores: pd.DataFrame, *, entity_type: Literal["opportunity", "lead"] = "opportunity"
) -> list[dict[str, Any]]:
    """Requests that put scores into `msdyn_predictivescores`, the score entity of Dynamics 365 Sales.

    Parameters
    ----------
    scores : DataFrame
        `opportunity_id` (the record's GUID), `win_probability`, and where known `grade`, `trend`, `as_of`.
    entity_type : {'opportunity', 'lead'}
        Whose ids these are.

    Returns
    -------
    list of dict
        One a deal, by id: `method` (PATCH on the entity's alternate key, which makes the record where there is none),
        `path` (below the environment's address) and `body`: `msdyn_score` (0-100), `msdyn_scoretrend` (0 improving,
        1 steady, 2 declining, 3 not enough info), `msdyn_grade` (hot is A, warm B, cold C; D is not used),
        `msdyn_scoredon`. Reasons are left out: how the CRM wants them written is not documented.

    Raises
    ------
    DataError
        If an id is no GUID, or a probability is missing.

    References
    ----------
    .. [1] Microsoft, "Populate predictive scores using custom scoring model", Dynamics 365 Sales documentation, 2025;
       "msdyn_predictivescore table/entity reference", 2024.

    Examples
    --------
    >>> key = "00aa00aa-bb11-cc22-dd33-44ee44ee44ee"
    >>> scores = pd.DataFrame({"opportunity_id": [key], "win_probability": [0.9], "grade": ["hot"]})
    >>> dynamics_payload(scores)[0]["body"]
    {'msdyn_score': 90, 'msdyn_scoretrend': 3, 'msdyn_grade': 0}
    """
    check_write_back_ids(scores["opportunity_id"], kind="dynamics")
    _refuse(scores["opportunity_id"], ~scores["win_probability"].between(0, 1), "have no probability between 0 and 1")
    rows = scores.sort_values("opportunity_id").to_dict("records")
    return [
        {
            "method": "PATCH",
            "path": "/api/data/v9.2/msdyn_predictivescores("
            f"msdyn_entityid='{UUID(str(row['opportunity_id']))}',msdyn_entitytype='{entity_type}')",
            "body": _body({str(name): value for name, value in row.items()}),
        }
        for row in rows
    ]


def _is_guid(key: object) -> bool:
    try:
        return str(UUID(str(key))) == str(key).casefold()
    except ValueError:
        return False


def _body(row: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "msdyn_score": round(100 * float(row["win_probability"])),
        "msdyn_scoretrend": _TREND.get(str(row.get("trend")), _TREND["not_known"]),
    }
    if row.get("grade") in _GRADE:
        body["msdyn_grade"] = _GRADE[row["grade"]]
    if "as_of" in row and not pd.isna(row["as_of"]):
        body["msdyn_scoredon"] = pd.Timestamp(row["as_of"]).date().isoformat()
    return body


def write_dynamics_scores(
    scores: pd.DataFrame, path: str | Path, *, entity_type: Literal["opportunity", "lead"] = "opportunity"
) -> Path:
    """Write `dynamics_payload` as a JSON file, which appears when it is complete."""
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{uuid4().hex[:8]}.unfinished")
    text = json.dumps({"requests": dynamics_payload(scores, entity_type=entity_type)}, indent=1)
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(target)
    return target
