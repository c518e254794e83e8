"""Change values of a YAML text and leave the rest as it was written: order, spelling, quotes, comments."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oppnb.workspace.yaml_chunks import Chunk, chunks_of
from oppnb.workspace.yaml_places import Edit, YamlText, applied

__all__ = ["Taken", "edited_yaml"]


@dataclass(frozen=True)
class Taken:
    """An item of a list, with where it comes from.

    Attributes
    ----------
    value : object
        What the item shall say.
    origin : int or None
        Its place in the list as it was; None: it is new.
    absorbs : tuple of int
        Places of items that end in this one: their comments go with it.
    """

    value: Any
    origin: int | None = None
    absorbs: tuple[int, ...] = ()


def edited_yaml(text: str, new: Mapping[str, Any]) -> str:
    r"""The text with what `new` says, changed only where it says something else.

    Parameters
    ----------
    text : str
        YAML whose top is a mapping, or nothing.
    new : mapping
        What the whole text shall say. A list may hold `Taken`; items of other lists are found again by what they say,
        or by their `name`.

    Returns
    -------
    str
        Comments of what is left out stand on lines of their own where it stood, or at the item that absorbs it.
        Whoever saves it parses it first: an anchor that is used twice cannot be changed in one place.

    Examples
    --------
    >>> before = "stages:\n  # first\n  - name: Lead # ours\n    odds: .1\n  - {name: Demo}\n"
    >>> print(edited_yaml(before, {"stages": [{"name": "Demo", "odds": 0.5}, {"name": "Lead", "odds": 0.2}]}), end="")
    stages:
      - {name: Demo, odds: 0.5}
      # first
      - name: Lead # ours
        odds: 0.2
    """
    held = YamlText(text if text.endswith("\n") or not text else text + "\n")
    if held.root is None:
        return held.text + "".join(_block({key: value}, 0, offset=2) for key, value in new.items() if value)
    writer = _Writer(held)
    return applied(writer.changed(held.root, held.plain, new), held.text)


class _Writer:
    def __init__(self, held: YamlText) -> None:
        self.held = held
        self.offset = _offset_of(held.root)

    def changed(self, node: Any, old: Any, new: Any, *, key: Any = None) -> list[Edit]:
        """The edits after which a node says `new`."""
        if isinstance(new, Mapping) and isinstance(old, dict) and node.id == "mapping":
            return self._mapping(node, old, new)
        if isinstance(new, list) and isinstance(old, list) and node.id == "sequence":
            return self._sequence(node, old, new)
        if _same(old, new):
            return []
        start, end = self.held.start_of(node, key=key), self.held.end_of(node, key=key)
        return [Edit(start, end, (" " if start == end else "") + _flow(new))]

    # --- mappings -------------------------------------------------------------------------------------------------

    def _mapping(self, node: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Edit]:
        pairs = {key.value: (key, value) for key, value in node.value}
        gone = [name for name in pairs if name in old and _is_nothing(new.get(name)) and not _is_nothing(old[name])]
        added = [name for name in new if name not in old and not _is_nothing(new[name])]
        edits = [
            edit
            for name, (key, value) in pairs.items()
            if name in old and name not in gone and not (_is_nothing(old[name]) and _is_nothing(new.get(name)))
            for edit in self.changed(value, old[name], new[name], key=key)
        ]
        if node.flow_style:
            return self._flow_mapping(node, new, edits, is_rebuilt=bool(gone) or not pairs, added=added)
        edits += [edit for name in gone for edit in self._without(*pairs[name], old[name])]
        kept = [name for name in pairs if name not in gone]
        return edits + [self._with_key(name, new, {name: pairs[name] for name in kept}) for name in added]

    def _flow_mapping(
        self, node: Any, new: Mapping[str, Any], edits: list[Edit], *, is_rebuilt: bool, added: list[str]
    ) -> list[Edit]:
        if is_rebuilt:
            filled = {name: value for name, value in new.items() if not _is_nothing(value)}
            return [*self._comments_above(node), Edit(self.held.start_of(node), self.held.end_of(node), _flow(filled))]
        key, value = node.value[-1]
        at = self.held.end_of(value, key=key)
        return edits + [Edit(at, at, f", {_flow({name: new[name]})[1:-1]}") for name in added]

    def _without(self, key: Any, value: Any, old: Any) -> list[Edit]:
        text, start = self.held.text, self.held.line_start(key.start_mark.index)
        end = self.held.line_end(self.held.end_of(value, key=key))
        indent = text[start : key.start_mark.index]
        if indent.strip():  # it stands on the line of the dash
            empty = "[]" if isinstance(old, list) else "{}" if isinstance(old, dict) else "null"
            return [Edit(self.held.start_of(value, key=key), self.held.end_of(value, key=key), empty)]
        kept = "".join(f"{indent}{comment}\n" for comment in self.held.comments(start, end))
        return [Edit(start, end, kept)]

    def _with_key(self, name: str, new: Mapping[str, Any], pairs: Mapping[str, Any]) -> Edit:
        order = list(new)
        before = [other for other in order[: order.index(name)] if other in pairs]
        key, value = pairs[before[-1]] if before else list(pairs.values())[-1]
        at = self.held.line_end(self.held.end_of(value, key=key))
        return Edit(at, at, _block({name: new[name]}, key.start_mark.column, offset=self.offset))

    # --- lists ----------------------------------------------------------------------------------------------------

    def _sequence(self, node: Any, old: list[Any], new: list[Any]) -> list[Edit]:
        items = _aligned(old, new)
        edits = {
            item.origin: self.changed(node.value[item.origin], old[item.origin], item.value)
            for item in items
            if item.origin is not None
        }
        if [item.origin for item in items] == list(range(len(old))):
            return [edit for found in edits.values() for edit in found]
        if not node.value:
            return [Edit(self.held.start_of(node), self.held.end_of(node), _flow([item.value for item in items]))]
        return self._flow_list(node, items, edits) if node.flow_style else self._block_list(node, items, edits)

    def _flow_list(self, node: Any, items: Sequence[Taken], edits: Mapping[Any, list[Edit]]) -> list[Edit]:
        held, spans = self.held, [(self.held.start_of(one), self.held.end_of(one)) for one in node.value]
        between = held.text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ", "
        said = [
            _flow(item.value) if item.origin is None else applied(edits[item.origin], held.text, *spans[item.origin])
            for item in items
        ]
        made = (", " if "#" in between else between).join(said)
        return [*self._comments_above(node), Edit(spans[0][0], spans[-1][1], made)]

    def _comments_above(self, node: Any) -> list[Edit]:
        start = self.held.start_of(node)
        at = self.held.line_start(start)
        line = self.held.text[at:start]
        indent = line[: len(line) - len(line.lstrip())]
        found = self.held.comments(start, self.held.end_of(node))
        return [Edit(at, at, "".join(f"{indent}{comment}\n" for comment in found))] if found else []

    def _block_list(self, node: Any, items: Sequence[Taken], edits: Mapping[Any, list[Edit]]) -> list[Edit]:
        chunks = chunks_of(self.held, node)
        left = _comments_left(self.held, chunks, items)
        indent = " " * node.start_mark.column
        is_flow = node.value[-1].id == "mapping" and bool(node.value[-1].flow_style)
        made = []
        for place, item in enumerate(items):
            kept = "".join(f"{indent}{comment}\n" for comment in left.get(place, ()))
            if item.origin is None:
                made.append(kept + _item(item.value, len(indent), is_flow=is_flow, offset=self.offset))
                continue
            chunk = chunks[item.origin]
            lead = self.held.text[chunk.start : chunk.body]
            made.append(lead + kept + applied(edits[item.origin], self.held.text, chunk.body, chunk.end))
        made.append("".join(f"{indent}{comment}\n" for comment in left.get(len(items), ())))
        return [Edit(chunks[0].start, chunks[-1].end, "".join(made))]


def _comments_left(held: YamlText, chunks: Sequence[Chunk], items: Sequence[Taken]) -> dict[int, list[str]]:
    """Comments of items that are no more, by the place in the new list before whose item they go."""
    home = {origin: place for place, item in enumerate(items) for origin in item.absorbs}
    kept = {item.origin: place for place, item in enumerate(items) if item.origin is not None}
    found: dict[int, list[str]] = {}
    for origin, chunk in enumerate(chunks):
        if origin in kept:
            continue
        later = [kept[other] for other in range(origin + 1, len(chunks)) if other in kept]
        place = home.get(origin, later[0] if later else len(items))
        found.setdefault(place, []).extend(held.comments(chunk.start, chunk.end))
    return found


def _aligned(old: list[Any], new: list[Any]) -> list[Taken]:
    """The new items with the old ones that they are: the same, else of the same name."""
    free = dict(enumerate(old))
    made: list[Taken] = []
    for item in new:
        if isinstance(item, Taken):
            made.append(item)
            continue
        name = item.get("name") if isinstance(item, Mapping) else None
        same = [place for place, other in free.items() if _same(other, item)]
        named = [place for place, other in free.items() if name and isinstance(other, dict) and other["name"] == name]
        origin = next(iter([*same, *named]), None)
        free.pop(origin, None) if origin is not None else None
        made.append(Taken(item, origin))
    return made


def _same(old: Any, new: Any) -> bool:
    return bool(old == new and isinstance(old, bool) == isinstance(new, bool)) or (
        _is_nothing(old) and _is_nothing(new)
    )


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, (list, Mapping)) and not value)


def _offset_of(root: Any) -> int:
    """How far dashes stand in from their key in this text: 2, or 0 where somebody writes them so."""
    for key, value in root.value if root.id == "mapping" else ():
        if value.id == "sequence" and value.value and not value.flow_style:
            return int(value.start_mark.column - key.start_mark.column)
    return 2


# --- writing ------------------------------------------------------------------------------------------------------


def _flow(value: Any) -> str:
    """On one line, as it may stand within braces."""
    from ruamel.yaml.comments import CommentedSeq

    seq = CommentedSeq([_tidy(value)])
    seq.fa.set_flow_style()
    return _dumped(seq, offset=0).strip()[1:-1]


def _block(value: Mapping[str, Any], column: int, *, offset: int) -> str:
    filled = {name: one for name, one in value.items() if not _is_nothing(one)}
    return _shifted(_dumped(_tidy(filled), offset=offset), column)


def _item(value: Any, column: int, *, is_flow: bool, offset: int) -> str:
    if is_flow or not isinstance(value, Mapping):
        return f"{' ' * column}- {_flow(value)}\n"
    lines = _dumped(_tidy(value), offset=offset)
    return " " * column + "- " + _shifted(lines, column + 2).lstrip(" ")


def _shifted(text: str, column: int) -> str:
    return "".join(" " * column + line if line.strip() else line for line in text.splitlines(keepends=True))


def _tidy(value: Any) -> Any:
    """Whole numbers without a point; `Taken` gives its value."""
    if isinstance(value, Taken):
        return _tidy(value.value)
    if isinstance(value, Mapping):
        return {name: _tidy(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tidy(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _dumped(value: Any, *, offset: int) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode = 100_000, True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()
