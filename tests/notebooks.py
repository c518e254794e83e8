"""Templates for tests: code cells, the first tagged `parameters`."""

from typing import Any

__all__ = ["PARAMETERS", "make_notebook"]

PARAMETERS = 'from datetime import date\n\nas_of: date | None = None  # The day\nlocale: str = "en"  # Language'


def make_notebook(*cells: str, parameters: str = PARAMETERS) -> dict[str, Any]:
    """A template of code cells, the first tagged `parameters`."""
    sources = [parameters, *cells]
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{index}",
                "metadata": {"tags": ["parameters"]} if index == 0 else {},
                "outputs": [],
                "source": source,
            }
            for index, source in enumerate(sources)
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
