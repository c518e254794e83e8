"""What headers alone cannot say of the opportunities' file: its key, its close dates, the amount of open deals."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from oppnb.sources.mapping_columns import blank, headers_of, plain_text
from oppnb.sources.outcomes import outcome_word, stage_outcome
from oppnb.sources.proposals_headers import normalise, sounds_like_a_key
from oppnb.sources.proposals_history import ListPrice
from oppnb.sources.proposals_joins import Lookup, overlap
from oppnb.sources.proposals_rules import TRUE_WORDS, Draft
from oppnb.tables import fold, rows_where
from oppnb.workspace import ColumnRule, Condition, Workspace

__all__ = [
    "add_closing_day",
    "add_list_price",
    "add_lookups",
    "add_process",
    "choose_key",
    "closed_rows",
    "require_key",
]

_AMBIGUOUS = {"closedate", "closingdate", "propertyclosedate"}
_PRICES = {"salesprice", "listprice", "unitprice", "price", "standardprice"}
_PRICES |= {"价格", "单价", "标准价格", "售价", "目录价", "目录价格", "标价", "定价"}
_RARELY = 0.05
_DATES = {"created_at", "closed_at"}


def require_key(draft: Draft, *, is_alone: bool = False) -> str | None:
    """Find the column that names an opportunity: the preset's, else one whose values are all different.

    Where there is none and the file is alone, so that nothing else speaks of its rows, a row goes by its number.

    Returns
    -------
    str or None
        What is wrong if there is none, and how to name one.
    """
    if "opportunity_id" in draft.columns:
        return None
    free = [header for header in draft.headers.headers if header not in draft.used and header in draft.values.frame]
    named = [header for header in free if sounds_like_a_key(header)]
    names = list(headers_of(draft.columns["name"])) if "name" in draft.columns else []
    for header in [*named, *names, *_texts(draft, free)]:
        if draft.values.is_unique(header):
            if header in names:
                draft.drop("name")
            reason = f"no header names the opportunity, and each row has its own '{header}'"
            draft.add("opportunity_id", ColumnRule(column=header), reason)
            return None
    if is_alone and not _DATES & set(draft.columns):
        reason = "no column differs from row to row: the number of the row, good while rows keep their place"
        draft.add("opportunity_id", ColumnRule(column="#row"), reason)
        return None
    return (
        f"'{draft.file}' looks like a list of opportunities, but no column names the opportunity: "
        f"none of its {len(draft.headers.headers)} columns has a different value in each of the "
        f"{len(draft.values.frame):,} rows.\n"
        'Map one in oppnb.yaml:  columns: {opportunity_id: "the header"}\n'
        'or, if rows never change their place from export to export:  columns: {opportunity_id: "#row"}'
    )


def _texts(draft: Draft, free: Sequence[str]) -> Iterator[str]:
    """Free columns that are neither dates nor numbers with fractions."""
    for header in free:
        if not draft.values.fits(header, "day") and not draft.values.fits(header, "number"):
            yield header


def closed_rows(draft: Draft, workspace: Workspace) -> dict[str, Condition] | None:
    """The condition that a row's opportunity is won or lost, in the file's own headers; None if nothing tells."""
    outcome = draft.columns.get("outcome")
    for part in (outcome.first_of or [outcome]) if outcome is not None else []:
        header = next(iter(headers_of(part)), None)
        recode = {fold(key): value for key, value in (part.values or {}).items()}
        if header is None or "open" not in {*recode.values(), "open"}:
            continue
        if recode.get("true") == "lost" or recode.get("1") == "lost":
            return {header: Condition(is_in=list(TRUE_WORDS))}
        if outcome is not None and outcome.first_of is None:
            closed = [text for text in _texts_of(draft, header) if _says_closed(text, recode)]
            return {header: Condition(is_in=list(closed))} if closed else None
    return _closed_stages(draft, workspace)


def _says_closed(text: str, recode: Mapping[str, object]) -> bool:
    said = recode.get(fold(text), text)
    return said is not None and outcome_word(str(said)) in ("won", "lost")


def _closed_stages(draft: Draft, workspace: Workspace) -> dict[str, Condition] | None:
    if "stage" not in draft.columns:
        return None
    outcome = stage_outcome(workspace)
    for header in headers_of(draft.columns["stage"]):
        closed = [text for text in _texts_of(draft, header) if outcome(None, text) != "open"]
        if closed:
            return {header: Condition(is_in=list(closed))}
    return None


def _texts_of(draft: Draft, header: str) -> list[str]:
    values = draft.values.of(header)
    return sorted(str(text) for text in plain_text(values[~blank(values)]).unique())


def add_closing_day(draft: Draft, workspace: Workspace) -> None:
    """Tell the expected close from the close: one 'Close Date' holds both, unless only closed rows have it."""
    expected = draft.columns.get("expected_close_on")
    header = expected.column if expected is not None else None
    if "closed_at" in draft.columns or not isinstance(header, str) or normalise(header) not in _AMBIGUOUS:
        return
    closed = closed_rows(draft, workspace)
    if closed is None:
        return
    if _open_share(draft, header, closed) < _RARELY:
        draft.drop("expected_close_on")
        draft.add("closed_at", ColumnRule(column=header), f"only closed rows have a '{header}'")
        return
    said = " and ".join(f"'{name}' says so" for name in closed)
    reason = f"'{header}' is the day of the close once {said}"
    draft.add("closed_at", ColumnRule(column=header, where=closed), reason)


def _open_share(draft: Draft, header: str, closed: dict[str, Condition]) -> float:
    """Share of the open rows in which a header is filled; 1 if no row is open or the rows cannot be told."""
    frame = draft.values.frame
    if not set(closed) <= set(frame.columns):
        return 1.0
    is_open = ~rows_where(frame, closed, table=draft.file)
    return float((~blank(frame[header]))[is_open].mean()) if is_open.any() else 1.0


def add_process(draft: Draft, workspace: Workspace) -> None:
    """Find the column whose every value is a process of the workspace, by name or label."""
    names = {fold(word): one.name for one in workspace.processes for word in [one.name, *one.label.values()]}
    if len(workspace.processes) < 2 or "process" in draft.columns:
        return
    for header in draft.headers.headers:
        said = {fold(text): text for text in _texts_of(draft, header)} if header not in draft.used else {}
        if said and set(said) <= set(names):
            recode = {text: names[word] for word, text in said.items() if names[word] != text}
            reason = f"every value of '{header}' is a process of the workspace"
            draft.add("process", ColumnRule(column=header, values=recode or None), reason)
            return


def add_lookups(draft: Draft, lookups: Sequence[Lookup]) -> None:
    """Join the files that explain a column."""
    for lookup in lookups:
        draft.joins.append(lookup.join)
        draft.reasons["join " + lookup.join.file] = lookup.reason


def add_list_price(draft: Draft, lookups: Sequence[Lookup], workspace: Workspace) -> ListPrice | None:
    """Where open rows carry no amount, take the list price that a joined file has; say which, if there is one."""
    amount = draft.columns.get("amount")
    header = amount.column if amount is not None else None
    closed = closed_rows(draft, workspace)
    prices = [(name, lookup) for lookup in lookups for name in lookup.headers if normalise(name) in _PRICES]
    if closed is None or not prices or not isinstance(header, (str, type(None))):
        return None
    if header is not None and _open_share(draft, header, closed) >= _RARELY:
        return None
    price, lookup = prices[0]
    if price in draft.values.frame.columns:
        return None
    if amount is None or header is None:
        draft.add(
            "amount", ColumnRule(column=price), f"no header names an amount; '{price}' of {lookup.join.file} does"
        )
        return ListPrice(price, lookup, None, closed)
    reason = f"; empty in open rows, where '{price}' of {lookup.join.file} stands in"
    draft.columns["amount"] = amount.model_copy(update={"column": [header, price]})
    draft.reasons["amount"] += reason
    draft.used.add(price)
    return ListPrice(price, lookup, header, closed)


def choose_key(draft: Draft, key: str, values: pd.Series) -> None:
    """Take as key of accounts or owners the header whose values the opportunities use: the number or the name."""
    candidates = [
        header for name in (key, "name") if name in draft.columns for header in headers_of(draft.columns[name])
    ]
    if not candidates:
        return
    found = {header: overlap(values, draft.values.of(header)) for header in dict.fromkeys(candidates)}
    best = max(found, key=lambda header: found[header][0])
    n_found, n_wanted = found[best]
    if n_found and best not in headers_of(draft.columns[key]):
        own = draft.columns[key]
        draft.drop("name")
        draft.drop(key)
        draft.add(key, ColumnRule(column=best), f"the opportunities name it by '{best}'")
        draft.used.difference_update(headers_of(own))
    draft.reasons[""] = f"{n_found} of {n_wanted} of the opportunities' values are in '{best}'"
