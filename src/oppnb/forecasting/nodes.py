"""How a node of a roll-up is written in frames: the column and its value."""

__all__ = ["COMPANY", "node_name", "node_parts"]

COMPANY = "company"
"""The node of all deals."""


def node_name(by: str, value: str | None = None) -> str:
    """The node's name.

    Examples
    --------
    >>> node_name("region", "East"), node_name(COMPANY)
    ('region=East', 'company')
    """
    return COMPANY if by == COMPANY else f"{by}={value or ''}"


def node_parts(name: str) -> tuple[str, str | None]:
    """Column and value of a node.

    Examples
    --------
    >>> node_parts("region=East"), node_parts("company")
    (('region', 'East'), ('company', None))
    """
    by, _, value = name.partition("=")
    return (COMPANY, None) if name == COMPANY else (by, value)
