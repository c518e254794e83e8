"""What is told: a title, some figures, the report's place, the alerts; and every text of the data made harmless."""

import html
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from oppnb.delivery.found import FoundAlert
from oppnb.delivery.secrets import fill_in
from oppnb.errors import NothingToReadError
from oppnb.locale import Formats, Words
from oppnb.review import figure_definitions
from oppnb.workspace import Workspace

__all__ = ["Message", "count_told", "mail_body", "make_message", "plain_text", "tame"]

LONGEST = 160
ROOM_AROUND = 160
FIGURES = ("won_amount", "quota_attainment", "open_amount", "open_count", "weighted_amount", "coverage", "win_rate")
_LINK = re.compile(r"://")


@dataclass(frozen=True)
class Message:
    """Something to send, in one language.

    Attributes
    ----------
    title : str
        One line.
    lines : tuple of str
        Figures of the report, its place, what is attached.
    alerts : tuple of str
        One line an alert.
    link : str
        Address of the report; empty if there is none.
    files : tuple of Path
        To be attached.
    words : Words
        The reader's.
    found : tuple of FoundAlert
        What the lines of alerts are about.
    """

    title: str
    lines: tuple[str, ...]
    alerts: tuple[str, ...]
    link: str
    files: tuple[Path, ...]
    words: Words
    found: tuple[FoundAlert, ...]


def tame(text: str) -> str:
    r"""Text of the data as one harmless line: nobody is called by it, nothing is linked, no direction is turned.

    Examples
    --------
    >>> tame("Pay @all\nat http://x")
    'Pay ＠all at http: //x'
    """
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    plain = _LINK.sub(": //", " ".join(plain.split())).replace("@", "＠")
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def make_message(
    report_folder: Path | None,
    alerts: Sequence[FoundAlert],
    *,
    workspace: Workspace,
    folder: Path,
    locale: str,
    files: Sequence[Path],
    takes_files: bool,
    wants_files: bool,
) -> Message:
    """Put together what one channel is told; `folder` is where `oppnb.yaml` lies."""
    words = Words(locale)
    formats = Formats(words.locale, currency=workspace.currency)
    title, lines, link = words("delivery.alerts_only"), [], ""
    if report_folder is not None:
        manifest = _read_json(report_folder / "manifest.json")
        title = _title(manifest, words, formats)
        lines = _figures(report_folder, words, formats)
        link = report_link(report_folder, workspace=workspace, folder=folder)
        shown = link or "/".join([*report_folder.resolve().parts[-3:], "report.html"])
        lines.append(words("delivery.open_report", link=shown if link else tame(shown)))
        if files:
            lines.append(words("delivery.attached", files=", ".join(file.name for file in files)))
        elif wants_files and not takes_files:
            lines.append(words("delivery.not_attached"))
    elif alerts:
        title = words("delivery.title", report=title, day=formats.day(alerts[0].as_of))
    told = tuple(_alert_line(alert, words, formats) for alert in alerts)
    return Message(title, tuple(lines), told, link, tuple(files), words, tuple(alerts))


def _title(manifest: dict[str, Any], words: Words, formats: Formats) -> str:
    template = str(manifest.get("template") or "")
    report = words.get(f"delivery.{template}", tame(template) or words("delivery.alerts_only"))
    only = manifest.get("only") or (manifest.get("parameters") or {}).get("only") or {}
    try:
        day = formats.day(date.fromisoformat(str(manifest.get("as_of"))[:10]))
    except ValueError:
        day = "–"
    if not isinstance(only, dict) or not only:
        return words("delivery.title", report=report, day=day)
    told = [f"{words.get(f'column.{name}', tame(str(name)))}: {tame(str(value))}" for name, value in only.items()]
    return words("delivery.title_slice", report=report, day=day, slice=", ".join(told))


def _figures(report_folder: Path, words: Words, formats: Formats) -> list[str]:
    """The headline figures of the whole, those that the report has."""
    found = _read_json(report_folder / "figures.json")
    whole = {
        str(figure["id"]): figure
        for figure in (found if isinstance(found, list) else [])
        if isinstance(figure, dict) and figure.get("slice") is None and figure.get("value") is not None
    }
    names = figure_definitions(words).set_index("metric")["name"]
    return [
        words("delivery.figure", name=names[name], value=_value(whole[name], formats))
        for name in FIGURES
        if name in whole and name in names.index
    ]


def _value(figure: dict[str, Any], formats: Formats) -> str:
    value, unit = float(figure["value"]), str(figure.get("unit"))
    if unit == "money":
        return formats.money(value)
    if unit in ("share", "rate"):
        return formats.share(value)
    return formats.number(value, digits=0 if value == int(value) else 2)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NothingToReadError(
            f"'{path.parent}' is no folder of a report: it has no {path.name}. Name the folder that oppnb said."
        ) from None
    except (OSError, ValueError):
        raise NothingToReadError(f"'{path}' cannot be read: make the report anew.") from None


def report_link(report_folder: Path, *, workspace: Workspace, folder: Path) -> str:
    """Address of a report's page; empty if the workspace says none or the report lies elsewhere."""
    links = workspace.delivery.links
    if links is None:
        return ""
    try:
        inside = report_folder.resolve().relative_to((folder / links.folder).resolve())
    except ValueError:
        return ""
    path = "/".join(quote(part, safe="") for part in (*inside.parts, "report.html"))
    return f"{fill_in(links.url).rstrip('/')}/{path}"


def _alert_line(alert: FoundAlert, words: Words, formats: Formats) -> str:
    text = tame(alert.texts[words.locale])
    if alert.opportunity_id is None:
        return text
    key = tame(alert.opportunity_id)
    deal = key if alert.name is None else words("delivery.deal", name=tame(alert.name), id=key)
    if alert.amount is None:
        return words("delivery.alert_of_deal_without_amount", deal=deal, text=text)
    return words("delivery.alert_of_deal", deal=deal, amount=formats.money(alert.amount), text=text)


def plain_text(message: Message, *, most_bytes: int, with_title: bool = True) -> str:
    """The whole as lines; alerts that do not fit are counted: they are for the next message."""
    head = [message.title] if with_title else []
    head += [*message.lines]
    if not message.alerts:
        return "\n".join(head)
    n_told = count_told(message, most_bytes)
    lines = [*head, "", message.words("delivery.n_alerts", n=len(message.alerts))]
    lines += [f"· {alert}" for alert in message.alerts[:n_told]]
    if n_told < len(message.alerts):
        lines.append(message.words("delivery.more", n=len(message.alerts) - n_told))
    return "\n".join(lines)


def count_told(message: Message, most_bytes: int) -> int:
    """How many alerts fit, in the order they stand; room is left for what goes around them."""
    room = most_bytes - _size("\n".join([message.title, *message.lines])) - ROOM_AROUND
    for place, alert in enumerate(message.alerts):
        room -= _size(f"\n· {alert}")
        if room < 0:
            return place
    return len(message.alerts)


def _size(text: str) -> int:
    """Bytes at most, once `<`, `>` and `&` are made harmless."""
    return len(text.encode()) + 4 * sum(text.count(letter) for letter in "<>&")


def mail_body(message: Message) -> str:
    """The whole as HTML, every text escaped."""

    def shown(line: str) -> str:
        text = html.escape(line)
        link = html.escape(message.link)
        return text.replace(link, f'<a href="{link}">{link}</a>') if message.link else text

    parts = [f"<h2>{html.escape(message.title)}</h2>", *(f"<p>{shown(line)}</p>" for line in message.lines)]
    if message.alerts:
        parts.append(f"<h3>{html.escape(message.words('delivery.n_alerts', n=len(message.alerts)))}</h3>")
        parts.append("<ul>" + "".join(f"<li>{html.escape(alert)}</li>" for alert in message.alerts) + "</ul>")
    language = message.words.locale.replace("_", "-")
    return f'<html lang="{language}"><body>{"".join(parts)}</body></html>'
