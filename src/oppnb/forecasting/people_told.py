"""Overrides, accuracy and optimism in the reader's language."""

import pandas as pd

from oppnb.forecasting.added_accuracy import FEWEST_PERIODS
from oppnb.locale import Formats, Words

__all__ = ["source_name", "tell_accuracy", "tell_optimism", "tell_overrides"]

_OWNERS_TOLD = 3
_TOLD = "commit_won", "closed_when_said", "commit_amount"


def tell_overrides(compared: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """What people's figures make of the period.

    Parameters
    ----------
    compared : DataFrame
        Of `with_overrides`.
    words, formats : Words, Formats
        Of the reader.
    """
    company = compared.iloc[0]
    spoken = compared[compared["who"].notna()]
    if spoken.empty:
        return [words("forecast_people.nobody_spoke")]
    money = {name: formats.money(float(company[name]), short=True) for name in ("model", "adjusted")}
    difference = _signed(formats.money(float(company["difference"]), short=True))
    said = [words("forecast_people.adjusted_company", **money, difference=difference)]
    idle = int((~spoken["counts"]).sum())
    return said + ([words.counted("forecast_people.not_counted", n=idle, n_all=len(spoken))] if idle else [])


def tell_accuracy(found: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """A sentence for each source over all horizons, but the one that the others are measured against.

    Parameters
    ----------
    found : DataFrame
        Of `accuracy_by_source`.
    words, formats : Words, Formats
        Of the reader.
    """
    rows = found[found["weeks_from"].isna() & (found["verdict"] != "reference")]
    return [_verdict(row, words, formats) for _, row in rows.iterrows()]


def source_name(source: str, words: Words) -> str:
    """Who or what a forecast comes from, as a reader calls it, to begin a sentence with; a name of the client's stays.

    Examples
    --------
    >>> [source_name(name, Words("en")) for name in ("conversion_table", "manager", "ours")]
    ['Past conversion (conversion table)', 'Manager', 'ours']
    """
    name = words.get(f"forecast_people.source_{source}", "") or words.get(f"forecasting.model_{source}", "")
    return name[:1].upper() + name[1:] if name else source


def _verdict(row: pd.Series, words: Words, formats: Formats) -> str:
    source = source_name(str(row["source"]), words)
    ends = [float(row["added_low"]), float(row["added_high"])]
    low, high = (formats.share(end, digits=1) for end in (ends if row["verdict"] != "worse" else [-ends[1], -ends[0]]))
    return words.counted(
        f"forecast_people.{row['verdict']}",
        source=source,
        added=formats.share(abs(float(row["added"])), digits=1),
        n=int(row["n_periods"]),
        low=low,
        high=high,
        fewest=FEWEST_PERIODS,
    )


def tell_optimism(found: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """What the company states and what comes, and the owners that differ most clearly in the first measure there is.

    Parameters
    ----------
    found : DataFrame
        Of `optimism`.
    words, formats : Words, Formats
        Of the reader.
    """
    rows = {str(row["measure"]): row for _, row in found[found["owner_id"].isna()].iterrows()}
    there = [measure for measure in _TOLD if measure in rows]
    said = [words(f"forecast_people.company_{one}", **_shares(rows[one], formats)) for one in there]
    return said + (_owners(found[found["measure"] == there[0]], words, formats) if there else [])


def _owners(rows: pd.DataFrame, words: Words, formats: Formats) -> list[str]:
    owners = rows[rows["owner_id"].notna()]
    apart = owners[(owners["high"] < owners["company_ratio"]) | (owners["low"] > owners["company_ratio"])]
    farthest = (apart["ratio"] - apart["company_ratio"]).abs().sort_values(ascending=False, kind="stable").index
    if apart.empty:
        return [words("forecast_people.owners_alike")] if len(owners) > 1 else []
    said = []
    for _, row in apart.loc[farthest[:_OWNERS_TOLD]].iterrows():
        key = "owner_below" if row["ratio"] < row["company_ratio"] else "owner_above"
        company = formats.share(float(row["company_ratio"]))
        said.append(words(f"forecast_people.{key}", owner=row["owner_id"], company=company, **_shares(row, formats)))
    return said


def _shares(row: pd.Series, formats: Formats) -> dict[str, str]:
    found = {name: formats.share(float(row[name])) for name in ("ratio", "low", "high")}
    return {**found, "n": formats.number(float(row["n"]))}


def _signed(text: str) -> str:
    return text if text.startswith("−") else f"+{text}"
