"""What is told: a title, some figures, the report's place, the alerts; and every text of the data made harmless."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from oppnb.delivery.alert_list import count_lines
from oppnb.delivery.found import FoundAlert
from oppnb.delivery.secrets import fill_in
from oppnb.delivery.stakes import kind_lines
from oppnb.delivery.taming import tame
from oppnb.errors import NothingToReadError, path_hint
from oppnb.locale import Formats, Words
from oppnb.review import figure_definitions
from oppnb.workspace import Workspace

__all__ = ["Message", "count_told", "mail_body", "make_message", "place_text", "plain_text"]

ROOM_AROUND = 160
_PARTS_OF_A_LONE_REPORT, _MOST_PARTS = 4, 5
FIGURES = ("won_amount", "quota_attainment", "open_amount", "open_count", "weighted_amount", "coverage", "win_rate")


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
    counts : tuple of str
        One line an owner, where the alerts are too many to be told one by one; else empty.
    list_at : str
        Where all of them are then.
    kinds : tuple of str
        One line a kind of alert: how many, and how much money; empty where every alert is a kind of its own.
    """

    title: str
    lines: tuple[str, ...]
    alerts: tuple[str, ...]
    link: str
    files: tuple[Path, ...]
    words: Words
    found: tuple[FoundAlert, ...]
    counts: tuple[str, ...] = ()
    list_at: str = ""
    kinds: tuple[str, ...] = ()


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
    list_at: str = "",
) -> Message:
    """Put together what one channel is told; `folder` is where `oppnb.yaml` lies.

    With `list_at`, the place of a list of all alerts, they are told as counts.
    """
    words = Words(locale)
    formats = Formats(words.locale, currency=workspace.currency)
    title, lines, link = words("delivery.alerts_only"), [], ""
    if report_folder is not None:
        manifest = _read_json(report_folder / "manifest.json")
        title = _title(manifest, words, formats)
        lines = _figures(report_folder, words, formats)
        link = report_link(report_folder, workspace=workspace, folder=folder)
        place = place_text(report_folder / "report.html", workspace=workspace, folder=folder)
        lines.append(words("delivery.open_report", link=place))
        if files:
            lines.append(words("delivery.attached", files=", ".join(file.name for file in files)))
        elif wants_files and not takes_files:
            lines.append(words("delivery.not_attached"))
    elif alerts:
        title = words("delivery.title", report=title, day=formats.day(alerts[0].as_of))
    told = tuple(_alert_line(alert, words, formats) for alert in alerts)
    counts = count_lines(alerts, words, formats) if list_at else ()
    kinds = kind_lines(alerts, words, formats)
    kinds = kinds if len(kinds) < len(alerts) else ()
    return Message(title, tuple(lines), told, link, tuple(files), words, tuple(alerts), counts, list_at, kinds)


def _title(manifest: dict[str, Any], words: Words, formats: Formats) -> str:
    template = str(manifest.get("template") or "")
    report = words.get(f"report_name.{template}", tame(template) or words("delivery.alerts_only"))
    only = manifest.get("only") or (manifest.get("parameters") or {}).get("only") or {}
    try:
        day = formats.day(date.fromisoformat(str(manifest.get("as_of"))[:10]))
    except ValueError:
        day = "–"
    if not isinstance(only, dict) or not only:
        return words("delivery.title", report=report, day=day)
    told = [
        words("delivery.figure", name=words.get(f"column.{name}", tame(str(name))), value=tame(str(value)))
        for name, value in only.items()
    ]
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
        if not path.parent.is_dir():
            raise NothingToReadError(
                f"There is no folder '{path.parent}'.{path_hint(path.parent)} Name the folder that oppnb said."
            ) from None
        raise NothingToReadError(
            f"'{path.parent}' is no folder of a report: it has no {path.name}. Name the folder that oppnb said."
        ) from None
    except (OSError, ValueError):
        raise NothingToReadError(f"'{path}' cannot be read: make the report anew.") from None


def report_link(report_folder: Path, *, workspace: Workspace, folder: Path) -> str:
    """Address of a report's page; empty if the workspace says none or the report lies elsewhere."""
    return _link(report_folder / "report.html", workspace, folder)


def place_text(file: Path, *, workspace: Workspace, folder: Path) -> str:
    """Address of a file, else its path as seen from `oppnb.yaml`, else from the folder of its run on.

    A report that no run made is told with the two folders around its own: nothing else of a path outside is told.
    """
    link = _link(file, workspace, folder)
    if link:
        return link
    try:
        return tame(file.resolve().relative_to(folder.resolve()).as_posix())
    except ValueError:
        return tame("/".join(file.resolve().parts[-_parts_told(file) :]))


def _parts_told(file: Path) -> int:
    """How many parts of a path, from its end, begin with the folder of the run, which has its catalogue in `runs/`."""
    for n_parts, parent in enumerate(file.resolve().parents, start=2):
        if n_parts <= _MOST_PARTS and (parent / "runs").is_dir():
            return n_parts
    return _PARTS_OF_A_LONE_REPORT


def _link(file: Path, workspace: Workspace, folder: Path) -> str:
    links = workspace.delivery.links
    if links is None:
        return ""
    try:
        inside = file.resolve().relative_to((folder / links.folder).resolve())
    except ValueError:
        return ""
    return f"{fill_in(links.url).rstrip('/')}/{'/'.join(quote(part, safe='') for part in inside.parts)}"


def _alert_line(alert: FoundAlert, words: Words, formats: Formats) -> str:
    text = tame(alert.texts[words.locale])
    if alert.opportunity_id is None:
        return text
    if alert.owner is not None:
        text = words("delivery.with_owner", text=text, owner=tame(alert.owner))
    key = tame(alert.opportunity_id)
    deal = _deal(None if alert.name is None else tame(alert.name), key, words)
    account = tame(alert.account or "")
    if account and account not in deal:
        deal = words("delivery.deal_of", deal=deal, account=account)
    if alert.amount is None:
        return words("delivery.alert_of_deal_without_amount", deal=deal, text=text)
    return words("delivery.alert_of_deal", deal=deal, amount=formats.money(alert.amount), text=text)


def _deal(name: str | None, key: str, words: Words) -> str:
    """The deal's name and its key, which stands in a name that was put together from customer and product."""
    if name is None:
        return key
    return name if name.endswith(f"({key})") else words("delivery.deal", name=name, id=key)


def plain_text(message: Message, *, most_bytes: int, with_title: bool = True) -> str:
    """The whole as lines; alerts that do not fit are counted: they are for the next message."""
    head = [message.title] if with_title else []
    head += [*message.lines]
    if not message.alerts:
        return "\n".join(head)
    if message.counts:
        return "\n".join([*head, "", *_counted(message, most_bytes)])
    n_told = count_told(message, most_bytes)
    lines = [*head, "", message.words("delivery.n_alerts", n=len(message.alerts)), *message.kinds, *_gap(message)]
    lines += [f"· {alert}" for alert in message.alerts[:n_told]]
    if n_told < len(message.alerts):
        lines.append(message.words("delivery.more", n=len(message.alerts) - n_told))
    return "\n".join(lines)


def _counted(message: Message, most_bytes: int) -> list[str]:
    """How many alerts each owner has, for as many owners as fit, and where all alerts are."""
    words = message.words
    first = words.counted("delivery.n_alerts", n=len(message.alerts))
    last = words("delivery.list_at", place=message.list_at)
    room = most_bytes - _size("\n".join([message.title, *message.lines, first, *message.kinds, last])) - ROOM_AROUND
    lines: list[str] = []
    for count in message.counts:
        room -= _size(f"\n· {count}")
        if room < 0:
            lines.append(words.counted("delivery.more_owners", n=len(message.counts) - len(lines)))
            break
        lines.append(f"· {count}")
    return [first, *message.kinds, *_gap(message), *lines, last]


def _gap(message: Message) -> list[str]:
    """An empty line between the totals of the kinds and what they are made of."""
    return [""] if message.kinds else []


def count_told(message: Message, most_bytes: int) -> int:
    """How many alerts fit, in the order they stand; room is left for what goes around them."""
    room = most_bytes - _size("\n".join([message.title, *message.lines, *message.kinds])) - ROOM_AROUND
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
        parts.append("".join(f"<p>{html.escape(line)}</p>" for line in message.kinds))
        told = message.counts or message.alerts
        parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in told) + "</ul>")
        if message.list_at:
            parts.append(f"<p>{html.escape(message.words('delivery.list_at', place=message.list_at))}</p>")
    language = message.words.locale.replace("_", "-")
    return f'<html lang="{language}"><body>{"".join(parts)}</body></html>'
