"""What the hand may do: each command is a few lines over what Python can do, too."""

from typing import Any

from oppnb.forecasting.explored import AS_IS
from oppnb.forecasting.nodes import COMPANY
from oppnb.periods import parse_day
from oppnb.widgets.commands import command
from oppnb.widgets.forecast_explorer.levers import Levers
from oppnb.widgets.forecast_explorer.overriding import figures_typed
from oppnb.widgets.forecast_explorer.tabs import TABS, deals_of
from oppnb.widgets.table_view import TableView

__all__ = ["ByHand"]


class ByHand:
    """Mix in before `OppnbWidget`: the commands of the explorer."""

    @command
    def move_lever(self: Any, lever: str, value: float, seq: int) -> dict[str, Any]:
        """A slider moves: the figure comes back at once, the rest is drawn when it rests."""
        self._seq = seq
        levers = self._levers.set(lever, value)
        self._checked(levers.scenario, self.node)
        self._levers = levers
        self._hold(scenario=levers.scenario)
        frame: dict[str, Any] = self._frame()
        return frame

    @command
    def move_target(self: Any, value: float, seq: int) -> dict[str, Any]:
        """The target moves: the figure comes back at once."""
        self._seq = seq
        self._hold(target=float(value))
        frame: dict[str, Any] = self._frame()
        return frame

    @command
    def rest(self: Any, seq: int) -> None:
        """The hand rests: draw all."""
        self._seq = seq
        self._draw()

    @command
    def type_target(self: Any, text: str) -> None:
        """A target as it is typed; an empty one is the quota, if there is one."""
        typed = figures_typed("amount", text)["amount"] if text.strip() else self.explored.target(self.node)
        self._take_target(typed)

    @command
    def choose_segment(self: Any, column: str, value: str) -> None:
        """Sliders of other deals."""
        self._levers = self._levers.choose(column, value, self._segments)
        self._draw()

    @command
    def drop_change(self: Any, place: int) -> None:
        """Without one of the scenario's changes."""
        self.scenario = self._levers.without(place).scenario

    @command
    def reset_scenario(self: Any) -> None:
        """The forecast as it is."""
        self._levers = Levers(AS_IS, self._levers.column, self._levers.value)
        self.scenario = AS_IS
        self._draw()

    @command
    def use_scenario(self: Any, name: str) -> None:
        """A saved scenario by its name; an empty one: the forecast as it is."""
        self.scenario = name or None

    @command
    def save_scenario_as(self: Any, name: str) -> None:
        """Save the scenario to `oppnb.yaml`."""
        self.save_scenario(name)

    @command
    def choose_period(self: Any, period: str) -> None:
        """Another period; models of earlier periods are asked again, which takes a while."""
        self._ask_period(period)

    @command
    def choose_node(self: Any, node: str) -> None:
        """A node of the roll-up; the same again: the company."""
        self.node = COMPANY if node == self.node else node

    @command
    def unfold(self: Any, node: str, is_open: bool) -> None:
        """Show or hide what lies below a node."""
        self.explored.place(node)
        self._expanded = self._expanded | {node} if is_open else self._expanded - {node}
        self._draw()

    @command
    def choose_tab(self: Any, tab: str) -> None:
        """Another tab."""
        if tab not in TABS:
            raise self._refuse("no_tab", tab=tab)
        self._tab = tab
        self._draw()

    @command
    def choose_steps(self: Any, by: str) -> None:
        """The waterfall by lever or by change."""
        self._steps_by = "change" if by == "change" else "lever"
        self._draw()

    @command
    def add_override(self: Any, deal: str, figure: str, value: str, who: str, why: str, day: str) -> dict[str, Any]:
        """Put a number beside the model's, of the node or of a deal."""
        figures = figures_typed(figure if deal else "amount", value)
        said_on = parse_day(day) if day else None
        key = self.override(why=why, who=who, opportunity_id=deal or None, when=said_on, **figures)
        self.who = who
        return {"override_id": key}

    @command
    def withdraw_override(self: Any, override_id: str, who: str, why: str) -> None:
        """Take a number back; the reason stays beside it in the ledger."""
        self.withdraw(override_id, who=who, why=why)
        self.who = who

    @command
    def show_all(self: Any) -> None:
        """Forget what another widget chose, and the node."""
        self.choose_deals(None)
        self.node = COMPANY
        self._draw()

    def _deals(self: Any) -> TableView:
        self.keep_table("deals", deals_of(self))
        view: TableView = self.table("deals")
        return view
