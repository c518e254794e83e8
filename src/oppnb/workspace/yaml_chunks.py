"""The lines of a YAML list item by item: each with the comments that are about it."""

from dataclasses import dataclass
from typing import Any

from oppnb.workspace.yaml_places import YamlText

__all__ = ["Chunk", "chunks_of"]


@dataclass(frozen=True)
class Chunk:
    """The lines of one item: comments above it from `start`, the item from `body`, to before `end`."""

    start: int
    body: int
    end: int


def chunks_of(held: YamlText, node: Any) -> list[Chunk]:
    r"""The items of a block list as lines that follow each other without a gap.

    A comment line that stands further in than the dashes is about the item above it, any other about the item below.
    Before the first item, what a blank line sets apart is about the list and belongs to none.

    Examples
    --------
    >>> held = YamlText("a:\n# one\n- 1\n# two\n- 2 # of 2\n")
    >>> [held.text[chunk.start:chunk.end] for chunk in chunks_of(held, held.root.value[0][1])]
    ['# one\n- 1\n', '# two\n- 2 # of 2\n']
    """
    bodies = [held.line_start(item.start_mark.index) for item in node.value]
    ends = [_end_with_tail(held, held.line_end(held.end_of(item)), node.start_mark.column) for item in node.value]
    starts = [_lead(held, bodies[0]), *ends[:-1]]
    return [Chunk(start, body, end) for start, body, end in zip(starts, bodies, ends, strict=True)]


def _end_with_tail(held: YamlText, at: int, column: int) -> int:
    """The end of an item with the comments after it that stand further in than its dash."""
    found = at
    for end, line in held.lines_from(at):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            break
        if bare and len(line) - len(line.lstrip()) > column:
            found = end
    return found


def _lead(held: YamlText, body: int) -> int:
    start = body
    while start:
        above = held.line_start(start - 1)
        if not held.text[above:start].strip().startswith("#"):
            break
        start = above
    return start
