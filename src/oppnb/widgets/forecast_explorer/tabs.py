"""Which tab is open, and what stands behind it; only that is worked out and sent."""

from typing import TYPE_CHECKING, Any

from oppnb.forecasting.nodes import COMPANY
from oppnb.widgets.forecast_explorer.overriding import overrides_panel
from oppnb.widgets.forecast_explorer.panels import (
    backtest_panel,
    changed_panel,
    compare_panel,
    deals_view,
    tree_panel,
)
from oppnb.widgets.table_view import TableView

if TYPE_CHECKING:
    from oppnb.widgets.forecast_explorer.widget import ForecastExplorer

__all__ = ["TABS", "deals_of", "panel_of"]

TABS = ("changed", "tree", "deals", "overrides", "compare", "past")
_OFFERED = 200


def panel_of(explorer: "ForecastExplorer", tab: str) -> dict[str, Any]:
    """The content of a tab."""
    return _MAKE[tab](explorer)


def deals_of(explorer: "ForecastExplorer") -> TableView:
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
    chosen = explorer.selection.opportunity_ids
    if not explorer.follows_selection or chosen is None:
        return view
    return TableView(view.frame[view.frame["opportunity_id"].isin(chosen)].reset_index(drop=True), view.columns)


def _changed(explorer: "ForecastExplorer") -> dict[str, Any]:
    return changed_panel(
        explorer.explored,
        explorer._levers.scenario,
        explorer.node,
        explorer._steps_by,
        words=explorer.words,
        formats=explorer.formats,
    )


def _tree(explorer: "ForecastExplorer") -> dict[str, Any]:
    return tree_panel(
        explorer.explored,
        explorer._levers.scenario,
        node=explorer.node,
        expanded=explorer._expanded,
        names=explorer.material.owners,
        words=explorer.words,
        formats=explorer.formats,
    )


def _deals(explorer: "ForecastExplorer") -> dict[str, Any]:
    explorer._deals()
    return {"table": explorer.table("deals").spec("deals")}


def _overrides(explorer: "ForecastExplorer") -> dict[str, Any]:
    offered = deals_of(explorer).frame.head(_OFFERED)
    ids, names = offered["opportunity_id"], offered["name"]
    deals = [{"key": str(key), "label": str(name)} for key, name in zip(ids, names, strict=True)]
    company = explorer.words("forecast_rollup.company")
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


def _compare(explorer: "ForecastExplorer") -> dict[str, Any]:
    return compare_panel(
        explorer.compare, explorer._labels(), explorer._assumed(), words=explorer.words, formats=explorer.formats
    )


def _past(explorer: "ForecastExplorer") -> dict[str, Any]:
    return backtest_panel(explorer.explored, words=explorer.words, formats=explorer.formats)


_MAKE = {
    "changed": _changed,
    "tree": _tree,
    "deals": _deals,
    "overrides": _overrides,
    "compare": _compare,
    "past": _past,
}
