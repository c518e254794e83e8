"""Which tab is open, and what stands behind it; only that is worked out and sent."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import pandas as pd

from oppnb.forecasting.explored import ExploredForecast
from oppnb.forecasting.nodes import COMPANY
from oppnb.locale import Formats, Words
from oppnb.store import Store
from oppnb.widgets.forecast_explorer.levers import Levers
from oppnb.widgets.forecast_explorer.opening import Material
from oppnb.widgets.forecast_explorer.overriding import overrides_panel
from oppnb.widgets.forecast_explorer.panels import (
    backtest_panel,
    changed_panel,
    compare_panel,
    deals_view,
    tree_panel,
)
from oppnb.widgets.table_view import TableView

__all__ = ["TABS", "Explorer", "deals_of", "panel_of"]

TABS = ("changed", "tree", "deals", "overrides", "compare", "past")
_OFFERED = 200


class Explorer(Protocol):
    """What the tabs ask of the explorer."""

    words: Words
    formats: Formats
    material: Material
    explored: ExploredForecast
    store: Store | None
    who: str
    _levers: Levers
    _steps_by: str
    _expanded: Collection[str]

    @property
    def node(self) -> str:
        """The node that is looked at."""

    @property
    def compare(self) -> pd.DataFrame:
        """The scenarios side by side."""

    @property
    def overrides(self) -> pd.DataFrame:
        """People's figures."""

    @property
    def followed_ids(self) -> tuple[str, ...] | None:
        """Deals that somebody else chose."""

    def table(self, name: str) -> TableView:
        """A table by its name."""

    def _deals(self) -> TableView: ...

    def _node_label(self) -> str: ...

    def _labels(self) -> Mapping[str, str]: ...

    def _assumed(self) -> Mapping[str, list[str]]: ...


def panel_of(explorer: Explorer, tab: str) -> dict[str, Any]:
    """The content of a tab."""
    return _MAKE[tab](explorer)


def deals_of(explorer: Explorer) -> TableView:
    """The open deals of the node, or of them those that another widget chose."""
    material = explorer.material
    view = deals_view(
        explorer.explored,
        explorer._levers.scenario,
        explorer.node,
        names=material.names,
        owners=material.owners,
        words=explorer.words,
        formats=explorer.formats,
    )
    chosen = explorer.followed_ids
    if chosen is None:
        return view
    return TableView(view.frame[view.frame["opportunity_id"].isin(chosen)].reset_index(drop=True), view.columns)


def _changed(explorer: Explorer) -> dict[str, Any]:
    return changed_panel(
        explorer.explored,
        explorer._levers.scenario,
        explorer.node,
        explorer._steps_by,
        words=explorer.words,
        formats=explorer.formats,
    )


def _tree(explorer: Explorer) -> dict[str, Any]:
    return tree_panel(
        explorer.explored,
        explorer._levers.scenario,
        node=explorer.node,
        expanded=explorer._expanded,
        names=explorer.material.owners,
        words=explorer.words,
        formats=explorer.formats,
    )


def _deals(explorer: Explorer) -> dict[str, Any]:
    explorer._deals()
    return {"table": explorer.table("deals").spec("deals")}


def _overrides(explorer: Explorer) -> dict[str, Any]:
    offered = deals_of(explorer).frame.head(_OFFERED)
    ids, names = offered["opportunity_id"], offered["name"]
    twice = set(names[names.duplicated(keep=False)])
    deals = [
        {"key": str(key), "label": f"{name} ({key})" if name in twice else str(name)}
        for key, name in zip(ids, names, strict=True)
    ]
    company = explorer.words("override.company")
    return overrides_panel(
        explorer.explored,
        explorer.overrides,
        has_store=explorer.store is not None,
        node_label=company if explorer.node == COMPANY else explorer._node_label(),
        deals=deals,
        names=explorer.material.names,
        who=explorer.who,
        words=explorer.words,
        formats=explorer.formats,
    )


def _compare(explorer: Explorer) -> dict[str, Any]:
    return compare_panel(
        explorer.compare, explorer._labels(), explorer._assumed(), words=explorer.words, formats=explorer.formats
    )


def _past(explorer: Explorer) -> dict[str, Any]:
    return backtest_panel(explorer.explored, words=explorer.words, formats=explorer.formats)


_MAKE = {
    "changed": _changed,
    "tree": _tree,
    "deals": _deals,
    "overrides": _overrides,
    "compare": _compare,
    "past": _past,
}
