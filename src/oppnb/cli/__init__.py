"""The command line: a thin skin over one public function a command."""

from oppnb.cli.main import app, main

__all__ = ["app", "main"]
