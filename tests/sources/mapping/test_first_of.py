"""`first_of`: several rules in place of a column, and what is said when a rule has no origin or two."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import parse_workspace

RULE = "mapping: [{{table: opportunities, file: f, columns: {{outcome: {}}}}}]"


def test_plain_texts_inside_are_headers() -> None:
    rule = parse_workspace(RULE.format("{first_of: [IsWon, {column: IsClosed}]}")).mapping[0].columns["outcome"]
    assert [part.column for part in rule.first_of or []] == ["IsWon", "IsClosed"]


@pytest.mark.parametrize("rule", ["{first_of: [A], column: B}", "{first_of: [A], value: 1}", "{scale: 2}"])
def test_a_rule_has_one_origin(rule: str) -> None:
    with pytest.raises(WorkspaceError, match=r"line 1.*either 'column' or 'value' or 'first_of'"):
        parse_workspace(RULE.format(rule))
