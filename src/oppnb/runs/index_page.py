"""`index.html` over all reports of a folder: search, the latest of each, how the main figures moved."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from oppnb.errors import UsageError
from oppnb.locale import Formats, Words
from oppnb.reports import find_template
from oppnb.reports.declarations import read_declaration
from oppnb.runs.catalogue import list_runs
from oppnb.runs.figure_words import figure_label, figure_text
from oppnb.runs.outcome import told_reason
from oppnb.runs.records import read_json, write_bytes
from oppnb.runs.report_facts import is_of_more_than_its_slice, page_title, parameters_apart, words_of
from oppnb.runs.trend import sparkline

__all__ = ["index_html", "write_index"]

Entry = dict[str, Any]
_FORMS = {"report.xlsx": "XLSX", "report.pdf": "PDF"}


def write_index(out: Path, *, locale: str, currency: str | None) -> None:
    """Write `OUT/index.html` anew, as a whole."""
    write_bytes(index_html(out, locale=locale, currency=currency).encode(), out / "index.html")


def index_html(out: Path, *, locale: str = "en", currency: str | None = None) -> str:
    """The page: one file that asks nothing of the network; what comes from the data is escaped.

    Parameters
    ----------
    out : Path
        Folder of reports.
    locale, currency : str
        Of the reader.
    """
    words, formats = Words(locale), Formats(locale, currency=currency)
    entries = _entries(out)
    parts = [
        _section(name, list(of_run), words=words, formats=formats)
        for name, of_run in groupby(entries, key=lambda entry: str(entry["name"]))
    ]
    styles = (files("oppnb.reports") / "assets" / "report.css").read_text(encoding="utf-8")
    styles += (files("oppnb.runs") / "assets" / "index.css").read_text(encoding="utf-8")
    script = (files("oppnb.runs") / "assets" / "index.js").read_text(encoding="utf-8")
    title = _text(words("runs.index_title"))
    return f"""<!doctype html>
<html lang="{"zh-Hans" if words.locale == "zh_CN" else "en"}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{styles}</style></head><body><main>
<div class="top"><h1>{title}</h1></div>
<label class="find-label" for="find">{_text(words("runs.index_find"))}</label>
<input class="find" id="find" type="search" autocomplete="off">
<p class="quiet" id="found" aria-live="polite" data-said="{_text(words("runs.index_found", n="#", total="#"))}"></p>
{"".join(parts) or f'<p class="quiet">{_text(words("runs.index_empty"))}</p>'}
</main><script>{script}</script></body></html>
"""


def _entries(out: Path) -> list[Entry]:
    """One a run's name, template and slice: good reports by day, and the failure that came after them, if any."""
    found: dict[tuple[str, str, str], Entry] = {}
    for record in _done(out):
        entry = found.setdefault(_key(record), _new(record))
        entry["days"][str(record.get("as_of") or "")] = record  # of one day, the later run
    for run in reversed(list_runs(out)):
        for job in run["jobs"]:
            entry = found.setdefault(_key({**job, "name": run["name"]}), _new({**job, "name": run["name"]}))
            entry["failed"] = job if job["result"] == "failed" else None
            entry["workspace"] = run.get("workspace")
    entries = [found[key] for key in sorted(found)]
    _tell_apart(entries)
    return entries


def _tell_apart(entries: Sequence[Entry]) -> None:
    """A template that a run uses twice has two cards: each says by which parameters it is another."""
    alike: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in entries:
        alike.setdefault((entry["name"], entry["template"], entry["slice"]), []).append(entry)
    for group in alike.values():
        for entry, apart in zip(group, parameters_apart([_asked(one) for one in group]), strict=True):
            entry["apart"] = apart


def _asked(entry: Entry) -> Mapping[str, Any]:
    """The latest job of a card: its failure, if that came last."""
    days = entry["days"]
    return entry["failed"] or (days[max(days)] if days else {})


def _done(out: Path) -> Iterable[Entry]:
    for folder in sorted(path.parent for path in out.glob("*/jobs") if path.is_dir()):
        read = (read_json(path) for path in sorted((folder / "jobs").glob("*.json")))
        records = [record for record in read if record is not None and record.get("result") == "done"]
        for record in sorted(records, key=lambda one: str(one["run"])):
            yield {
                **record,
                "name": folder.name,
                "place": folder / str(record["folder"]),
                "is_there": (folder / str(record["folder"]) / "report.html").is_file(),
            }


def _key(record: Mapping[str, Any]) -> tuple[str, str, str]:
    place = str((record.get("hashes") or {}).get("folder") or record["template"])
    return str(record["name"]), place.split("/", 1)[0], str(record.get("slice") or "")


def _new(record: Mapping[str, Any]) -> Entry:
    named = ("name", "template", "slice")
    return {**{key: record.get(key) for key in named}, "days": {}, "failed": None, "workspace": None, "apart": {}}


def _section(name: str, entries: Sequence[Entry], *, words: Words, formats: Formats) -> str:
    items = "".join(_item(entry, words=words, formats=formats) for entry in entries)
    return f'<section data-run><h2>{_text(name)}</h2><ul class="reports">{items}</ul></section>'


def _item(entry: Entry, *, words: Words, formats: Formats) -> str:
    days = [entry["days"][day] for day in sorted(entry["days"])]
    there = [record for record in days if record["is_there"]]
    latest = there[-1] if there else None
    shown = _shown(entry, latest, words)
    head = f'<a href="{_link(latest)}">{_text(shown)}</a>' if latest else _text(shown)
    of = _text(words("runs.index_as_of", day=_day(latest["as_of"], formats)) if latest else words("runs.index_none"))
    failed = entry["failed"]
    state = f'<p class="state">{_failed(failed, words)}</p>' if failed else ""
    named = f"{entry['name']} {_named(entry, words)} {entry['template']}"
    searched = f"{named} {_searched(latest, formats)} {words_of(failed or {})}"
    return (
        f'<li class="{"failed" if failed else ""}" data-text="{_text(searched.lower())}" '
        f'data-named="{_text(named.lower())}"><h3>{head}</h3>'
        f'<p class="of">{of}{_other_forms(latest)}</p>{state}{_figures(latest, days, words=words, formats=formats)}'
        f"{_older(there[:-1], words=words, formats=formats)}</li>"
    )


def _named(entry: Entry, words: Words) -> str:
    cut = [] if entry["slice"] is None else [entry["slice"] or words("report.slice_none")]
    apart = [words("runs.diff_of", column=name, value=value) for name, value in entry["apart"].items()]
    return " · ".join([_title(entry, words), *cut, *apart])


def _shown(entry: Entry, latest: Entry | None, words: Words) -> str:
    """What a card is headed by; a report of one seller by its own title, which names the seller."""
    own = latest is not None and is_of_more_than_its_slice(latest["place"], latest)
    return (page_title(latest["place"]) if own and latest is not None else "") or _named(entry, words)


def _searched(record: Entry | None, formats: Formats) -> str:
    """What a report is found by beside its name: its own title, what was asked for, its day as it is written."""
    if record is None:
        return ""
    day = str(record.get("as_of") or "")
    written = [day, _day(day, formats), _day(day, formats, short=False)]
    return " ".join([page_title(record["place"]), words_of(record), *written])


def _failed(job: Mapping[str, Any], words: Words) -> str:
    return _text(words("runs.index_failed", said=told_reason(str(job.get("said", "")), words)))


def _title(entry: Entry, words: Words) -> str:
    """The title that the template declares, else its name."""
    try:
        declared = read_declaration(find_template(str(entry["template"]), workspace=entry["workspace"] or None))
    except UsageError:
        declared = None
    return (declared.title_in(words) if declared else "") or str(entry["template"])


def _figures(latest: Entry | None, days: Sequence[Entry], *, words: Words, formats: Formats) -> str:
    if latest is None:
        return ""
    rows = []
    for one in latest.get("figures") or []:
        seen = [_value(record, one["id"]) for record in days]
        name = figure_label(str(one["id"]), words)
        rows.append(f"<dt>{_text(name)}</dt><dd>{_text(figure_text(one, formats))}</dd>{sparkline(seen, label=name)}")
    kind = "figures" if any("<polyline" in row for row in rows) else "figures alone"
    return f'<dl class="{kind}">{"".join(rows)}</dl>' if rows else ""


def _value(record: Entry, figure: str) -> float | None:
    return next((float(one["value"]) for one in record.get("figures") or [] if one["id"] == figure), None)


def _older(records: Sequence[Entry], *, words: Words, formats: Formats) -> str:
    if not records:
        return ""
    links = "".join(
        f'<li data-text="{_text(_searched(one, formats).lower())}">'
        f'<a href="{_link(one)}">{_text(_day(one["as_of"], formats))}</a></li>'
        for one in reversed(records)
    )
    said = _text(words("runs.index_older", n=len(records)))
    return f'<details class="older"><summary>{said}</summary><ul>{links}</ul></details>'


def _other_forms(record: Entry | None) -> str:
    """Links to the workbook and, where it was printed, the PDF."""
    made = () if record is None else tuple(record.get("files") or ())
    return "".join(f' · <a href="{_link(record, file)}">{form}</a>' for file, form in _FORMS.items() if file in made)


def _link(record: Mapping[str, Any] | None, file: str = "report.html") -> str:
    return "" if record is None else _text(quote(f"{record['name']}/{record['folder']}/{file}"))


def _day(text: Any, formats: Formats, *, short: bool = True) -> str:
    try:
        return formats.day(date.fromisoformat(str(text)), short=short)
    except ValueError:
        return str(text)


def _text(text: str) -> str:
    return html.escape(text, quote=True)
