"""Tables of a widget: kept in Python, read a page at a time, sorted and filtered by hand or from code."""

from typing import Any

from oppnb.errors import UsageError
from oppnb.widgets.commands import command
from oppnb.widgets.table_view import PAGE_ROWS, TableView

__all__ = ["WithTables"]


class WithTables:
    """Mix in before `OppnbWidget`: keeps `TableView`s by name; `table_changed` is called after a sort or filter."""

    def keep_table(self, name: str, view: TableView) -> dict[str, Any]:
        """Keep a table and give what the front end needs; the order and filters chosen before are kept.

        Filters on columns that are no longer there fall away.
        """
        before = self._tables.get(name)
        if before is not None:
            there = {one.key for one in view.columns}
            for column, text in before.filters.items():
                view = view.filtered(column, text) if column in there else view
            if before.sort_by in there:
                view = view.sorted(before.sort_by, descending=before.descending)
        self._tables[name] = view
        return view.spec(name)

    def table(self, name: str) -> TableView:
        """A table by its name."""
        return self._tables[name]

    def table_changed(self, name: str) -> None:
        """A table has another order or filter: put its `spec` into a new `state`."""
        raise NotImplementedError

    @command
    def read_rows(self, table: str, offset: int, limit: int = PAGE_ROWS) -> dict[str, Any]:
        """A page of a table: `offset` and `rows`."""
        return self._tables[table].page(offset, limit)

    @command
    def sort_rows(self, table: str, column: str | None, descending: bool = False) -> None:
        """Sort a table by a column; None gives the first order back."""
        self._tables[table] = self._tables[table].sorted(column, descending=descending)
        self.table_changed(table)

    @command
    def filter_rows(self: Any, table: str, column: str, text: str) -> None:
        """Filter a table by a column; an empty text takes the filter away."""
        view = self._tables[table]
        try:
            self._tables[table] = view.filtered(column, text)
        except UsageError as error:  # the same in the reader's language
            of = next(one for one in view.columns if one.key == column)
            raise UsageError(self.words(f"widgets.filter_refused_{of.kind}", column=of.label)) from error
        self.table_changed(table)

    @property
    def _tables(self) -> dict[str, TableView]:
        kept: dict[str, TableView] = self.__dict__.setdefault("_kept_tables", {})
        return kept
