"""The rules of the audit by name: what is done with rows that break one, and what the workspace may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["CASCADE_RULE", "RULES", "SPELLING_RULE", "Action", "Rule"]

Action = Literal["keep", "set_aside", "mend", "stop"]

SPELLING_RULE = "spelling_is_as_configured"
CASCADE_RULE = "opportunity_was_not_set_aside"


@dataclass(frozen=True)
class Rule:
    """What can be done about a rule.

    Attributes
    ----------
    name : str
        The sentence that is true of a good row.
    default : {'keep', 'set_aside'}
        What is done where the workspace is silent.
    can_set_aside, can_mend : bool
        Whether the rule points at rows that could be left out, and whether oppnb knows a better value.
    looks_at_others : bool
        Whether setting other rows aside can make a good row break it.
    """

    name: str
    default: Literal["keep", "set_aside"] = "keep"
    can_set_aside: bool = True
    can_mend: bool = False
    looks_at_others: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions the workspace may name for it."""
        optional: list[tuple[Action, bool]] = [("set_aside", self.can_set_aside), ("mend", self.can_mend)]
        return ("keep", *(action for action, possible in optional if possible), "stop")


_SET_ASIDE = ("key_is_there", "row_is_not_repeated", "key_is_there_once")
_OF_THE_ROW = (
    "required_columns_are_filled",
    "event_is_not_repeated",
    "opportunity_has_an_account",
    "opportunity_has_an_owner",
    "opportunity_has_a_creation_date",
    "closed_at_is_not_before_created_at",
    "expected_close_on_is_not_before_created_at",
    "period_end_is_not_before_period_start",
    "ends_on_is_not_before_starts_on",
    "closed_at_is_not_before_opened_at",
    "converted_at_is_not_before_created_at",
    "created_at_is_not_after_the_export",
    "closed_at_is_not_after_the_export",
    "changed_at_is_not_after_the_export",
    "occurred_at_is_not_after_the_export",
    "recorded_at_is_not_after_the_export",
    "opened_at_is_not_after_the_export",
    "converted_at_is_not_after_the_export",
    "paid_on_is_not_after_the_export",
    "amount_is_finite",
    "amount_is_not_negative",
    "amount_is_not_zero",
    "open_deal_has_an_amount",
    "won_deal_has_an_amount",
    "rate_to_base_is_positive",
    "currency_is_there",
    "currency_is_an_iso_4217_code",
    "stage_is_in_the_configuration",
    "process_is_in_the_configuration",
    "outcome_is_open_won_or_lost",
    "closed_deal_has_closed_at",
    "open_deal_has_no_closed_at",
    "open_deal_is_not_past_its_expected_close",
    "influence_is_between_0_and_1",
    "stance_is_between_minus_1_and_1",
)
_OF_OTHERS = (
    "opportunity_is_not_entered_twice",
    "account_is_not_entered_twice",
    "opportunity_id_is_in_opportunities",
    "manager_id_is_in_owners",
    "history_is_not_before_created_at",
    "amount_is_of_the_usual_size",
    "amounts_are_in_one_currency",
    "currency_has_an_exchange_rate",
    "open_deal_older_than_30_days_has_moved",
    "last_stage_in_history_is_the_current_one",
    "last_amount_in_history_is_the_current_one",
    "last_owner_in_history_is_the_current_one",
    "last_expected_close_in_history_is_the_current_one",
    "owner_of_an_open_deal_is_active",
    "targets_do_not_overlap",
    "paid_on_is_not_before_the_close",
    "payment_belongs_to_a_won_deal",
)
_WITH_A_MEND = (
    "account_id_is_in_accounts",
    "owner_id_is_in_owners",
    "product_is_spelt_as_in_line_items",
    "value_is_in_its_list",
    "spelling_is_the_usual_one",
    "spelling_is_a_known_word",
)
_OF_THE_COLUMN = (
    "column_is_filled_alike_on_won_and_lost",
    "column_is_filled_alike_on_open_and_closed",
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            *(Rule(name, default="set_aside") for name in _SET_ASIDE),
            *(Rule(name) for name in _OF_THE_ROW),
            Rule("outcome_agrees_with_the_stage", can_mend=True),
            *(Rule(name, looks_at_others=True) for name in _OF_OTHERS),
            *(Rule(name, can_mend=True, looks_at_others=True) for name in _WITH_A_MEND),
            *(Rule(name, can_set_aside=False) for name in _OF_THE_COLUMN),
        )
    }
)
