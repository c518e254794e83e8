"""The leakage audit: which fields a model may learn from, and why the others are out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from oppnb.history.known import AT_THE_CLOSE
from oppnb.locale import LOCALES, Words
from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.examining import Examined, examine
from oppnb.scoring.leakage.final import FINAL, with_final
from oppnb.scoring.leakage.gain import Gains
from oppnb.scoring.leakage.levels import shape_of
from oppnb.scoring.leakage.sample import Sample, make_sample
from oppnb.scoring.rows import Feature, ScoringRows

__all__ = ["FieldVerdict", "LeakageAudit", "Verdict", "audit_leakage"]

Verdict = Literal["out", "kept_by_hand", "identifier", "left_out", "kept"]
ORDER: tuple[Verdict, ...] = ("out", "kept_by_hand", "identifier", "left_out", "kept")


@dataclass(frozen=True)
class FieldVerdict:
    """What is to be done with one field, and why.

    Attributes
    ----------
    field, group : str
        The feature and the idea it belongs to.
    verdict : str
        `out`, `kept_by_hand`, `identifier`, `left_out` or `kept`.
    evidence : tuple of Evidence
        Reasons, the one that decided first; never empty.
    would_have_added : float or None
        AUC on later deals with the field less that without it; None where it was not measured.
    n : int
        Closed deals that have the field.
    auc_without : float or None
        The AUC that it would have been added to: of a quick boosted model with the other fields, on one row of each
        later closed deal. Not that of the model in use, which is judged on other rows.
    """

    field: str
    group: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    would_have_added: float | None
    n: int
    auc_without: float | None = None

    @property
    def reason(self) -> str:
        """Code of the reason that decided."""
        return self.evidence[0].code

    def words(self, locale: str = "en") -> str:
        """The reasons in words, with their numbers; one that was found twice is told once, as it was found first."""
        words, first = Words(locale), {found.code: found for found in reversed(self.evidence)}
        told = [found for found in self.evidence if found is first[found.code]]
        return words("leakage.between").join(words(f"leakage.{found.code}", **_named(found, words)) for found in told)


@dataclass(frozen=True)
class LeakageAudit:
    """Verdicts on all fields.

    Attributes
    ----------
    fields : tuple of FieldVerdict
        What is out first, the most tempting at the top.
    unknown : tuple of str
        Names that the workspace keeps or leaves out and that the data does not have.
    """

    fields: tuple[FieldVerdict, ...]
    unknown: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[str, ...]:
        """Fields that a model may use, in the order of their names: kept, and kept by hand."""
        return tuple(sorted(item.field for item in self.fields if item.verdict in ("kept", "kept_by_hand")))

    @property
    def frame(self) -> pd.DataFrame:
        """One row a field: field, group, verdict, reason, words_en, words_zh_CN, would_have_added, n."""
        rows = [
            [
                item.field,
                item.group,
                item.verdict,
                item.reason,
                *(item.words(locale) for locale in LOCALES),
                item.would_have_added,
                item.n,
            ]
            for item in self.fields
        ]
        texts = ["field", "group", "verdict", "reason", *(f"words_{locale}" for locale in LOCALES)]
        frame = pd.DataFrame(rows, columns=[*texts, "would_have_added", "n"])
        return frame.astype({**dict.fromkeys(texts, "str"), "would_have_added": "float64", "n": "int64"})


def _named(found: Evidence, words: Words) -> dict[str, Any]:
    """What a sentence says; in another language than English the field that it speaks of by the name readers know."""
    values = dict(found.values)
    if "field" in values and words.locale != "en":
        own = str(values["field"])
        known = (words.get(f"{place}{own}", "") for place in ("score_field.", "report.column_", "column."))
        values["field"] = next(filter(None, known), own)
    return values


def audit_leakage(
    rows: ScoringRows,
    *,
    open_now: ScoringRows | None = None,
    keep_fields: Mapping[str, str] | None = None,
    leave_out: Sequence[str] = (),
    final: pd.DataFrame | None = None,
) -> LeakageAudit:
    """Judge each field by what it looks like in closed deals and in open ones; names do not count.

    A field is out if it is filled, or takes its decisive values, only once the outcome is clear; if it fills up or
    grows as a deal goes on, so that its state today tells how far an earlier deal got later; if it knows when the deal
    closed; or if it tells won from lost better than any early knowledge could. Strong fields that open deals show in
    proportion stay.

    Parameters
    ----------
    rows : ScoringRows
        Deals on days with their ends.
    open_now : ScoringRows, optional
        The deals that are open on the export's own day. Without them the deals of `rows` whose end is not known
        stand in; if there are none of those either, only too much certainty speaks against a field.
    keep_fields : mapping of str to str, optional
        Fields to keep whatever is found, each with the reason that is on record.
    leave_out : sequence of str, optional
        Fields to leave out whatever is found.
    final : DataFrame, optional
        What fields that history tells became in the end (`final_fields`), one row an `opportunity_id` in the index.
        Never used: where that state knows the outcome, the audit says so and what it would have added.

    Returns
    -------
    LeakageAudit
        `.kept` are the names a model may use, `.frame` says everything.

    Raises
    ------
    ExtraMissingError
        If something is found and LightGBM, which measures what it would have added, is not installed.

    Examples
    --------
    >>> from oppnb.scoring.training_rows import training_rows
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": [str(number) for number in range(30)],
    ...     "stage": ["Won", "Lost", "Lost"] * 10,
    ...     "signed_by": ["customer", None, None] * 10,
    ...     "size": ["small", "large"] * 15})
    >>> audit = audit_leakage(training_rows({"opportunities": deals}))
    >>> audit.frame.set_index("field").loc[["signed_by", "size"], ["verdict", "reason"]]
              verdict                      reason
    field
    signed_by     out                    too_good
    size         kept  nothing_found_without_open
    """
    told, told_now = with_final(rows, final), None if open_now is None else with_final(open_now, final)
    sample = make_sample(told, told_now)
    by_hand = dict(keep_fields or {})
    found = {feature.name: examine(feature, sample) for feature in told.features}
    verdicts = {name: _verdict(name, examined, by_hand, leave_out) for name, examined in found.items()}
    final_names = {feature.name for feature in told.features[len(rows.features) :]}
    verdicts = {name: verdict for name, verdict in verdicts.items() if verdict == "out" or name not in final_names}
    gains = _gains(sample, verdicts, found)
    fields = [
        _told(feature, verdicts[feature.name], found[feature.name], by_hand, gains)
        for feature in told.features
        if feature.name in verdicts
    ]
    fields = [_with_hint(item) if item.field in final_names else item for item in fields]
    unknown = tuple(sorted({*by_hand, *leave_out} - set(verdicts)))
    return LeakageAudit(tuple(sorted(fields, key=_place)), unknown)


def _place(item: FieldVerdict) -> tuple[int, float, str]:
    return ORDER.index(item.verdict), -(item.would_have_added or 0.0), item.field


def _verdict(name: str, examined: Examined, by_hand: Mapping[str, str], leave_out: Iterable[str]) -> Verdict:
    if name in leave_out:
        return "left_out"
    if examined.evidence:
        return "kept_by_hand" if name in by_hand else "out"
    if examined.is_identifier:
        return "kept_by_hand" if name in by_hand else "identifier"
    return "kept"


def _gains(
    sample: Sample, verdicts: Mapping[str, Verdict], found: Mapping[str, Examined]
) -> Mapping[str, tuple[float, float] | None]:
    """What the fields in question would have added to those that nothing speaks against."""
    asked = [name for name, verdict in verdicts.items() if verdict in ("out", "kept_by_hand", "left_out")]
    if not asked:
        return {}
    extra = {name: shape_of(sample.closed.values[name], found[name].is_identifier) for name in asked}
    honest = [name for name, verdict in verdicts.items() if verdict == "kept" and found[name].n_filled]
    gains = Gains.measured(sample, honest=honest, extra=extra)
    return {name: gains.added_by(name) for name in extra}


def _told(
    feature: Feature,
    verdict: Verdict,
    examined: Examined,
    by_hand: Mapping[str, str],
    gains: Mapping[str, tuple[float, float] | None],
) -> FieldVerdict:
    evidence = examined.evidence
    if verdict == "kept_by_hand":
        evidence = (Evidence("kept_by_hand", {"reason": by_hand[feature.name]}), *evidence)
    elif verdict == "left_out":
        evidence = (Evidence("left_out_by_hand"), *evidence)
    elif verdict == "identifier":
        evidence = (Evidence("own_value_each", {"n": examined.n_filled}),)
    elif verdict == "kept":
        evidence = (_nothing(feature, examined),)
    without, added = gains.get(feature.name) or (None, None)
    return FieldVerdict(feature.name, feature.group, verdict, evidence, added, examined.n_filled, without)


def _nothing(feature: Feature, examined: Examined) -> Evidence:
    if not examined.n_filled:
        return Evidence("never_filled")
    values = {"auc": examined.auc, "closed": examined.closed_share, "open": examined.open_share}
    if feature.is_dated:
        return Evidence("known_on_the_day", values)
    has_open = examined.open_share == examined.open_share  # null without open deals
    return Evidence("nothing_found" if has_open else "nothing_found_without_open", values)


def _with_hint(item: FieldVerdict) -> FieldVerdict:
    """The final state of a field that history tells is out; the field itself is used as known on the day, if ever."""
    field = item.field.removesuffix(FINAL)
    hint = (
        Evidence("not_used", {"field": field}) if field in AT_THE_CLOSE else Evidence("used_as_known", {"field": field})
    )
    return replace(item, evidence=(*item.evidence, hint))
