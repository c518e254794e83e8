"""Sphinx: the pages of this folder, the API from docstrings, and reference pages written from the code itself."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reference  # noqa: E402

from oppnb import __version__  # noqa: E402

project = "oppnb"
author = "the oppnb developers"
copyright = "2026, the oppnb developers"  # noqa: A001
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
napoleon_google_docstring = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
exclude_patterns = ["_build"]
html_theme = "furo"
html_static_path = ["_static"]
html_title = f"oppnb {__version__}"

# Written anew at each build, so that they cannot differ from the code.
reference.write(HERE / "generated")
