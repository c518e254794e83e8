"""The widget: its attributes, what the hand may do, what it says to others."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import traitlets

from oppnb import charts
from oppnb.errors import ParameterError, UsageError, WorkspaceError
from oppnb.forecasting import Forecast, tell_assumptions
from oppnb.forecasting.distribution import LEVELS
from oppnb.forecasting.explored import AS_IS, ExploredForecast
from oppnb.forecasting.nodes import COMPANY
from oppnb.opening import forecast_pipeline
from oppnb.periods import Period, parse_period, period_of
from oppnb.widgets.base import OppnbWidget
from oppnb.widgets.commands import command
from oppnb.widgets.forecast_explorer.by_hand import ByHand
from oppnb.widgets.forecast_explorer.figure import Look, finding, frame_of
from oppnb.widgets.forecast_explorer.levers import Levers, scenario_given, segments_of, target_places
from oppnb.widgets.forecast_explorer.opening import Given, explored_of, needed, open_given, store_given
from oppnb.widgets.forecast_explorer.overriding import beside_model, period_of_word, take_back, target_of, write_word
from oppnb.widgets.forecast_explorer.panels import compared_written, node_label
from oppnb.widgets.forecast_explorer.tabs import TABS, panel_of
from oppnb.widgets.selection import ids_among
from oppnb.widgets.with_tables import WithTables
from oppnb.widgets.work import Watch
from oppnb.workspace import Scenario, parse_workspace
from oppnb.workspace.scenario_file import keep_scenario
from oppnb.workspace.workspace_file import WorkspaceFile

__all__ = ["ForecastExplorer"]

_OPENING = ("as_of", "workspace")
_OWN = ("period", "target", "scenario", "node", "selection", "save_to", "store", "who", "locale", "currency")


class ForecastExplorer(ByHand, WithTables, OppnbWidget):
    """The forecast of a period: move its target and a scenario, look into its parts, put a number beside it.

    Parameters
    ----------
    data : path, Tables, OpenedForecast, or (OpenedForecast, Forecast)
        An export, what `oppnb.opening.open_forecast` gives, or what `forecast_pipeline` gives. Models learn for a
        minute or more where nothing is opened yet.
    period : Period or str, optional
        As 2026Q4, 2026-11 or FY2026; by default the one that holds the day after the day of knowledge.
    target : float, optional
        By default the node's quota.
    scenario : Scenario, str or list of changes, optional
        One of its own, the name of a saved one, or its changes.
    node : str, optional
        `company`, or a node of the roll-up such as `East / North`.
    selection : Selection, optional
        Shared with other widgets: a chosen node filters them.
    save_to : path, optional
        The `oppnb.yaml` that scenarios are saved to; by default the `workspace` if it is a path.
    store : Store or path, optional
        Where overrides are kept; by default the workspace's store.
    who : str, optional
        Whose numbers overrides are, unless another is given.
    locale, currency
        Of the reader; by default the workspace's.
    as_of, workspace
        As in `oppnb.opening.open_forecast`; only with a path or tables.

    Attributes
    ----------
    period, target, scenario, node
        May be set; the forecast is told anew at once. Watch them with `observe`.
    explored : ExploredForecast
        The forecast, its roll-up, any node under any scenario.
    scenarios : tuple of Scenario
        Those saved.
    compare : DataFrame
        The forecast, the scenario and the saved ones side by side.
    overrides : DataFrame
        People's figures beside the model's.
    selected_ids : tuple of str
        Open deals of the node, as filtered in the table.

    Raises
    ------
    TypeError
        An unknown keyword; names the nearest.
    OppnbError
        Whatever opening raises, or a period, node or scenario that cannot be used.
    """

    front_end = "forecast_explorer"

    period = traitlets.Any(help="Name of the period")
    target = traitlets.Float(None, allow_none=True, help="The amount to reach; None without one")
    scenario = traitlets.Any(AS_IS, help="What would be different")
    node = traitlets.Unicode(COMPANY, help="Node of the roll-up")

    def __init__(self, data: Given, **settings: Any) -> None:
        is_opened = (
            not isinstance(data, (str, bytes)) and not hasattr(data, "frames") and not hasattr(data, "__fspath__")
        )
        self.refuse_unknown(settings, list(_OWN if is_opened else (*_OWN, *_OPENING)))
        material = open_given(data, settings)
        super().__init__(words=material.words, formats=material.formats, selection=settings.get("selection"))
        self.material = material
        self.store = store_given(settings.get("store"), material.workspace)
        self.who = str(settings.get("who") or "")
        self.scenarios = self._saved()
        self._seq = 0
        self._tab, self._steps_by = TABS[0], "lever"
        self._expanded = {COMPANY}
        self._picked: tuple[str, ...] | None = None
        self._overrides: pd.DataFrame | None = None
        self._levers = Levers(scenario_given(settings.get("scenario"), self.scenarios))
        self._take(material.forecast, explored_of(material, material.forecast, Watch()))
        with self._settling():
            self.node = settings.get("node") or COMPANY
            self.target = self.explored.target(self.node) if settings.get("target") is None else settings["target"]
        self._checked(self._levers.scenario, self.node)
        self._draw()

    # --- Python ---------------------------------------------------------------------------------------------------

    @property
    def compare(self) -> pd.DataFrame:
        """The forecast, the scenario as it stands and the saved ones, of the node: `ExploredForecast.compare`."""
        return self.explored.compare(self._compared(), self.node, target=self.target)

    @property
    def overrides(self) -> pd.DataFrame:
        """People's figures beside the model's (`oppnb.forecasting.with_overrides`); empty where nobody spoke."""
        if self._overrides is None:
            self._overrides = beside_model(self.explored, self.store)
        return self._overrides

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """Open deals of the node, sorted, as filtered in the table; or the one chosen there."""
        if self._picked is not None:
            return self._picked
        return tuple(sorted(set(self._deals().rows["opportunity_id"].astype(str))))

    @selected_ids.setter
    def selected_ids(self, opportunity_ids: Iterable[str] | None) -> None:
        self.choose_deals_of_table(ids_among(opportunity_ids, self._deals().frame["opportunity_id"]))

    def override(
        self,
        *,
        why: str,
        who: str | None = None,
        opportunity_id: str | None = None,
        node: str | None = None,
        amount: float | None = None,
        chance: float | None = None,
        expected_close_on: date | None = None,
        when: datetime | date | None = None,
    ) -> str:
        """Put a number beside the model's, in the store's ledger; the model's number stays.

        Parameters
        ----------
        why : str
            The reason; it is read when the number is judged later.
        who : str, optional
            Whose number it is; by default the explorer's `who`.
        opportunity_id : str, optional
            A deal; else the number is of a node.
        node : str, optional
            By default the node that is looked at; its lowest column and value are meant.
        amount, chance, expected_close_on
            Of a deal at least one, of a node the amount of the period.
        when : datetime or date, optional
            By default now; where the period is over by now, the forecast's day.

        Returns
        -------
        str
            Its id, by which `withdraw` takes it back.

        Raises
        ------
        OppnbError
            As `oppnb.forecasting.append_override`; also without a store.
        """
        said: dict[str, Any] = {"why": why, "who": self.who if who is None else who}
        if opportunity_id is None:
            said |= target_of(self.explored, self.node if node is None else node)
        else:
            said["opportunity_id"] = opportunity_id
        said |= {"amount": amount, "chance": chance, "expected_close_on": expected_close_on}
        said["period"] = period_of_word(self.explored, said)
        key = write_word(self.explored, needed(self.store), said, when)
        self._overrides = None
        self._draw()
        return key

    def withdraw(self, override_id: str, *, why: str, who: str | None = None) -> None:
        """Take a number back, as `oppnb override withdraw` does: it stays in the ledger and counts no longer.

        Parameters
        ----------
        override_id : str
            As `override` gives it, or as `overrides` and `oppnb override list` show it.
        why : str
            The reason.
        who : str, optional
            Who takes it back; by default the explorer's `who`.

        Raises
        ------
        OppnbError
            As `oppnb.forecasting.withdrawing.withdraw_by_id`; also without a store.
        """
        by = self.who if who is None else who
        take_back(self.explored, needed(self.store), override_id, who=by, why=why)
        self._overrides = None
        self._draw()

    def save_scenario(self, name: str, *, label: dict[str, str] | None = None) -> Scenario:
        """Save the scenario by its name to `oppnb.yaml`, whose comments are kept; one of that name is replaced.

        Raises
        ------
        WorkspaceError
            If it is not known where to save, or the file cannot be written.
        ParameterError
            If the name is empty or taken by the forecast, or nothing is changed.
        """
        given = name.strip()
        if not given or given == AS_IS.name:
            raise ParameterError(self.say("name_needed"))
        if not self._levers.scenario.changes:
            raise ParameterError(self.say("nothing_to_save"))
        if not self.material.path:
            raise WorkspaceError(self.say("no_path"))
        before = next((one.label for one in self.scenarios if one.name == given), {})
        changes = self._levers.scenario.changes
        made = Scenario(name=given, label=before if label is None else label, changes=changes)
        keep_scenario(self.material.path, made)
        self.scenarios = self._saved()
        self.scenario = made
        return made

    def to_figure(self) -> Any:
        """The distribution as a plotly figure, the one of the report."""
        look = self._look()
        return charts.forecast_distribution(
            pd.DataFrame({"amount": look.told.distribution.quantiles(LEVELS)}),
            words=self.words,
            formats=self.formats,
            title=finding(look, words=self.words, formats=self.formats),
            target=self.target,
            interval=look.told.distribution.interval(0.8),
        )

    def to_table(self) -> pd.DataFrame:
        """The same as `compare`."""
        return self.compare

    def twin_title(self) -> str:
        """The finding."""
        return str(self.state["frame"]["title"])

    def twin_table(self) -> pd.DataFrame:
        """The comparison as the reader sees it."""
        return compared_written(self.compare, self._labels(), words=self.words, formats=self.formats)

    # --- traits ---------------------------------------------------------------------------------------------------

    @traitlets.observe("period")
    def _period_set(self, change: Any) -> None:
        if self._is_settling:
            return
        try:
            self._ask_period(change.new)
        except Exception:
            self._put_back(change)
            raise

    @traitlets.observe("scenario", "node", "target")
    def _asked_by_trait(self, change: Any) -> None:
        if self._is_settling:
            return
        try:
            if change.name == "scenario":
                made = scenario_given(change.new, self.scenarios)
                self._checked(made, self.node)
                self._keep_scenario(made)
            elif change.name == "node":
                self._checked(self._levers.scenario, change.new)
                self._choose_node(change.new)
        except Exception:
            self._put_back(change)
            raise
        self._draw()

    def _hold(self, *, scenario: Scenario | None = None, target: float | None = None) -> None:
        """Set what a slider moved; the rest is drawn when it rests."""
        with self._settling():
            if scenario is not None:
                self.scenario = scenario
            if target is not None:
                self.target = target

    def _take_target(self, target: float | None) -> None:
        self.target = target

    def _checked(self, scenario: Scenario, node: str) -> None:
        """Raise if a scenario or node cannot be told."""
        self.explored.told(scenario, node)

    def _keep_scenario(self, scenario: Scenario) -> None:
        self._levers = Levers(scenario, self._levers.column, self._levers.value)
        with self._settling():
            self.scenario = scenario

    def _choose_node(self, node: str) -> None:
        self._picked = None
        with self._settling():
            self.node = node
            self.target = self.explored.target(node)
        if node == COMPANY:
            self.tell_choice(None)
        else:
            ids = self.explored.deals(node).deals["opportunity_id"].astype(str)
            self.tell_choice(ids.tolist(), label=self._node_label())

    # --- within ---------------------------------------------------------------------------------------------------

    def selection_changed(self) -> None:
        """Another widget chose deals: the table shows those."""
        self._picked = None
        self._draw()

    def table_changed(self, name: str) -> None:  # noqa: ARG002 - there is one table
        """Another order or filter."""
        self._picked = None
        self._draw()

    def _ask_period(self, period: Period | str) -> None:
        start = self.material.workspace.calendar.fiscal_year_start
        meant = parse_period(period, fiscal_year_start=start) if isinstance(period, str) else period

        def make(watch: Watch) -> tuple[Forecast, ExploredForecast]:
            forecast = forecast_pipeline(
                self.material.found, period=meant, progress=lambda n, total: watch.done(0.9 * n / max(total, 1))
            )[1]
            return forecast, explored_of(self.material, forecast, watch)

        def then(made: tuple[Forecast, ExploredForecast]) -> None:
            self._take(*made)
            with self._settling():
                self.target = self.explored.target(self.node)
            self._draw()

        self.work(make, then)

    def _take(self, forecast: Forecast, explored: ExploredForecast) -> None:
        self.explored = explored
        self._segments = segments_of(explored)
        self._overrides = None
        with self._settling():
            self.period = forecast.point.period.name
            if self.node not in set(explored.nodes["node"]):
                self.node = COMPANY

    def _look(self) -> Look:
        told = self.explored.told(self._levers.scenario, self.node)
        base = self.explored.told(node=self.node)
        return Look(told, base, self.target, str(self.period), "" if self.node == COMPANY else self._node_label())

    def _frame(self) -> dict[str, Any]:
        return frame_of(self._look(), words=self.words, formats=self.formats, seq=self._seq)

    def _node_label(self) -> str:
        return node_label(self.explored, self.node, self.material.owners, self.words)

    def _draw(self) -> None:
        if not hasattr(self, "explored"):
            return
        self.state = {
            "frame": self._frame(),
            "question": self._question(),
            "levers": self._levers.state(
                self.explored,
                self._segments,
                names=self.material.owners,
                words=self.words,
                formats=self.formats,
            ),
            "scenario": {
                "name": "" if self._levers.scenario.name == AS_IS.name else self._levers.scenario.name,
                "saved": [{"key": one.name, "label": self._labels()[one.name]} for one in self.scenarios],
                "path": Path(self.material.path).name if self.material.path else "",
            },
            "tab": self._tab,
            "panel": panel_of(self, self._tab),
            "picked": list(self._picked or ()),
            "notes": [self.words(f"note.{note.code}", **note.values) for note in self.material.found.notes],
            "following": self._followed(),
        }

    def _question(self) -> dict[str, Any]:
        base = self.explored.told(node=self.node)
        low, high = (float(one) for one in base.distribution.quantiles(LEVELS)[[0, -1]])
        places = target_places(low, max(high, low + 1.0), self.target)
        return {
            "periods": [{"key": name, "label": name} for name in self._periods()],
            "period": self.period,
            "node": self._node_label(),
            "is_company": self.node == COMPANY,
            "day": self.say("as_of", day=self.formats.day(self.explored.forecast.point.day, short=True)),
            "target": {
                "values": places,
                "texts": [self.formats.money(one, short=True) for one in places],
                "at": 0 if self.target is None else places.index(self.target),
                "typed": "" if self.target is None else self.formats.number(self.target),
                "quota": self._quota(),
            },
        }

    def _quota(self) -> str:
        quota = self.explored.target(self.node)
        return "" if quota is None else self.say("quota", amount=self.formats.money(quota, short=True))

    def _periods(self) -> list[str]:
        """The running and the next month, quarter and year, and the one that is shown."""
        day = self.explored.book.days[-1]
        start = self.material.workspace.calendar.fiscal_year_start
        next_day = pd.Timestamp(day).date() + pd.Timedelta(days=1).to_pytimedelta()
        running = [period_of(next_day, kind=kind, fiscal_year_start=start) for kind in ("quarter", "month", "year")]
        names = [one.name for period in running for one in (period, period.shift(1))]
        return list(dict.fromkeys([str(self.period), *names]))

    def _compared(self) -> tuple[Scenario, ...]:
        """The saved scenarios, and the one on the sliders where it is none of them."""
        own = self._levers.scenario
        is_saved = any(one.changes == own.changes for one in self.scenarios)
        if not own.changes or is_saved:
            return self.scenarios
        return (own.model_copy(update={"name": self.say("on_sliders")}), *self.scenarios)

    def _labels(self) -> dict[str, str]:
        named = {one.name: one.label.get(self.words.locale, one.name) for one in self.scenarios}
        return {**named, AS_IS.name: self.words("forecast_scenarios.forecast")}

    def _assumed(self) -> dict[str, list[str]]:
        return {one.name: tell_assumptions(one, words=self.words, formats=self.formats) for one in self._compared()}

    def _saved(self) -> tuple[Scenario, ...]:
        if not self.material.path:
            return tuple(self.material.workspace.forecast.scenarios)
        file = WorkspaceFile.read(self.material.path)
        return tuple(parse_workspace(file.text, name=file.path.name).forecast.scenarios)

    @command
    def choose_deals_of_table(self, opportunity_ids: list[str]) -> None:
        """One deal or several of the table; an empty list goes back to those of the node."""
        known = set(self._deals().frame["opportunity_id"].astype(str))
        self._picked = tuple(sorted(known & set(opportunity_ids))) or None
        all_of = None if self.node == COMPANY and self._picked is None else self.selected_ids
        names = [self.material.names.get(one, one) for one in self._picked or ()]
        label = self._node_label() if not names else names[0] if len(names) == 1 else ""
        self.tell_choice(all_of, label=label)
        self._draw()

    def _refuse(self, key: str, **values: str) -> UsageError:
        return UsageError(self.say(key, **values))
