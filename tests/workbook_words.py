"""What a workbook for a reader of Chinese still says in codes or English, and numbers that are written as text."""

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl

_ENGLISH = re.compile(r"[ -~]*[A-Za-z]{2,}[ -~]*")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_WORDS = {"True", "False", "money", "count", "share", "ratio", "days", "open", "won", "lost", "higher", "lower", "none"}
_WORDS |= {"total", "quarter", "month", "week", "period", "closed"}
_NUMBER = re.compile(r"[-−]?[\d,]+(\.\d+)?\s*(%|天|万|个|倍)")
_OF_THE_FILE = ("列名", "字段", "文件", "建议编号", "销售流程", "取值")
"""Heads of columns that hold what stands in the client's own files, or a key of ours that `oppnb decide` asks for."""
_SAME = ("AUC",)


def left_in_english(path: Path) -> list[str]:
    """Each head, code and number as text, with its sheet; data that the client wrote in English is left alone."""
    return [found for sheet in openpyxl.load_workbook(path) for found in _of_sheet(sheet)]


def _of_sheet(sheet: object) -> Iterator[str]:
    heads, *rows = sheet.iter_rows(values_only=True)
    names = ["" if head is None else str(head) for head in heads]
    yield from (f"{sheet.title}: head {name!r}" for name in names if _ENGLISH.fullmatch(name) and name not in _SAME)
    for place, name in enumerate(names):
        if name not in _OF_THE_FILE:
            texts = {row[place] for row in rows if isinstance(row[place], str)}
            yield from (f"{sheet.title}, {name}: {text!r}" for text in sorted(texts) if _is_left(text))


def _is_left(text: str) -> bool:
    return bool(text in _WORDS or _CODE.fullmatch(text) or _NUMBER.fullmatch(text))
