"""What a person says of a deal or of a node, checked as far as it can be without the data."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime

from oppnb.errors import ParameterError
from oppnb.forecasting.nodes import COMPANY, node_name
from oppnb.periods import parse_period

__all__ = ["Override"]


@dataclass(frozen=True, kw_only=True)
class Override:
    """A number of a person, of one deal or of the amount of a period in one node.

    Attributes
    ----------
    who, why : str
        The person (a key such as the owner's) and the reason; neither may be empty.
    when : datetime
        When it was said; with a zone, or in UTC.
    opportunity_id : str, optional
        The deal; then give at least one of `amount`, `chance`, `expected_close_on`.
    amount : float, optional
        What the deal will be won for, if it is won; base currency, not negative. With `by` and `period`: the amount won
        in the period.
    chance : float, optional
        In [0, 1]: of the deal's being won inside `period` if one is given, else of its being won at all.
    expected_close_on : date, optional
        The day on which the deal closes.
    by, node : str, optional
        A column of the deals and its value, such as `region` and `East`; `by="company"` is the whole.
    period : str, optional
        As `parse_period` reads it; a node needs one.

    Raises
    ------
    ParameterError
        If the reason or the person is empty, a number cannot be, or it is not clear what is meant.
    PeriodError
        If the period is spelt wrong.

    Examples
    --------
    >>> said = Override(by="region", node="East", period="2024-Q4", amount=1e6, who="U01", why="Two tenders",
    ...     when=datetime(2024, 11, 4, 9))
    >>> said.period, said.target
    ('2024Q4', 'region=East')
    """

    who: str
    why: str
    when: datetime
    opportunity_id: str | None = None
    amount: float | None = None
    chance: float | None = None
    expected_close_on: date | None = None
    by: str | None = None
    node: str | None = None
    period: str | None = None

    def __post_init__(self) -> None:
        for name, said in (("who", self.who), ("why", self.why)):
            if not said.strip():
                raise ParameterError(f"An override needs '{name}': {_NEEDED[name]}.")
        _check_target(self)
        _check_numbers(self)
        if self.period is not None:
            object.__setattr__(self, "period", parse_period(self.period).name)

    @property
    def target(self) -> str:
        """The deal, or the node as it is written in frames."""
        return self.opportunity_id or node_name(self.by or COMPANY, self.node)

    @property
    def said_at(self) -> datetime:
        """`when` in UTC, without a zone."""
        return self.when if self.when.tzinfo is None else self.when.astimezone(UTC).replace(tzinfo=None)


_NEEDED = {"who": "the person whose number it is", "why": "the reason, which is read when it is judged later"}


def _check_target(override: Override) -> None:
    of_deal, of_node = override.opportunity_id is not None, override.by is not None
    if of_deal == of_node:
        raise ParameterError("An override is of one deal ('opportunity_id') or of one node ('by' and 'node').")
    if of_node and (override.by == COMPANY) != (override.node is None):
        raise ParameterError(
            "A node is a column and its value, such as by='region', node='East'; by='company' has none."
        )
    said = [name for name in ("amount", "chance", "expected_close_on") if getattr(override, name) is not None]
    if of_deal and not said:
        raise ParameterError("An override of a deal gives an amount, a chance or an expected close.")
    if of_node and (said != ["amount"] or override.period is None):
        raise ParameterError(
            "An override of a node gives the amount of a period, and nothing else: 'amount', 'period'."
        )


def _check_numbers(override: Override) -> None:
    amount, chance = override.amount, override.chance
    if amount is not None and not (math.isfinite(amount) and amount >= 0):
        raise ParameterError(f"The amount of an override is 0 or more, not {amount:g}.")
    if chance is not None and not 0 <= chance <= 1:
        hint = f" Write {chance / 100:g} for {chance:g} %." if 1 < chance <= 100 else ""
        raise ParameterError(f"The chance of an override lies between 0 and 1; it is {chance:g}.{hint}")
