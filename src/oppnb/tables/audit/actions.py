"""What the workspace says is done about each rule."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from oppnb.errors import WorkspaceError, nearest
from oppnb.locale import Words
from oppnb.tables.audit.joins import split_place
from oppnb.tables.audit.rules import RULES, Action
from oppnb.workspace import Audit

__all__ = ["Actions"]


@dataclass(frozen=True)
class Actions:
    """The action of each rule: `audit.actions`, else the rule's own default, else `audit.default`.

    Parameters
    ----------
    audit : Audit
        Of the workspace.
    reading_rules : iterable of str
        Rules found broken while the files were read; they can be kept or stop the run.

    Raises
    ------
    WorkspaceError
        If an action names a rule that does not exist, with the nearest one, or asks what the rule cannot do.
    """

    audit: Audit
    reading_rules: Iterable[str] = field(default=())

    def __post_init__(self) -> None:
        blocks = {block.name for block in self.audit.block}
        known = {*RULES, *blocks, *self.reading_rules, *Words("en").keys("rule")}
        for rule, action in self.audit.actions.items():
            if rule not in known:
                near = nearest(rule, sorted(known))
                raise WorkspaceError(
                    f"audit.actions: there is no rule '{rule}'." + (f" Did you mean '{near}'?" if near else "")
                )
            self._check(rule, action, blocks)
        for block in self.audit.block:
            self._check_block(block.name, block.table, block.action)

    def of(self, rule: str) -> Action:
        """The action of a rule."""
        named: Action | None = self.audit.actions.get(rule)
        if named is not None:
            return named
        for block in self.audit.block:
            if block.name == rule:
                return block.action
        own = RULES.get(rule)
        if own is None or own.default == "set_aside":
            return "keep" if own is None else own.default
        return self.audit.default if own.can_set_aside else "keep"

    def _check(self, rule: str, action: Action, blocks: set[str]) -> None:
        possible: tuple[Action, ...] = ("keep", "stop")
        if rule in blocks:
            possible = ("keep", "set_aside", "stop")
        elif rule in RULES:
            possible = RULES[rule].actions
        if action not in possible:
            raise WorkspaceError(
                f"audit.actions: '{rule}' cannot be '{action}'. Possible: {', '.join(possible)}."
                + ("\nTo mend spellings name them: audit.spellings." if action == "mend" else "")
            )

    def _check_block(self, name: str, table: str, action: Action) -> None:
        if name in RULES:
            raise WorkspaceError(f"audit.block: '{name}' is the name of a rule of the audit; give yours another name.")
        split_place(f"{table}.{name}")
        if action == "mend":
            raise WorkspaceError(f"audit.block: '{name}' cannot be 'mend'. Possible: keep, set_aside, stop.")
