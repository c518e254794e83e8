"""Headers as column names: stripped, none blank, none twice."""

from collections.abc import Sequence

__all__ = ["clean_headers", "is_blank"]


def is_blank(cell: object) -> bool:
    """Whether a cell of a header is empty or only blanks."""
    return cell is None or not str(cell).strip("\ufeff \t\r\n\u00a0\u3000")


def clean_headers(cells: Sequence[object]) -> tuple[str, ...]:
    r"""Strip headers, name blank ones by their place and number the second of two alike.

    Parameters
    ----------
    cells : sequence
        The cells of the header row; numbers and None are allowed.

    Returns
    -------
    tuple of str
        As many names as cells, no two alike.

    Examples
    --------
    >>> clean_headers([" Amount", "Amount", None, "Stage\nName"])
    ('Amount', 'Amount_2', 'column_3', 'Stage Name')
    """
    wanted = [
        f"column_{place}" if is_blank(cell) else " ".join(str(cell).strip("\ufeff").split())
        for place, cell in enumerate(cells, start=1)
    ]
    taken: set[str] = set()
    return tuple(_free_name(name, taken, wanted) for name in wanted)


def _free_name(name: str, taken: set[str], wanted: list[str]) -> str:
    free, number = name, 1
    while free in taken or (number > 1 and free in wanted):
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free
