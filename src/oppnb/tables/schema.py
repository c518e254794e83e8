"""The canonical tables: which columns each has, of which kind, and which it cannot do without."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["CANONICAL", "Column", "Kind", "TableSchema", "table_names"]

Kind = Literal["key", "text", "moment", "day", "money", "number", "share", "currency", "flag"]


@dataclass(frozen=True)
class Column:
    """A canonical column.

    Attributes
    ----------
    kind : str
        `key` and `text` are pandas `str`; `moment` (UTC without zone) and `day` (midnight) are `datetime64[us]`;
        `money`, `number` and `share` are `float64`; `currency` is ISO 4217 text; `flag` is `boolean`.
    required : bool
        The table cannot be used without it.
    meaning : str
        One line for `oppnb inspect` and the documentation.
    """

    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class TableSchema:
    """A canonical table: its columns, and the columns that identify a row (empty if rows need no identity)."""

    meaning: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    any_of: tuple[str, ...] = field(default=())

    @property
    def required(self) -> tuple[str, ...]:
        """Columns the table cannot do without."""
        return tuple(name for name, column in self.columns.items() if column.required)


def _columns(**columns: Column) -> Mapping[str, Column]:
    return MappingProxyType(columns)


_OPPORTUNITY = Column("key", "The opportunity", required=True)
_ACCOUNT = Column("key", "The customer")
_OWNER = Column("key", "The seller")
_CURRENCY = Column("currency", "ISO 4217 code of the amounts in the row")

CANONICAL: Mapping[str, TableSchema] = MappingProxyType(
    {
        "opportunities": TableSchema(
            "An opportunity as it stands in the export",
            _columns(
                opportunity_id=_OPPORTUNITY,
                stage=Column("text", "Stage as the CRM names it", required=True),
                name=Column("text", "Title"),
                account_id=_ACCOUNT,
                owner_id=_OWNER,
                process=Column("text", "Sales process, where there are several"),
                amount=Column("money", "Amount in its own currency"),
                currency=_CURRENCY,
                created_at=Column("moment", "When it was opened"),
                expected_close_on=Column("day", "When the seller expects it to close"),
                closed_at=Column("moment", "When it was won or lost; null while open"),
                outcome=Column("text", "open, won or lost; taken from the stage where absent"),
                source=Column("text", "Where it came from"),
                product=Column("text", "Main product"),
                region=Column("text", "Region"),
                competitor=Column("text", "Main competitor"),
                lost_reason=Column("text", "Why it was lost; known at the close only"),
                forecast_category=Column("text", "omitted, pipeline, best_case, commit or closed"),
                next_step=Column("text", "Next step in the seller's words"),
                next_step_due_on=Column("day", "When the next step is due"),
                crm_score=Column("number", "The CRM's own score"),
                crm_score_kind=Column("text", "probability, percentile or points"),
            ),
            key=("opportunity_id",),
        ),
        "opportunity_history": TableSchema(
            "A state of an opportunity from a moment on; a null means 'as before'",
            _columns(
                opportunity_id=_OPPORTUNITY,
                changed_at=Column("moment", "From when on", required=True),
                stage=Column("text", "Stage from then on"),
                amount=Column("money", "Amount from then on"),
                expected_close_on=Column("day", "Expected close from then on"),
                owner_id=_OWNER,
                forecast_category=Column("text", "Forecast category from then on"),
                next_step=Column("text", "Next step from then on"),
                next_step_due_on=Column("day", "When that step is due"),
            ),
        ),
        "activities": TableSchema(
            "A call, mail, meeting, visit, demo, download or page view",
            _columns(
                opportunity_id=Column("key", "The opportunity"),
                account_id=_ACCOUNT,
                kind=Column("text", "call, mail, meeting, visit, demo, download, page_view, …", required=True),
                occurred_at=Column("moment", "When", required=True),
                direction=Column("text", "in or out"),
                contact_id=Column("key", "The person"),
                duration_minutes=Column("number", "Length in minutes"),
            ),
            any_of=("opportunity_id", "account_id"),
        ),
        "accounts": TableSchema(
            "A customer",
            _columns(
                account_id=Column("key", "The customer", required=True),
                name=Column("text", "Name"),
                industry=Column("text", "Industry"),
                employees=Column("number", "Headcount"),
                annual_revenue=Column("money", "Revenue a year"),
                region=Column("text", "Region"),
                customer_since=Column("day", "First purchase"),
            ),
            key=("account_id",),
        ),
        "contacts": TableSchema(
            "A person's part in an opportunity",
            _columns(
                opportunity_id=_OPPORTUNITY,
                contact_id=Column("key", "The person", required=True),
                role=Column("text", "Role in the decision"),
                influence=Column("share", "0 none to 1 decides"),
                stance=Column("number", "-1 against to 1 for us"),
            ),
            key=("opportunity_id", "contact_id"),
        ),
        "evidence": TableSchema(
            "State of a qualification element",
            _columns(
                opportunity_id=_OPPORTUNITY,
                element=Column("text", "Element, e.g. of MEDDICC or C139", required=True),
                state=Column("text", "State", required=True),
                recorded_at=Column("moment", "When it was recorded", required=True),
            ),
        ),
        "line_items": TableSchema(
            "A product in an opportunity",
            _columns(
                opportunity_id=_OPPORTUNITY,
                product=Column("text", "Product", required=True),
                quantity=Column("number", "Quantity"),
                unit_price=Column("money", "Price of one"),
                currency=_CURRENCY,
                starts_on=Column("day", "First day of use"),
            ),
        ),
        "owners": TableSchema(
            "A seller",
            _columns(
                owner_id=Column("key", "The seller", required=True),
                name=Column("text", "Name"),
                team=Column("text", "Team"),
                region=Column("text", "Region"),
                manager_id=Column("key", "Manager"),
                active=Column("flag", "Still selling"),
            ),
            key=("owner_id",),
        ),
        "targets": TableSchema(
            "A quota",
            _columns(
                period_start=Column("day", "First day", required=True),
                period_end=Column("day", "Last day", required=True),
                amount=Column("money", "Quota", required=True),
                currency=_CURRENCY,
                owner_id=_OWNER,
                team=Column("text", "Team"),
                region=Column("text", "Region"),
                process=Column("text", "Sales process"),
            ),
        ),
        "payments": TableSchema(
            "Money due or received",
            _columns(
                opportunity_id=_OPPORTUNITY,
                due_on=Column("day", "Due"),
                paid_on=Column("day", "Received; null while unpaid"),
                amount=Column("money", "Amount", required=True),
                currency=_CURRENCY,
            ),
        ),
        "leads": TableSchema(
            "A lead, before it is an opportunity",
            _columns(
                lead_id=Column("key", "The lead", required=True),
                created_at=Column("moment", "When it came", required=True),
                source=Column("text", "Where it came from"),
                converted_at=Column("moment", "When it became an opportunity"),
                opportunity_id=Column("key", "The opportunity it became"),
            ),
            key=("lead_id",),
        ),
        "subscriptions": TableSchema(
            "A running contract",
            _columns(
                subscription_id=Column("key", "The contract", required=True),
                account_id=_ACCOUNT,
                opportunity_id=Column("key", "The opportunity it came from"),
                product=Column("text", "Product"),
                starts_on=Column("day", "First day", required=True),
                ends_on=Column("day", "Last day"),
                cancelled_on=Column("day", "When it was cancelled"),
                amount=Column("money", "Amount a year"),
                currency=_CURRENCY,
            ),
            key=("subscription_id",),
        ),
        "tickets": TableSchema(
            "A support request",
            _columns(
                ticket_id=Column("key", "The request", required=True),
                account_id=_ACCOUNT,
                opportunity_id=Column("key", "The opportunity"),
                opened_at=Column("moment", "When it was opened", required=True),
                closed_at=Column("moment", "When it was closed"),
                severity=Column("text", "Severity"),
                kind=Column("text", "complaint, question, …"),
            ),
            key=("ticket_id",),
        ),
        "exchange_rates": TableSchema(
            "A rate on a day",
            _columns(
                currency=Column("currency", "ISO 4217 code", required=True),
                on=Column("day", "Day from which the rate holds", required=True),
                rate_to_base=Column("number", "Base currency for one unit", required=True),
            ),
            key=("currency", "on"),
        ),
    }
)


def table_names() -> list[str]:
    """Names of the canonical tables, `opportunities` first."""
    return list(CANONICAL)
