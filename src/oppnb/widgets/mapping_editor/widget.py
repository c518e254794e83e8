"""The widget: its attributes, what the hand may do, how the mapping is saved."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import MappingError, UsageError, WorkspaceError, nearest
from oppnb.locale import Formats, Words
from oppnb.sources import MappingDraft, OpenExport, mapping_text
from oppnb.sources.mapping_draft import DraftRule
from oppnb.tables import CANONICAL
from oppnb.widgets.commands import command
from oppnb.widgets.edits_file import EditsFile
from oppnb.widgets.mapping_editor.checked import Checked, check_mapping
from oppnb.widgets.mapping_editor.problems import told_problem
from oppnb.widgets.mapping_editor.state import KEPT, Teller
from oppnb.widgets.steps import Steps
from oppnb.widgets.work import Watch
from oppnb.workspace import MappingRule, Workspace, WorkspaceFile, parse_workspace, read_workspace

__all__ = ["MappingEditor"]

_OWN = ("path", "workspace", "locale")


class MappingEditor(EditsFile[MappingDraft]):
    r"""Say which header fills which canonical column, see what the audit finds, and save it to `oppnb.yaml`.

    Begins with the workspace's mapping, or with what `oppnb inspect` proposes. Nothing is written before `save()`;
    every change can be undone. Sample values are those that `oppnb inspect` shows: none that may name a person or a
    customer.

    Parameters
    ----------
    data : path
        An export: a file, a folder, an archive.
    path : path, optional
        The `oppnb.yaml` to save to; by default `workspace`, if that is a path. It need not be there yet.
    workspace : Workspace or path, optional
        Its stages, currency and audit rules are used; a mapping in the file of `path` has the last word.
    locale : str, optional
        `en` or `zh_CN`; by default the workspace's.

    Attributes
    ----------
    mapping : tuple of MappingRule
        As it would be saved. May be set; rules may be given as mappings of their fields. Watch it with `observe`.
    rule : str
        Which rule is shown: `opportunities < deals.csv`. May be set.
    findings : DataFrame
        Of reading and audit under this mapping: the columns of `findings_frame`. Empty if it cannot be read so.
    problem : str or None
        Why the export cannot be read so.
    diff : str
        What `save` would change in the file; empty if nothing.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        If there is nothing to read, or the workspace cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "deals.csv").write_text("Deal ID,Phase,Region,Worth\n007,Demo,East,5\n008,Won,West,9\n")
    >>> editor = MappingEditor(folder / "deals.csv", path=folder / "oppnb.yaml")
    >>> editor.choose("opportunities", "amount", "Worth")
    >>> editor.mapping[0].columns["amount"].column
    'Worth'
    >>> editor.save()
    >>> "amount: Worth # chosen by hand" in (folder / "oppnb.yaml").read_text()
    True
    """

    front_end = "mapping_editor"

    mapping: Any = traitlets.Any((), help="The rules, as they would be saved")
    rule = traitlets.Unicode("", help="Which rule is shown")

    def __init__(self, data: str | Path, **settings: Any) -> None:
        self.refuse_unknown(settings, list(_OWN))
        given, path = settings.get("workspace"), settings.get("path")
        place = path if path is not None else given if isinstance(given, (str, Path)) else None
        self._file = None if place is None else WorkspaceFile.read(place)
        base = given if isinstance(given, Workspace) else read_workspace(given if path is not None else None)
        workspace = self._of_file(base)
        words = Words(settings.get("locale") or workspace.locale)
        formats = Formats(words.locale, currency=workspace.currency)
        super().__init__(words=words, formats=formats)
        self._base, self._export = base, OpenExport.at(data)
        self._begin(workspace)

    def _of_file(self, base: Workspace) -> Workspace:
        """The file's workspace where there is one; a mapping given otherwise fills in for one that it lacks."""
        if self._file is None or self._file.digest is None:
            return base
        told = parse_workspace(self._file.text, name=self._file.path.name)
        return told if told.mapping else told.model_copy(update={"mapping": base.mapping})

    def _begin(self, workspace: Workspace) -> None:
        self._workspace = workspace
        seen = self._export.inspect(workspace)
        self._teller = Teller(self.words, self.formats, {look.name: look for look in seen.files})
        told = parse_workspace(self._file.text, name=self._file.path.name).mapping if self._file is not None else []
        begun = MappingDraft.of(workspace.mapping) if workspace.mapping else MappingDraft.proposed(seen.proposals)
        if workspace.mapping and not told:
            begun = MappingDraft().with_mapping(workspace.mapping)
        first = check_mapping(self._export, begun, workspace, Watch())
        self._steps, self._first = Steps(begun), first
        self._show(first)

    # --- Python ---------------------------------------------------------------------------------------------------

    @property
    def findings(self) -> pd.DataFrame:
        """What reading and the audit find under this mapping."""
        from oppnb.tables import findings_frame

        return findings_frame(self._checked.findings)

    @property
    def problem(self) -> str | None:
        """Why the export cannot be read under this mapping; None if it can."""
        return self._checked.problem

    def choose(
        self, table: str, column: str, header: str | None, *, file: str | None = None, rule: str | None = None
    ) -> None:
        """Fill a canonical column from a header; None leaves it unfilled.

        Parameters
        ----------
        table, column : str
            Canonical names.
        header : str or None
            As in the file.
        file : str, optional
            Where several files fill the table: which of them.
        rule : str, optional
            Where one file fills it several times, of some rows each: which rule, as the attribute `rule` says.

        Raises
        ------
        MappingError
            If there is no such table, column or header; names the nearest. Nothing is changed then.
        """
        place = self._draft.find(table, file=file, rule=rule)
        draft = self._draft.choose(table, column, header, file=file, rule=rule)
        if header is not None:
            self._known_header(self._draft.rules[place], header)
        label = "did_choose" if header is not None else "did_clear"
        said = self.say(label, column=self._teller.column(column), header=header)
        self._change(draft, said, show=self._draft.keys[place])

    def clear(self, table: str, column: str, *, file: str | None = None) -> None:
        """Leave a canonical column unfilled."""
        self.choose(table, column, None, file=file)

    def to_figure(self) -> Any:
        """The rows that break each rule of the audit; None if there is nothing to show."""
        found = self.findings.head(12)
        if found.empty:
            return None
        names = [self.words.get(f"rule.{code}", code.replace("_", " ")) for code in found["rule"]]
        frame = found.assign(rule=names, n_rows=found["n_rows"].astype("float64"))
        title = self.say("findings")
        return charts.bars(frame, label="rule", value="n_rows", title=title, write=self.formats.number)

    def to_table(self) -> pd.DataFrame:
        """One row a column that is filled: `table`, `file`, `column`, `header`, `reason`."""
        rows = [
            (
                one.rule.table,
                one.rule.file,
                row["key"],
                row["value"] if row["value"] != KEPT else row["told"],
                row["reason"],
            )
            for one in self._draft.rules
            for row in self._teller.columns(one)
            if row["value"]
        ]
        return pd.DataFrame(rows, columns=["table", "file", "column", "header", "reason"]).astype("str")

    def twin_title(self) -> str:
        """The finding."""
        return str(self.state["title"])

    def twin_table(self) -> pd.DataFrame:
        """The mapping as the reader sees it."""
        made = self.to_table()
        made = made.assign(table=[self._teller.table(name) for name in made["table"]])
        return made.rename(columns={name: self.say(f"column_{name}") for name in made.columns})

    # --- by hand --------------------------------------------------------------------------------------------------

    @command
    def choose_header(self, column: str, header: str | None) -> None:
        """Fill a column of the rule shown; None or an empty text leaves it unfilled."""
        if header == KEPT:
            return
        shown = self._shown().rule
        self.choose(shown.table, column, header or None, file=shown.file, rule=self.rule)

    @command
    def choose_rule(self, rule: str) -> None:
        """Show another rule."""
        self.rule = rule

    @command
    def add_table(self, table: str, file: str) -> None:
        """Fill another table from a file: a rule without any column yet."""
        if file not in self._teller.looks:
            near = nearest(file, list(self._teller.looks))
            raise MappingError(self.say("no_such_file", file=file, near=near or ""))
        draft = self._draft.add(table, file)
        self._change(draft, self.say("did_add", table=self._teller.table(table)), show=draft.keys[-1])

    @command
    def remove_table(self, table: str, file: str) -> None:
        """Fill a table from a file no longer, by the rule that is shown if it does so."""
        shown = next((one.rule for key, one in self._keyed() if key == self.rule), None)
        is_shown = shown is not None and (shown.table, shown.file) == (table, file)
        draft = self._draft.remove(table, file=file, rule=self.rule if is_shown else None)
        self._change(draft, self.say("did_remove", table=self._teller.table(table)))

    # --- within ---------------------------------------------------------------------------------------------------

    def _as_in_file(self, step: MappingDraft) -> MappingDraft:
        """A step with the places that the rules have in the file that has just been written."""
        places = {key: place for place, key in enumerate(self._draft.keys)}
        return MappingDraft(
            tuple(
                DraftRule(one.rule, one.reasons, places.get(key), one.proposed)
                for key, one in zip(step.keys, step.rules, strict=True)
            )
        )

    def _known_header(self, one: DraftRule, header: str) -> None:
        known = [option["key"] for option in self._teller.options(one)]
        joined = [name for join in one.rule.join for name in self._headers_of_file(join.file)]
        if self._headers_of_file(one.rule.file) and header not in (*known, *joined, "#row", "#file"):
            near = nearest(header, [*known, *joined])
            hint = f" Did you mean '{near}'?" if near else ""
            raise MappingError(f"The file '{one.rule.file}' has no header '{header}'.{hint}")

    def _headers_of_file(self, file: str) -> list[str]:
        look = self._teller.looks.get(file)
        return [one.header for one in look.columns] if look else []

    def _change(self, draft: MappingDraft, label: str, *, show: str | None = None) -> None:
        self._go(self._steps.done(draft, label), show=show)

    def _go(self, steps: Steps[MappingDraft], *, show: str | None = None) -> None:
        if steps is self._steps:
            return

        def then(checked: Checked) -> None:
            self._steps, self._note = steps, ""
            self._show(checked, show=show)

        self.work(self._checking(steps.draft), then)

    def _text_with(self, text: str, *, name: str, is_other: bool) -> str:
        draft = MappingDraft().with_mapping(self._draft.mapping) if is_other else self._draft
        return mapping_text(draft, text, name=name)

    def _check_other(self, file: WorkspaceFile) -> None:
        if parse_workspace(file.text, name=file.path.name).mapping:
            raise WorkspaceError(self.say("has_mapping", file=file.path.name))

    def _take_saved(self) -> None:
        self._first = self._checked
        self._steps = self._steps.saved(self._draft.saved(), self._as_in_file)
        self._show(self._checked)

    def _begin_again(self) -> None:
        self._begin(self._of_file(self._base))

    def _checking(self, draft: MappingDraft) -> Callable[[Watch], Checked]:
        return lambda watch: check_mapping(self._export, draft, self._workspace, watch)

    def _show(self, checked: Checked, *, show: str | None = None) -> None:
        self._checked, draft = checked, self._draft
        keys = draft.keys
        with self._settling():
            self.mapping = draft.mapping
            shown = show or self.rule
            self.rule = shown if shown in keys else keys[0] if keys else ""
        self._draw()

    @traitlets.validate("mapping")
    def _rules_of(self, proposal: Any) -> Any:
        return proposal.value if self._is_settling else _rules(proposal.value)

    @traitlets.observe("mapping")
    def _set_mapping(self, change: Any) -> None:
        if not self._is_settling:
            self._change(self._draft.with_mapping(change.new), self.say("did_set"))

    @traitlets.validate("rule")
    def _known_rule(self, proposal: Any) -> Any:
        keys = self._draft.keys
        if proposal.value not in (*keys, ""):
            near = nearest(proposal.value, keys)
            hint = f" Did you mean '{near}'?" if near else ""
            raise UsageError(f"The mapping has no rule '{proposal.value}'.{hint}")
        return proposal.value

    @traitlets.observe("rule")
    def _rule_chosen(self, _: Any) -> None:
        if not self._is_settling:
            self._draw()

    def _told_problem(self) -> str:
        said, teller = self._checked.problem, self._teller
        return "" if said is None else told_problem(said, self.words, table=teller.table, column=teller.column)

    def _keyed(self) -> list[tuple[str, DraftRule]]:
        return list(zip(self._draft.keys, self._draft.rules, strict=True))

    def _shown(self) -> DraftRule:
        for key, one in self._keyed():
            if key == self.rule:
                return one
        raise UsageError(self.say("no_rule"))

    def _draw(self) -> None:
        teller, draft = self._teller, self._draft
        one = next((rule for key, rule in self._keyed() if key == self.rule), None)
        self.state = {
            "title": teller.title(draft, self._checked),
            "problem": self._told_problem(),
            "rules": teller.rules(draft),
            "rule": self.rule,
            "table": one.rule.table if one else "",
            "file_shown": one.rule.file if one else "",
            "why": teller.why(one) if one else "",
            "columns": teller.columns(one) if one else [],
            "options": teller.options(one) if one else [],
            "headers": teller.headers(one) if one else [],
            "findings": teller.findings(self._checked, self._first),
            "tables": [{"key": name, "label": teller.table(name)} for name in CANONICAL],
            "files": [{"key": name, "label": name} for name in teller.looks],
            **self._edits_state(),
        }


def _rules(given: Any) -> tuple[MappingRule, ...]:
    """Rules, or mappings of their fields, as rules."""
    from pydantic import ValidationError

    if not isinstance(given, Sequence) or isinstance(given, str):
        raise UsageError("A mapping is a list of rules: [{'table': …, 'file': …, 'columns': {…}}].")
    try:
        return tuple(one if isinstance(one, MappingRule) else MappingRule.model_validate(one) for one in given)
    except ValidationError as error:
        told = error.errors()[0]
        where = ".".join(str(part) for part in told["loc"])
        raise UsageError(f"This is no rule of a mapping: {where}: {told['msg']}.") from error
