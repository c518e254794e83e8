"""A declared rule in the reader's words: its reason; where it has none, in Chinese what it asks for."""

from collections.abc import Iterator

from oppnb.locale import Words
from oppnb.workspace import AttributeRule, BehaviourRule, Condition

__all__ = ["rule_said"]


def rule_said(rule: AttributeRule | BehaviourRule, words: Words) -> str:
    """What a reader is told of a rule.

    Its name is a key that somebody wrote, in English as a rule: a reader of English is told it as words. A reader of
    Chinese is told field and condition instead, or the name in quotes where a field or a kind has no Chinese name.

    Examples
    --------
    >>> rule = AttributeRule(name="from_referral", where={"source": "referral"}, points=10)
    >>> rule_said(rule, Words("en")), rule_said(rule, Words("zh_CN"))
    ('from referral', '来源为 referral')
    """
    is_given = bool(rule.reason) if isinstance(rule.reason, str) else any(rule.reason.values())
    if is_given or words.locale == "en" or not rule.name.isascii():
        return rule.said(words.locale)
    told = _attribute(rule, words) if isinstance(rule, AttributeRule) else _behaviour(rule, words)
    return told or words("score_rule_asks.name", name=rule.said(words.locale))


def _attribute(rule: AttributeRule, words: Words) -> str | None:
    tests = []
    for column, condition in rule.where.items():
        field = words.get(f"column.{column}", "") or words.get(f"score_field.{column}", "")
        if not field and column.isascii():
            return None
        tests += [
            words(f"score_rule_asks.{key}", field=field or column, value=value)
            for key, value in _tests(condition, words)
        ]
    return words("score_rule_asks.and").join(tests) or None


def _tests(condition: Condition, words: Words) -> Iterator[tuple[str, str]]:
    """Each test of a condition that is set: its key and the value in words."""
    for key in ("is_in", "not_in"):
        values = getattr(condition, key)
        if values is not None:
            yield key, words("score_rule_asks.or").join(_value(one, words) for one in values)
    if condition.is_null is not None:
        yield ("is_null" if condition.is_null else "is_there"), ""
    for key in ("starts_with", "contains", "at_least", "at_most", "below", "above"):
        value = getattr(condition, key)
        if value is not None:
            yield key, _value(value, words)


def _value(value: object, words: Words) -> str:
    if isinstance(value, bool):
        return words("cell.yes" if value else "cell.no")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _behaviour(rule: BehaviourRule, words: Words) -> str | None:
    kinds = [
        words.get(f"score_rule_kind.{kind.casefold()}", "" if kind.isascii() else kind) for kind in rule.counted_kinds
    ]
    if not all(kinds):
        return None
    what = words("score_rule_asks.or").join(kinds) or words("score_rule_asks.contact")
    if rule.direction is not None:
        what = words(f"score_rule_asks.{rule.direction}", what=what)
    shape = next(one for one in ("silence_days", "within_days", "half_life_days") if getattr(rule, one) is not None)
    told = words(f"score_rule_asks.{shape}", what=what, days=f"{getattr(rule, shape):g}")
    stages = words("score_rule_asks.or").join(rule.stages)
    return words("score_rule_asks.at", stages=stages, told=told) if stages else told
