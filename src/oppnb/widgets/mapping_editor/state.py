"""What the front end draws: the canonical columns of a rule, the headers of its file, what the audit finds."""

from collections.abc import Mapping
from typing import Any

from oppnb.locale import Formats, Words
from oppnb.sources.inspection import FileLook
from oppnb.sources.inspection_columns import ColumnLook
from oppnb.sources.mapping_columns import headers_of
from oppnb.sources.mapping_draft import DraftRule, MappingDraft
from oppnb.tables import CANONICAL, Finding
from oppnb.widgets.mapping_editor.checked import Checked, each
from oppnb.widgets.mapping_editor.reasons import told_reason
from oppnb.widgets.mapping_editor.where_text import where_text
from oppnb.workspace import ColumnRule, MappingRule

__all__ = ["KEPT", "Teller"]

KEPT = "@kept"
"""Instead of a header: the rule as it is, which says more than one header."""


class Teller:
    """Puts a mapping into the reader's words.

    Parameters
    ----------
    words, formats : Words, Formats
        The reader's language.
    looks : mapping of str to FileLook
        Every file of the export by its name.
    """

    def __init__(self, words: Words, formats: Formats, looks: Mapping[str, FileLook]) -> None:
        self.words, self.formats, self.looks = words, formats, looks

    def say(self, key: str, **values: Any) -> str:
        """A text of this widget."""
        return self.words(f"widgets_mapping_editor.{key}", **values)

    def table(self, name: str) -> str:
        """A canonical table as a reader calls it."""
        return self.words.get(f"widgets_mapping_editor.table_{name}", name)

    def column(self, name: str) -> str:
        """A canonical column as a reader calls it."""
        return self.words.get(f"widgets_mapping_editor.name_{name}", name)

    # --- rules ----------------------------------------------------------------------------------------------------

    def title(self, draft: MappingDraft, checked: Checked) -> str:
        """The finding: it cannot be read yet, or how many deals and findings there are."""
        if checked.problem is not None or checked.n_rows is None:
            return self.say("title_problem")
        n = self.formats.number(checked.n_rows.get("opportunities", 0))
        found = self.formats.number(len(checked.findings))
        return self.say("title_read" if checked.findings else "title_clean", n=n, found=found, tables=len(draft.rules))

    def rules(self, draft: MappingDraft) -> list[dict[str, str]]:
        """What may be chosen: a table from a file, with the rows that it is of where those are not all."""
        return [{"key": key, "label": self._rule(one.rule)} for key, one in zip(draft.keys, draft.rules, strict=True)]

    def _rule(self, rule: MappingRule) -> str:
        known = {"table": self.table(rule.table), "file": rule.file}
        if rule.where is None:
            return self.say("rule", **known)
        return self.say("rule_where", **known, where=where_text(rule.where, self.words))

    def why(self, one: DraftRule) -> str:
        """Why the file fills the table."""
        return self._reason(one.reasons.get("", ""))

    def columns(self, one: DraftRule) -> list[dict[str, Any]]:
        """A row a canonical column, in the table's order, and those that the rule adds."""
        schema = CANONICAL[one.rule.table]
        names = [*schema.columns, *(name for name in one.rule.columns if name not in schema.columns)]
        return [self._column(one, name) for name in names]

    def _column(self, one: DraftRule, name: str) -> dict[str, Any]:
        schema = CANONICAL[one.rule.table]
        known = schema.columns.get(name)
        rule = one.rule.columns.get(name)
        header = _plain_header(rule)
        look = self._look(one, header)
        needed = bool(known and known.required) or name in schema.any_of
        return {
            "key": name,
            "label": self.column(name),
            "meaning": known.meaning if known and self.words.locale == "en" else name,
            "needed": self.say("needed") if needed else "",
            "is_missing": needed and rule is None and not self._is_any(one, name),
            "value": "" if rule is None else header if header is not None else KEPT,
            "told": "" if rule is None else self._told(rule, header),
            "reason": self._reason(one.reasons.get(name, "")) if rule is not None else "",
            "samples": self._samples(look, header),
        }

    def _is_any(self, one: DraftRule, name: str) -> bool:
        others = CANONICAL[one.rule.table].any_of
        return name in others and any(other in one.rule.columns for other in others)

    def _reason(self, said: str) -> str:
        return told_reason(said, self.words)

    def _told(self, rule: ColumnRule, header: str | None) -> str:
        """What a rule says besides its header."""
        said = []
        if header is None and rule.value is not None:
            said.append(self.say("told_value", value=rule.value))
        elif header is None:
            said.append(self.say("told_any_of", headers=" / ".join(headers_of(rule))))
        if rule.values is not None:
            said.append(self.say("told_values", n=len(rule.values)))
        said += [self.say("told_scale", scale=rule.scale)] if rule.scale is not None else []
        said += [rule.date_order] if rule.date_order is not None else []
        said += [self.say(f"told_{rule.take}")] if rule.take is not None else []
        said += [self.say("told_where")] if rule.where is not None else []
        return self.say("comma").join(said)

    # --- headers --------------------------------------------------------------------------------------------------

    def _file_looks(self, one: DraftRule) -> tuple[ColumnLook, ...]:
        look = self.looks.get(one.rule.file)
        return look.columns if look is not None else ()

    def _look(self, one: DraftRule, header: str | None) -> ColumnLook | None:
        return next((look for look in self._file_looks(one) if look.header == header), None)

    def _samples(self, look: ColumnLook | None, header: str | None) -> str:
        if look is None:
            return ""
        if look.examples:
            return self.say("comma").join(look.examples)
        return self.say("samples_hidden") if header is not None and look.n_distinct else self.say("kind_empty")

    def options(self, one: DraftRule) -> list[dict[str, str]]:
        """The headers that a column may be filled from: those of the file and of what is joined to it."""
        found = [look.header for look in self._file_looks(one)]
        found += [header for rule in one.rule.columns.values() for header in headers_of(rule)]
        return [{"key": header, "label": header} for header in dict.fromkeys(found)]

    def headers(self, one: DraftRule) -> list[dict[str, Any]]:
        """A row a header of the file: what it holds, and which columns of this table it fills."""
        fills: dict[str, list[str]] = {}
        for name, rule in one.rule.columns.items():
            for header in headers_of(rule):
                fills.setdefault(header, []).append(self.column(name))
        return [
            {
                "header": look.header,
                "kind": self.say(f"kind_{look.kind}"),
                "filled": self.say("filled", share=self.formats.share(look.filled)),
                "samples": self._samples(look, look.header),
                "fills": self.say("comma").join(fills.get(look.header, [])),
            }
            for look in self._file_looks(one)
        ]

    # --- findings -------------------------------------------------------------------------------------------------

    def findings(self, checked: Checked, first: Checked) -> list[dict[str, str]]:
        """What is found now, beside what was found under the mapping as saved; what is gone comes last."""
        now, before = each(checked.findings), each(first.findings)
        gone = [one for key, one in before.items() if key not in now] if checked.problem is None else []
        still = [self._finding(one, one, before.get(key)) for key, one in now.items()]
        return [*still, *(self._finding(one, None, one) for one in gone)]

    def _finding(self, one: Finding, now: Finding | None, before: Finding | None) -> dict[str, str]:
        number = self.formats.number
        change = "new" if before is None else "gone" if now is None else ""
        if now is not None and before is not None and now.n_rows != before.n_rows:
            change = "more" if now.n_rows > before.n_rows else "fewer"
        return {
            "rule": self.words.get(f"rule.{one.rule}", one.rule.replace("_", " ")),
            "table": self.table(one.table),
            "before": "–" if before is None else number(before.n_rows),
            "rows": "–" if now is None else number(now.n_rows),
            "share": "–" if now is None else self.formats.share(now.share),
            "keys": self.say("comma").join(one.first_keys),
            "change": change,
            "said": self.say(f"change_{change}") if change else "",
        }


def _plain_header(rule: ColumnRule | None) -> str | None:
    """The one header of a rule, if that is where its values are from."""
    if rule is None or rule.first_of is not None or rule.value is not None:
        return None
    found = headers_of(rule)
    return found[0] if len(found) == 1 else None
