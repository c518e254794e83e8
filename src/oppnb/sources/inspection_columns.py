"""What a column holds, without giving a person away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.sources.mapping_columns import Settings, blank, plain_text
from oppnb.sources.proposals_values import FileValues

__all__ = ["ColumnLook", "FileLook", "look_at_columns"]

_PERSONAL = re.compile(
    r"name|mail|phone|mobile|fax|contact|owner|seller|agent|manager|rep$|user|person|address|street|account|customer"
    r"|client|company|organi[sz]ation|topic|title|subject|description|note|comment|next_?\s?step|url|website|birth"
    r"|姓名|名称|邮箱|邮件|电话|手机|联系|负责人|人员|业务员|客户|公司|单位|地址|标题|主题|备注|说明|描述|下一步|提交人",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"stage|phase|status|state$|type|kind|categor|priority|source|currency|region|country|industry|sector|outcome"
    r"|阶段|状态|类型|类别|来源|币种|行业|区域|地区|国家|等级|级别",
    re.IGNORECASE,
)
_SHOWABLE = {
    "stage",
    "source",
    "region",
    "product",
    "currency",
    "outcome",
    "forecast_category",
    "process",
    "kind",
    "industry",
}
_PERSONAL_COLUMNS = {"name", "account_id", "owner_id", "contact_id", "manager_id", "next_step"}
_DATE_MARKS = re.compile(
    r"\d{1,4}\s*[-/.年]\s*\d{1,2}\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(?:19|20)\d{6}\b",
    re.IGNORECASE,
)
_FEW = 40
_LONGEST = 40


@dataclass(frozen=True)
class ColumnLook:
    """One column of a file.

    Attributes
    ----------
    header : str
        As in the file.
    kind : str
        What its values look like: date, number, yes_or_no, category (few distinct texts), key (all different), text,
        or empty.
    filled : float
        Share of rows with a value, 0-1.
    n_distinct : int
        Distinct values among the first 1,000,000 rows.
    examples : tuple of str
        At most three; none where the column may hold names, addresses or free text of people.
    fills : tuple of str
        `table.column` that it fills.
    """

    header: str
    kind: str
    filled: float
    n_distinct: int
    examples: tuple[str, ...]
    fills: tuple[str, ...]


@dataclass(frozen=True)
class FileLook:
    """One file: how it is written, how many rows it has, and its columns."""

    name: str
    format: str
    encoding: str | None
    delimiter: str | None
    n_bytes: int
    n_rows: int
    columns: tuple[ColumnLook, ...]


def look_at_columns(
    frame: pd.DataFrame, *, settings: Settings, fills: Mapping[str, tuple[str, ...]]
) -> tuple[ColumnLook, ...]:
    """Look at every column of a file; `fills` says which canonical columns a header fills."""
    values = FileValues(frame, settings)
    return tuple(_look(values, str(header), fills.get(str(header), ())) for header in frame.columns)


def _look(values: FileValues, header: str, fills: tuple[str, ...]) -> ColumnLook:
    every = values.of(header)
    filled = ~blank(every)
    texts = plain_text(every[filled].iloc[:1_000_000])
    n_distinct = int(texts.nunique())
    kind = "key" if n_distinct and _is_key(fills) else _kind(values, header, n_distinct)
    examples = _examples(texts, kind, header, fills)
    return ColumnLook(header, kind, float(filled.mean()) if len(every) else 0.0, n_distinct, examples, fills)


def _is_key(fills: tuple[str, ...]) -> bool:
    return any(name.endswith("_id") for name in fills)


def _kind(values: FileValues, header: str, n_distinct: int) -> str:
    if n_distinct == 0:
        return "empty"
    sample = values.sample(header)
    is_text = isinstance(sample.dtype, pd.StringDtype) or sample.dtype == "object"
    if is_text and n_distinct <= 2 and values.fits(header, "flag"):
        return "yes_or_no"
    if (not is_text or _has_date_marks(sample)) and values.fits(header, "day"):
        return "date" if is_text or pd.api.types.is_datetime64_any_dtype(sample.dtype) else "number"
    if values.fits(header, "number"):
        return "number"
    if values.is_unique(header):
        return "key"
    return "category" if n_distinct <= _FEW else "text"


def _has_date_marks(sample: pd.Series) -> bool:
    """Most values have the marks of a date; a plain number is none."""
    texts = plain_text(sample.iloc[:200])
    return sum(1 for text in texts if _DATE_MARKS.search(text)) > 0.5 * len(texts)


def _examples(texts: pd.Series, kind: str, header: str, fills: tuple[str, ...]) -> tuple[str, ...]:
    columns = {name.split(".", 1)[1] for name in fills}
    if columns & _PERSONAL_COLUMNS or kind in ("empty", "key", "text"):
        return ()
    if not columns & _SHOWABLE and _PERSONAL.search(header):
        return ()
    if kind == "number" and not columns and bool(texts.str.fullmatch(r"\+?\d{7,}").mean() > 0.5):
        return ()  # a telephone number, for all we know
    if kind == "category" and not columns & _SHOWABLE and not _TELLING.search(header):
        return ()  # who knows whose names they are
    shown = list(dict.fromkeys(texts.iloc[:1_000]))[:3]
    if any("@" in text for text in shown):
        return ()
    return tuple(_cut(text) for text in shown)


def _cut(text: str) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
