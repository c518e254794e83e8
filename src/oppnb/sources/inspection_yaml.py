"""A mapping as YAML: what `oppnb inspect` prints, with the reason of each line as a comment."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from oppnb.workspace import ColumnRule, MappingRule

__all__ = ["mapping_yaml"]

_LONGEST = 160
_PLAIN = re.compile(r"[^\W\d_](?:[\w .()%/+*-]*[\w)%*])?")


def mapping_yaml(
    rules: Sequence[MappingRule], reasons: Sequence[Mapping[str, str]], *, head: Sequence[str] = ()
) -> str:
    """Write rules as a part of `oppnb.yaml` that can be read back.

    Parameters
    ----------
    rules : sequence of MappingRule
        In the order they are applied.
    reasons : sequence of mapping
        For each rule: canonical column -> why; '' for the rule, 'join FILE' for a join.
    head : sequence of str
        Lines for the top, as comments.

    Returns
    -------
    str
        YAML; texts keep their characters, comments stay on one line.

    Examples
    --------
    >>> rule = MappingRule(table="opportunities", file="d.csv", columns={"stage": "Phase"})
    >>> print(mapping_yaml([rule], [{"stage": "plain header: Phase"}]))
    version: 1
    mapping:
    - table: opportunities
      file: d.csv
      columns:
        stage: Phase  # plain header: Phase
    """
    tree = CommentedMap({"version": 1, "mapping": CommentedSeq()})
    for rule, why in zip(rules, reasons, strict=True):
        tree["mapping"].append(_rule(rule, why))
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    stream = StringIO()
    yaml.dump(tree, stream)
    comments = "".join(f"# {_one_line(line, longest=1_000)}\n" for line in head)
    return comments + stream.getvalue().rstrip("\n")


def _rule(rule: MappingRule, why: Mapping[str, str]) -> CommentedMap:
    plain = rule.model_dump(exclude_none=True, exclude_defaults=True)
    columns = CommentedMap({_text(name): _column(column) for name, column in rule.columns.items()})
    for name in columns:
        if why.get(name):
            _comment(columns, name, why[name])
    node = CommentedMap({"table": rule.table, "file": _text(rule.file)})
    for key in ("where", "one_row_per", "order_by"):
        if plain.get(key):
            node[key] = _flow(plain[key])
    if rule.join:
        node["join"] = CommentedSeq([_join(join, why.get("join " + join["file"])) for join in plain["join"]])
    node["columns"] = columns
    if not rule.keep_other_columns:
        node["keep_other_columns"] = False
    if why.get(""):
        _comment(node, "table", why[""])
    return node


def _column(rule: ColumnRule) -> Any:
    plain = rule.model_dump(exclude_none=True)
    if set(plain) == {"column"}:
        return _flow(plain["column"])
    return _flow(_with_nulls(rule))


def _with_nulls(rule: ColumnRule) -> dict[str, Any]:
    """The rule as plain values; a null inside a recode means something and stays."""
    plain: dict[str, Any] = rule.model_dump(exclude_none=True)
    if rule.values is not None:
        plain["values"] = dict(rule.values)
    if rule.first_of is not None:
        plain["first_of"] = [_with_nulls(part) for part in rule.first_of]
    return plain


def _join(plain: Mapping[str, Any], reason: str | None) -> CommentedMap:
    node = CommentedMap({key: _flow(value) for key, value in plain.items() if value not in ({}, [])})
    if reason:
        _comment(node, "file", reason)
    return node


def _flow(value: Any) -> Any:
    """Lists and maps on one line, where their keys are short enough for it."""
    if isinstance(value, dict):
        node = CommentedMap({_text(key): _flow(inner) for key, inner in value.items()})
        if all(len(str(key)) < 100 for key in value):
            node.fa.set_flow_style()
        return node
    if isinstance(value, list):
        items = CommentedSeq([_flow(inner) for inner in value])
        items.fa.set_flow_style()
        return items
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    """Quoted wherever a reader of YAML could take it for something else."""
    return value if _PLAIN.fullmatch(value) else DoubleQuotedScalarString(value)


def _comment(node: CommentedMap, key: str, text: str) -> None:
    if _one_line(text):
        node.yaml_add_eol_comment("# " + _one_line(text), key)


def _one_line(text: str, *, longest: int = _LONGEST) -> str:
    plain = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+", " ", text).strip()
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
