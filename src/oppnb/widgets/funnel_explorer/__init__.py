"""The funnel by hand: who goes on from each stage, how long they stay, where deals are lost, by any attribute."""

from oppnb.widgets.funnel_explorer.widget import FunnelExplorer

__all__ = ["FunnelExplorer"]
