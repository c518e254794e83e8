"""A page that is written without a kernel: its outputs are kept, and exported as those of a notebook are."""

from collections.abc import Mapping
from typing import Any

from oppnb.errors import ExtraMissingError
from oppnb.reports.page import Page

__all__ = ["CollectedPage"]


class CollectedPage(Page):
    """A `Page` that keeps what it shows, and writes it as one HTML file."""

    def put(self, bundle: Mapping[str, Any]) -> None:
        """Keep one output, by its kinds."""
        self.__dict__.setdefault("outputs", []).append(dict(bundle))

    def html(self) -> str:
        """The page as one self-contained HTML file.

        Raises
        ------
        ExtraMissingError
            If nbformat, nbconvert or plotly is not installed.
        """
        try:
            from nbformat import v4
        except ImportError as error:
            raise ExtraMissingError.for_extra("report", what="An HTML page") from error
        from oppnb.reports.exporter import export_html

        outputs = [
            v4.new_output("display_data", data=bundle)  # type: ignore[no-untyped-call]
            for bundle in self.__dict__.get("outputs", [])
        ]
        cell = v4.new_code_cell(outputs=outputs)  # type: ignore[no-untyped-call]
        notebook = v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
        return export_html(notebook, title=self.title, locale=self.words.locale, words=self.words)
