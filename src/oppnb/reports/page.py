"""What a template's cells call to show words, charts and tables; each table is kept for the workbook."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from oppnb.errors import UsageError
from oppnb.locale import Formats, Words
from oppnb.reports.figures import write_figures
from oppnb.reports.handover import run_folder, tell
from oppnb.reports.slices import slice_title
from oppnb.reports.tables_html import TableLook, table_html

__all__ = ["Page"]

_FOLDED = TableLook(folded=True)
PLOTLY = "application/vnd.plotly.v1+json"


class Page:
    """A report while it is being written, cell by cell.

    Parameters
    ----------
    words, formats : Words, Formats
        The reader's language and currency.
    title : str
        Of the report.
    labels : mapping of str to mapping, optional
        Column -> key in the data -> name to show, e.g. names of stages in the reader's language.
    only : mapping of str to str, optional
        The slice that the report is of; its title and its manifest say so.

    Examples
    --------
    >>> page = Page(words=Words("en"), formats=Formats("en"), title="Weekly")
    >>> page.labels
    {}
    """

    subject = "report"
    """Of the catalogue: where headings of sections and tables stand."""

    def __init__(
        self,
        *,
        words: Words,
        formats: Formats,
        title: str,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        only: Mapping[str, str] | None = None,
    ) -> None:
        self.words = words
        self.formats = formats
        self.labels = dict(labels or {})
        self.title = slice_title(title, only or {}, words=words, labels=self.labels)
        self._tables: dict[str, pd.DataFrame] = {}
        self._named: dict[str, pd.DataFrame] = {}
        tell({"title": self.title, "locale": words.locale, "only": dict(only or {}) or None})

    def header(self, facts: Mapping[str, str]) -> None:
        """Show the title and a line of facts (name -> text)."""
        items = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(said)}</dd></div>" for name, said in facts.items())
        self.show(f'<header class="top"><h1>{_text(self.title)}</h1><dl class="facts">{items}</dl></header>')

    def section(self, key: str, title: str | None = None, *, lead: str | None = None) -> None:
        """Begin a section.

        Parameters
        ----------
        key : str
            Its place in the page (`#key`). The sections of oppnb have their headings in the catalogue.
        title : str, optional
            The heading; a section of one's own needs it.
        lead : str, optional
            A sentence under the heading.

        Raises
        ------
        UsageError
            If oppnb has no section of that key and no heading is given.
        """
        heading = title or self.words.get(f"{self.subject}.section_{key}", "")
        if not heading:
            raise UsageError(
                f"page.section('{key}'): oppnb has no heading for '{key}'. A section of your own takes its heading: "
                f"page.section('{key}', 'My heading')."
            )
        said = f'<p class="lead">{_text(lead)}</p>' if lead else ""
        short = title or self.words.get(f"{self.subject}.nav_{key}", heading)
        self.show(f'<h2 id="{_text(key)}" data-short="{_text(short)}">{_text(heading)}</h2>{said}')

    def subsection(self, title: str) -> None:
        """Show a smaller heading with text from the data or the catalogue."""
        self.show(f"<h3>{_text(title)}</h3>")

    def say(self, *sentences: str) -> None:
        """Show sentences as paragraphs."""
        self.show("".join(f"<p>{_text(sentence)}</p>" for sentence in sentences))

    def verdict(self, sentence: str) -> None:
        """Show the one sentence that matters most."""
        self.show(f'<p class="verdict">{_text(sentence)}</p>')

    def points(self, sentences: Iterable[str]) -> None:
        """Show sentences as a list."""
        items = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
        self.show(
            f'<ul class="points">{items}</ul>' if items else f'<p class="quiet">{_text(self.words("report.none"))}</p>'
        )

    def cards(self, cards: Iterable[Mapping[str, str]]) -> None:
        """Show figures as cards; each has `name`, `value`, and perhaps `beside` and `state` (good, bad)."""
        made = "".join(
            f'<div class="card {_text(card.get("state", ""))}"><div class="name">{_text(card["name"])}</div>'
            f'<div class="value">{_text(card["value"])}</div>'
            f'<div class="beside">{_text(card.get("beside", ""))}</div></div>'
            for card in cards
        )
        self.show(f'<div class="kpis">{made}</div>')

    def figure(self, chart: Any) -> None:
        """Show a chart; it goes into the notebook as plotly's JSON, without loading plotly's renderers."""
        import json

        self.put({PLOTLY: json.loads(chart.to_json()), "text/plain": chart.layout.title.text or ""})

    def table(
        self,
        name: str,
        frame: pd.DataFrame,
        *,
        look: TableLook = _FOLDED,
        shown: pd.DataFrame | None = None,
    ) -> None:
        """Show a table and keep it as a sheet of the workbook.

        Parameters
        ----------
        name : str
            Sheet; its title is `report.sheet_<name>`, or the name itself.
        frame : DataFrame
            The rows with their full values, for the workbook.
        look : TableLook
            How it is shown.
        shown : DataFrame, optional
            What the page shows, if less than the workbook holds.
        """
        self.keep(name, frame)
        page = (frame if shown is None else shown).dropna(axis="columns", how="all")
        caption = self._caption(name)
        made = table_html(self.labelled(page), words=self.words, formats=self.formats, look=look, caption=caption)
        self.show(made)

    def keep(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table for the workbook and `tables/` without showing it."""
        self._named[name] = frame
        self._tables[self._caption(name)] = frame

    def lacks(self, tables: Mapping[str, Any], *needed: str) -> bool:
        """Whether the data has not all tables that a section needs; then one line says so, and the report goes on.

        In a template: `if not page.lacks(review.tables, "payments"): …`.
        """
        missing = [name for name in needed if name not in tables]
        if missing:
            self.show(f'<p class="quiet">{_text(self.words("report.lacks", tables=", ".join(missing)))}</p>')
        return bool(missing)

    def labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with keys replaced by the names to show."""
        known = {column: names for column, names in self.labels.items() if column in frame}
        return frame.assign(
            **{
                column: [names.get(value, value) if isinstance(value, str) else value for value in frame[column]]
                for column, names in known.items()
            }
        )

    def show(self, markup: str) -> None:
        """Show HTML; whatever comes from the data is already escaped in it."""
        self.put({"text/html": markup, "text/plain": "HTML"})

    def put(self, bundle: Mapping[str, Any]) -> None:
        """Hand one output over, by its kinds; here to the notebook."""
        from IPython.display import display

        display(dict(bundle), raw=True)  # type: ignore[no-untyped-call]

    def _caption(self, name: str) -> str:
        return self.words.get(f"{self.subject}.sheet_{name}", name)

    def finish(
        self,
        *,
        figures: Iterable[Mapping[str, Any]],
        rejected: pd.DataFrame | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Write figures.json, report.xlsx, tables/*.csv and rejected.csv into the report's folder; nothing by hand.

        Parameters
        ----------
        figures : iterable of dict
            For figures.json.
        rejected : DataFrame, optional
            Rows that were set aside; written if there are any.
        facts : mapping, optional
            For manifest.json: `as_of` (names the folder), `data_hash`, `workspace_hash`, `seed`.
        """
        from oppnb.reports.tables_csv import write_tables
        from oppnb.reports.workbook import write_workbook
        from oppnb.tables import write_rejected_rows

        folder = run_folder()
        if folder is None:
            return
        write_figures(figures, folder / "figures.json")
        tables = {name: self.labelled(frame) for name, frame in self._tables.items()}
        write_workbook(tables, folder / "report.xlsx", words=self.words, formats=self.formats)
        write_tables(self._named, folder / "tables")
        if rejected is not None and not rejected.empty:
            write_rejected_rows(rejected, folder)
        tell(facts or {})


def _text(value: object) -> str:
    return html.escape(str(value))
