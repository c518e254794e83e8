"""Scored deals by hand: a ranked table, and one deal in full beside it."""

from oppnb.widgets.score_explorer.widget import ScoreExplorer

__all__ = ["ScoreExplorer"]
