"""Where in a YAML text each value stands: so that one can be changed and every other byte, comments too, stays."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

__all__ = ["Edit", "YamlText", "applied"]


@dataclass(frozen=True)
class Edit:
    """Put `text` in the place of what stands from `start` to before `end`."""

    start: int
    end: int
    text: str


def applied(edits: list[Edit], text: str, start: int = 0, end: int | None = None) -> str:
    """The part of a text from `start` to `end` with the edits made; edits at the same place in their order.

    Examples
    --------
    >>> applied([Edit(6, 9, "0.2")], "odds: 0.1 # ours")
    'odds: 0.2 # ours'
    """
    made, at = [], start
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        made += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*made, text[at : len(text) if end is None else end]])


@dataclass(frozen=True)
class YamlText:
    r"""A YAML text with the nodes of its one document; `text` ends with a line break.

    Examples
    --------
    >>> held = YamlText("a: 'x # y' # z\n")
    >>> held.comments(0, len(held.text))
    ['# z']
    """

    text: str

    @cached_property
    def root(self) -> Any:
        """The node of the document; None if it is empty."""
        return self._yaml().compose(self.text)

    @cached_property
    def plain(self) -> Any:
        """The document as dicts, lists and values."""
        return self._yaml().load(self.text)

    def _yaml(self) -> Any:
        from ruamel.yaml import YAML

        return YAML(typ="safe", pure=True)

    def start_of(self, node: Any, *, key: Any = None) -> int:
        """Where a node begins; a value that is left empty begins after the colon of its key."""
        if key is not None and self._is_left_empty(node):
            return self.text.index(":", key.end_mark.index) + 1
        return int(node.start_mark.index)

    def end_of(self, node: Any, *, key: Any = None) -> int:
        """Where a node's own text ends: before comments, blank lines and what follows."""
        if key is not None and self._is_left_empty(node):
            return self.start_of(node, key=key)
        if node.id == "scalar" or node.flow_style:
            is_block = getattr(node, "style", None) in ("|", ">")
            end = int(node.end_mark.index)
            return len(self.text[:end].rstrip()) if is_block else end
        if node.id == "mapping":
            last_key, last = node.value[-1]
            return self.end_of(last, key=last_key)
        return self.end_of(node.value[-1])

    def _is_left_empty(self, node: Any) -> bool:
        return bool(node.id == "scalar" and node.start_mark.index == node.end_mark.index)

    def line_start(self, at: int) -> int:
        """The first place of the line that holds `at`."""
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """The first place of the line after that which holds `at`."""
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def lines_from(self, at: int) -> Iterator[tuple[int, str]]:
        """The lines from `at` on, each with where it ends."""
        while at < len(self.text):
            end = self.line_end(at)
            yield end, self.text[at:end]
            at = end

    def comments(self, start: int, end: int) -> list[str]:
        """The comments that begin from `start` to before `end`, without the space around them."""
        found, at = [], self.text.find("#", start, end)
        while at >= 0:
            if self._is_comment(at):
                stop = self.line_end(at)
                found.append(self.text[at:stop].strip())
                at = stop - 1
            at = self.text.find("#", at + 1, end)
        return found

    def _is_comment(self, at: int) -> bool:
        if at and not self.text[at - 1].isspace():
            return False
        place = bisect_right(self._starts, at) - 1
        return place < 0 or at >= self._scalars[place][1]

    @cached_property
    def _scalars(self) -> list[tuple[int, int]]:
        nodes = [] if self.root is None else _scalars_of(self.root)
        return sorted({(node.start_mark.index, node.end_mark.index) for node in nodes})

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self._scalars]


def _scalars_of(node: Any) -> Iterator[Any]:
    if node.id == "scalar":
        yield node
    elif node.id == "mapping":
        for key, value in node.value:
            yield key
            yield from _scalars_of(value)
    else:
        for item in node.value:
            yield from _scalars_of(item)
