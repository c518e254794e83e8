"""Several currencies, and currencies that cannot be converted."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.audit.money import latest_rates
from oppnb.tables.audit.row_rules import RowRule, find_breaches
from oppnb.tables.findings import Note

__all__ = ["find_currency_faults"]

_WITH_MONEY = {
    "opportunities": "amount",
    "payments": "amount",
    "targets": "amount",
    "line_items": "unit_price",
    "subscriptions": "amount",
}
_RATES = (
    RowRule(
        "rate_to_base_is_positive",
        "exchange_rates",
        ("rate_to_base",),
        good=lambda frame, _: (frame["rate_to_base"] > 0) & (frame["rate_to_base"] < np.inf),
    ),
)


def find_currency_faults(case: Case) -> Iterator[Breach]:
    """Mixed currencies, currencies without a rate, missing and impossible codes."""
    yield from find_breaches(case, _RATES)
    yield from _mixed(case)
    everywhere: set[str] = set()
    for table, amount in _WITH_MONEY.items():
        if case.has(table, amount, "currency"):
            everywhere |= set(case.tables[table]["currency"].dropna().unique())
    for table, amount in _WITH_MONEY.items():
        if case.has(table, amount, "currency"):
            yield from _of_table(case, table, amount, everywhere)


def _mixed(case: Case) -> Iterator[Breach]:
    if not case.has("opportunities", "amount", "currency"):
        return
    frame = case.tables["opportunities"]
    asked = (frame["amount"].notna() & frame["currency"].notna()).to_numpy()
    counts = frame.loc[asked, "currency"].value_counts()
    order = sorted(((int(count), str(code)) for code, count in counts.items()), key=lambda item: (-item[0], item[1]))
    if len(order) < 2:
        return
    rows = asked & (frame["currency"] != order[0][1]).to_numpy(dtype=bool)
    shown = ", ".join(f"{code} ({count:,})" for count, code in order[:6])
    note = Note("audit_currencies", {"n": len(order), "currencies": shown, "base": case.base or "-"})
    yield Breach("amounts_are_in_one_currency", "opportunities", rows, int(asked.sum()), note)


def _of_table(case: Case, table: str, amount: str, everywhere: set[str]) -> Iterator[Breach]:
    frame = case.tables[table]
    asked = frame[amount].notna().to_numpy()
    codes = frame["currency"]
    if everywhere:
        yield from _breach("currency_is_there", table, asked & codes.isna().to_numpy(), asked)
    asked = asked & codes.notna().to_numpy()
    wrong = asked & ~codes.isin(_iso_codes()).to_numpy()
    yield from _breach("currency_is_an_iso_4217_code", table, wrong, asked)
    if len(everywhere) > 1 or (everywhere and case.base is not None and everywhere != {case.base}):
        with_rate = {*latest_rates(case.tables), *([case.base] if case.base else [])}
        without = asked & ~codes.isin(sorted(with_rate)).to_numpy()
        note = Note("audit_without_rate", {"currencies": ", ".join(sorted(codes[without].unique())[:6])})
        yield from _breach("currency_has_an_exchange_rate", table, without, asked, note)


def _breach(
    rule: str,
    table: str,
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
    asked: np.ndarray[tuple[int], np.dtype[np.bool_]],
    note: Note | None = None,
) -> Iterator[Breach]:
    if rows.any():
        yield Breach(rule, table, rows, int(asked.sum()), note)


def _iso_codes() -> list[str]:
    from babel import Locale

    return sorted(pd.Index(list(Locale("en").currencies)))
