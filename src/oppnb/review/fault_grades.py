"""What a finding of the audit costs: which figures it touches, what to do about it, how grave it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from oppnb.tables import AuditResult, Finding

__all__ = ["EFFECTS", "EXPLAINED", "GRAVE", "LEVELS", "Effect", "advice_on", "effect_of", "grade_faults", "grade_of"]

LEVELS = ("high", "medium", "low")
GRAVE = (0.05, 0.01)
"""Share of the rows checked from which on a fault is high, and medium."""


@dataclass(frozen=True)
class Effect:
    """What a broken rule costs.

    Attributes
    ----------
    areas : tuple of str
        Groups of figures that it touches; keys of `fault_area` in the catalogue. Empty: none.
    advice : str
        What to do; a key of `fault_advice`.
    """

    areas: tuple[str, ...]
    advice: str


_AFTER = "_is_not_after_the_export"
_RULES: Mapping[str, Mapping[tuple[str, ...], tuple[str, ...]]] = {
    "empty": {
        ("counts",): ("key_is_there", "required_columns_are_filled", "grouping_key_is_filled"),
        ("accounts",): ("opportunity_has_an_account",),
        ("sellers",): ("opportunity_has_an_owner",),
        ("flow", "moves"): ("opportunity_has_a_creation_date",),
        ("flow",): ("closed_deal_has_closed_at",),
        ("amounts",): ("open_deal_has_an_amount", "won_deal_has_an_amount"),
    },
    "twice": {
        ("counts",): ("key_is_there_once", "row_is_not_repeated"),
        ("counts", "amounts"): ("opportunity_is_not_entered_twice",),
        ("accounts",): ("account_is_not_entered_twice",),
        ("activity",): ("event_is_not_repeated",),
        ("joined",): ("joined_file_has_a_key_once",),
        ("moves", "activity"): ("opportunity_was_not_set_aside",),
    },
    "link": {
        ("accounts",): ("account_id_is_in_accounts",),
        ("sellers",): ("owner_id_is_in_owners", "manager_id_is_in_owners"),
        ("moves", "activity"): ("opportunity_id_is_in_opportunities",),
        ("joined",): ("key_is_in_the_joined_file",),
    },
    "order": {
        ("flow",): ("closed_at_is_not_before_created_at",),
        ("due",): ("expected_close_on_is_not_before_created_at",),
        ("targets",): ("period_end_is_not_before_period_start",),
        ("contracts",): ("ends_on_is_not_before_starts_on",),
        ("scores",): ("closed_at_is_not_before_opened_at",),
        ("leads",): ("converted_at_is_not_before_created_at",),
    },
    "future": {
        ("flow",): (f"created_at{_AFTER}", f"closed_at{_AFTER}"),
        ("moves",): (f"changed_at{_AFTER}",),
        ("activity",): (f"occurred_at{_AFTER}",),
        ("scores",): (f"recorded_at{_AFTER}", f"opened_at{_AFTER}"),
        ("leads",): (f"converted_at{_AFTER}",),
        ("cash",): (f"paid_on{_AFTER}",),
    },
    "amount": {
        ("amounts",): (
            "amount_is_finite",
            "amount_is_not_negative",
            "amount_is_not_zero",
            "amount_is_of_the_usual_size",
        )
    },
    "currency": {
        (): ("amounts_are_in_one_currency",),  # a rate that is missing is a finding of its own
        ("amounts",): (
            "currency_is_there",
            "currency_is_an_iso_4217_code",
            "currency_is_known",
            "currency_has_an_exchange_rate",
            "rate_to_base_is_positive",
        ),
    },
    "configuration": {
        ("stages",): ("stage_is_in_the_configuration", "process_is_in_the_configuration"),
        ("counts", "flow"): ("outcome_is_open_won_or_lost", "outcome_agrees_with_the_stage"),
    },
    "closing": {("flow",): ("open_deal_has_no_closed_at",)},
    "overdue": {("due",): ("open_deal_is_not_past_its_expected_close",)},
    "still": {("stages",): ("open_deal_older_than_30_days_has_moved",)},
    "range": {
        ("scores",): ("influence_is_between_0_and_1", "stance_is_between_minus_1_and_1", "share_is_between_0_and_1")
    },
    "history": {
        ("moves",): (
            "history_is_not_before_created_at",
            "last_stage_in_history_is_the_current_one",
            "last_amount_in_history_is_the_current_one",
            "last_owner_in_history_is_the_current_one",
            "last_expected_close_in_history_is_the_current_one",
        )
    },
    "handover": {("sellers",): ("owner_of_an_open_deal_is_active",)},
    "quota": {("targets",): ("targets_do_not_overlap",)},
    "payment": {("cash",): ("paid_on_is_not_before_the_close", "payment_belongs_to_a_won_deal")},
    "spelling": {
        ("slices",): (
            "product_is_spelt_as_in_line_items",
            "value_is_in_its_list",
            "spelling_is_the_usual_one",
            "spelling_is_a_known_word",
        ),
        (): (
            "spelling_is_as_configured",
            "key_is_spelt_as_in_the_joined_file",
            "value_is_written_as_the_mapping_says",
        ),
    },
    "giveaway": {
        (): ("column_is_filled_alike_on_won_and_lost", "column_is_filled_alike_on_open_and_closed"),
    },
    "layout": {
        ("counts",): ("row_has_a_cell_for_every_column", "row_has_no_more_cells_than_the_header"),
        ("slices",): ("text_is_whole", "flag_is_yes_or_no"),
    },
    "dates": {
        ("flow", "due"): (
            "date_is_readable",
            "date_is_possible",
            "date_is_not_a_placeholder",
            "date_order_is_clear",
            "date_order_is_the_same_in_all_rows",
        )
    },
    "numbers": {
        ("amounts",): ("number_is_readable", "decimal_mark_is_clear", "decimal_mark_is_the_same_in_all_rows"),
    },
}
EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        rule: Effect(areas, advice)
        for advice, groups in _RULES.items()
        for areas, rules in groups.items()
        for rule in rules
    }
)
"""Rule -> what it costs; a rule of the workspace's own is not among them."""

_OWN = Effect(("counts",), "own")
EXPLAINED = ("one_stage", "zero_when_lost")
"""Advice on findings that the audit explains: the export cannot tell, or the CRM writes it so."""

_EXPLAINED = "n_explained"
"""Value of a finding's note: rows of which the audit knows why they break the rule without being wrong."""


def effect_of(rule: str) -> Effect:
    """What a broken rule costs; a rule of the workspace's own touches every count.

    Examples
    --------
    >>> effect_of("open_deal_has_an_amount").areas
    ('amounts',)
    >>> effect_of("won_deals_have_a_contract").advice
    'own'
    """
    return EFFECTS.get(rule, _OWN)


def advice_on(finding: Finding) -> str:
    """What to do about a finding; a key of `fault_advice`. Where the audit explains every row, its own.

    Examples
    --------
    >>> from oppnb.tables import Note
    >>> told = Note("audit_zero_when_lost", {"n_explained": 6, "n_lost": 6, "n_others": 0})
    >>> advice_on(Finding("amount_is_not_zero", "opportunities", 6, 100, note=told))
    'zero_when_lost'
    >>> advice_on(Finding("amount_is_not_zero", "opportunities", 6, 100))
    'amount'
    """
    if finding.note is not None and _n_unexplained(finding) == 0:
        return finding.note.code.removeprefix("audit_")
    return effect_of(finding.rule).advice


def _n_unexplained(finding: Finding) -> int:
    return finding.n_rows - (0 if finding.note is None else int(finding.note.values.get(_EXPLAINED, 0)))


def grade_of(finding: Finding) -> str:
    """How grave a finding is: high, medium or low.

    High from 5 % of the rows checked on, medium from 1 %. Low also where no figure is touched, or where the values
    were mended already. Rows that the audit explains (the export cannot tell, or the CRM writes it so) do not count.

    Examples
    --------
    >>> grade_of(Finding("open_deal_has_an_amount", "opportunities", 6, 100))
    'high'
    >>> from oppnb.tables import Note
    >>> told = Note("audit_one_stage", {"n_closed": 50, "n_explained": 6})
    >>> grade_of(Finding("open_deal_older_than_30_days_has_moved", "opportunities", 6, 6, note=told))
    'low'
    """
    if not effect_of(finding.rule).areas or finding.done == "mended":
        return "low"
    high, medium = GRAVE
    share = _n_unexplained(finding) / finding.n_checked if finding.n_checked else 0.0
    return "high" if share >= high else "medium" if share >= medium else "low"


def grade_faults(audit: AuditResult) -> pd.DataFrame:
    """Findings with how grave they are, the gravest first.

    Parameters
    ----------
    audit : AuditResult
        Of the whole, or of a slice.

    Returns
    -------
    DataFrame
        One row a finding: `level`, `rule`, `table`, `n_rows`, `n_checked`, `share` (0-1), `first_keys`, `amount` (null
        where the rows carry none), `done`, `areas` (list of `fault_area` keys), `advice` (key of `fault_advice`),
        `is_explained` (the audit knows of every row why it is no fault), `note` (Note or None). By level, then those
        not explained, the amount touched, and rows.
    """
    rows = [
        {
            "level": grade_of(one),
            "rule": one.rule,
            "table": one.table,
            "n_rows": one.n_rows,
            "n_checked": one.n_checked,
            "share": one.share,
            "first_keys": ", ".join(one.first_keys),
            "amount": one.amount,
            "done": one.done,
            "areas": list(effect_of(one.rule).areas),
            "advice": advice_on(one),
            "is_explained": one.note is not None and _EXPLAINED in one.note.values and _n_unexplained(one) == 0,
            "note": one.note,
        }
        for one in audit.findings
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"amount": "float64", "share": "float64", "is_explained": "bool"}
    )
    place = frame["level"].map({level: place for place, level in enumerate(LEVELS)})
    order = frame.assign(place=place, touched=frame["amount"].fillna(0.0).abs())
    order = order.sort_values(
        ["place", "is_explained", "touched", "n_rows", "table", "rule"],
        ascending=[True, True, False, False, True, True],
        kind="stable",
    )
    return order.drop(columns=["place", "touched"]).reset_index(drop=True)


_COLUMNS = [
    "level",
    "rule",
    "table",
    "n_rows",
    "n_checked",
    "share",
    "first_keys",
    "amount",
    "done",
    "areas",
    "advice",
    "is_explained",
    "note",
]
