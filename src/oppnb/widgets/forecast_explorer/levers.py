"""The sliders of a scenario: for which deals, what they can be set to, and the scenario that they make."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oppnb.errors import UsageError, nearest
from oppnb.forecasting import tell_assumptions
from oppnb.forecasting.explored import AS_IS, ExploredForecast
from oppnb.locale import Formats, Words
from oppnb.widgets.column_names import column_label
from oppnb.workspace import Scenario, ScenarioChange

__all__ = ["ALL_DEALS", "FIELDS", "Levers", "scenario_given", "segments_of", "target_places"]

ALL_DEALS = ""
"""The segment of every deal."""
FIELDS = {"win_rate": "win_rate_points", "amount": "amount", "cycle_time": "cycle_time", "new_business": "new_business"}
"""What each slider sets in a change."""
_GRIDS = {
    "win_rate": [float(one) for one in range(-30, 31)],
    "amount": [round(0.5 + 0.01 * step, 2) for step in range(101)],
    "cycle_time": [round(0.5 + 0.05 * step, 2) for step in range(31)],
    "new_business": [round(0.05 * step, 2) for step in range(41)],
}
_FIRST = ("region", "team", "owner_id", "product", "source", "process", "stage", "forecast_category")
_MOST_VALUES = 200


def segments_of(explored: ExploredForecast) -> dict[str, list[str]]:
    """Columns by which open deals fall into 2 to 200 segments, with their values; the usual ones first."""
    deals = explored.parts.deals
    found = {}
    for column in _FIRST:
        values: list[str] = deals[column].dropna().astype("str").unique().tolist() if column in deals else []
        if 2 <= len(values) <= _MOST_VALUES:
            found[column] = sorted(values)
    return found


@dataclass(frozen=True)
class Levers:
    """The scenario, and the segment whose sliders are shown.

    Attributes
    ----------
    scenario : Scenario
    column, value : str
        Empty for every deal.
    """

    scenario: Scenario = AS_IS
    column: str = ALL_DEALS
    value: str = ""

    @property
    def change(self) -> ScenarioChange:
        """What the scenario says of the segment."""
        return next((one for one in self.scenario.changes if self._is_own(one)), self._blank())

    def _blank(self) -> ScenarioChange:
        return ScenarioChange.model_validate({"where": {self.column: self.value} if self.column else {}})

    def _is_own(self, change: ScenarioChange) -> bool:
        return change.where == self._blank().where

    def choose(self, column: str, value: str, segments: dict[str, list[str]]) -> "Levers":
        """Other deals; without a value the column's first.

        Raises
        ------
        UsageError
            If there is no such column or value, with the nearest.
        """
        if not column:
            return replace(self, column=ALL_DEALS, value="")
        if column not in segments:
            raise UsageError(f"There are no sliders by '{column}'.{_hint(column, list(segments))}")
        if value and value not in segments[column]:
            raise UsageError(f"No open deal has the {column} '{value}'.{_hint(value, segments[column])}")
        return replace(self, column=column, value=value or segments[column][0])

    def set(self, lever: str, value: float) -> "Levers":
        """One slider moved; the scenario is no longer called what it was saved as.

        Raises
        ------
        UsageError
            If there is no such slider, with the nearest.
        """
        if lever not in FIELDS:
            raise UsageError(f"There is no slider '{lever}'.{_hint(lever, list(FIELDS))}")
        moved = ScenarioChange.model_validate({**self.change.model_dump(), FIELDS[lever]: value})
        changes = [moved if self._is_own(one) else one for one in self.scenario.changes]
        if not any(self._is_own(one) for one in self.scenario.changes):
            changes.append(moved)
        kept = [one for one in changes if not one.is_nothing]
        return replace(self, scenario=AS_IS.model_copy(update={"changes": kept}) if kept else AS_IS)

    def without(self, place: int) -> "Levers":
        """Without one of the scenario's changes."""
        kept = [one for at, one in enumerate(self.scenario.changes) if at != place]
        return replace(self, scenario=AS_IS.model_copy(update={"changes": kept}) if kept else AS_IS)

    def state(
        self, explored: ExploredForecast, segments: dict[str, list[str]], *, names: Any, words: Words, formats: Formats
    ) -> dict[str, Any]:
        """What the front end draws: segments to choose from, sliders with the text of every place, the assumptions."""
        said = tell_assumptions(self.scenario, words=words, formats=formats)
        columns = [{"key": name, "label": column_label(words, name)} for name in segments]
        labels = _labels(self.column, explored, names, words)
        return {
            "columns": columns,
            "column": self.column,
            "values": [{"key": one, "label": labels.get(one, one)} for one in segments.get(self.column, [])],
            "value": self.value,
            "sliders": [self._slider(name, explored, words, formats) for name in FIELDS],
            "changes": [{"text": text, "place": place} for place, text in enumerate(said)],
        }

    def _slider(self, lever: str, explored: ExploredForecast, words: Words, formats: Formats) -> dict[str, Any]:
        value = float(getattr(self.change, FIELDS[lever]))
        grid = _with(_GRIDS[lever], value)
        is_of_new = lever == "new_business"
        return {
            "key": lever,
            "label": words(f"widgets_forecast_explorer.lever_{lever}"),
            "values": grid,
            "texts": [_text(lever, one, words, formats) for one in grid],
            "at": grid.index(value),
            "neutral": grid.index(0.0 if lever == "win_rate" else 1.0),
            "disabled": is_of_new and bool(self.column) and self.column not in explored.book.deals,
        }


def _labels(column: str, explored: ExploredForecast, names: Mapping[str, str], words: Words) -> Mapping[str, str]:
    """What a reader sees for the values of a column, where that is not the value itself."""
    processes = explored.book.workspace.processes
    if column == "owner_id":
        return names
    if column == "stage":
        return {stage.name: stage.label.get(words.locale, stage.name) for one in processes for stage in one.stages}
    if column == "process":
        return {one.name: one.label.get(words.locale, one.name) for one in processes}
    return {}


def _with(grid: Sequence[float], value: float) -> list[float]:
    """The places of a slider, with the value where it stands."""
    return sorted({*grid, value})


def _text(lever: str, value: float, words: Words, formats: Formats) -> str:
    if lever == "win_rate":
        sign = "+" if value > 0 else "−" if value < 0 else ""
        digits = 0 if value == int(value) else 1
        return words("widgets_forecast_explorer.points", points=sign + formats.number(abs(value), digits=digits))
    return words("widgets_forecast_explorer.times", factor=formats.number(value, digits=2))


def target_places(low: float, high: float, target: float | None) -> list[float]:
    """About a hundred round amounts, evenly apart, for the slider of the target, which stands for the nearest one."""
    if target is not None:
        low, high = min(low, target), max(high, target)
    span = max(high - low, 1.0)
    rough = span / 100
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough)
    places = [round(step * at, 9) for at in range(math.floor(low / step), math.ceil(high / step) + 1)]
    places = [one for one in places if one >= 0] or [0.0]
    if target is not None:
        nearest_place = min(range(len(places)), key=lambda at: abs(places[at] - target))
        places[nearest_place] = target
    return places


def _hint(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f" Did you mean '{near}'?" if near else f" There are: {', '.join(known)}."


def scenario_given(given: Any, saved: Sequence[Scenario]) -> Scenario:
    """A scenario from what was set: one, its saved name, a list of changes, or None for the forecast as it is.

    Raises
    ------
    UsageError
        If it is none of these, or no scenario has the name, with the nearest.
    """
    if given is None:
        return AS_IS
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str):
        for one in saved:
            if given in (one.name, *one.label.values()):
                return one
        raise UsageError(f"There is no saved scenario '{given}'.{_hint(given, [one.name for one in saved])}")
    if isinstance(given, (list, tuple)):
        changes = [ScenarioChange.model_validate(one) for one in given]
        return AS_IS.model_copy(update={"changes": changes})
    raise UsageError("A scenario is a Scenario, the name of a saved one, a list of changes, or None.")
