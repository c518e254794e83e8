"""`oppnb`: commands, and the one place where an error becomes a message and an exit code."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from oppnb import __version__
from oppnb.cli.auditing import audit
from oppnb.cli.deciding import decide
from oppnb.cli.delivering import alerts, deliver
from oppnb.cli.demo import demo
from oppnb.cli.forecasting import backtest, forecast
from oppnb.cli.inspecting import inspect
from oppnb.cli.mistakes import NotingCommand, mistake_text, reader_of
from oppnb.cli.overriding import override
from oppnb.cli.projects import init, update
from oppnb.cli.reviewing import retrospective, review
from oppnb.cli.running import diff, rerun, run, runs
from oppnb.cli.schema import schema
from oppnb.cli.scoring import card, score, train
from oppnb.cli.templates import templates
from oppnb.errors import OppnbError

__all__ = ["app", "main"]

EXIT_CODES = """Exit codes: 0 done; 1 a defect in oppnb; 2 a path, option or parameter that cannot be used;
3 oppnb.yaml; 4 the data; 5 a missing extra; 6 a report that failed while it ran;
7 an update that left conflicts to decide; 8 a message that could not be delivered (the others were).
`oppnb run` has four: 0 all; 1 some failed; 2 the configuration, or it cannot start; 3 the data."""

app = typer.Typer(
    name="oppnb",
    help="From a CRM export to a pipeline review whose figures can be checked.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
COMMANDS: tuple[Callable[..., None], ...] = (
    *(inspect, audit, review, score, train, card, forecast, backtest, retrospective, decide, demo, schema),
    *(init, update, run, runs, rerun, diff, alerts, deliver),
)
for command in COMMANDS:
    app.command(cls=NotingCommand)(command)
app.add_typer(override, name="override")
app.add_typer(templates, name="templates")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"oppnb {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From a CRM export to a pipeline review whose figures can be checked."""


def main() -> None:
    """Run the command line; an `OppnbError` is its message on standard error and its exit code.

    A reader of Chinese is told in Chinese first what kind of mistake it is.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show 商机 must not stop a report.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    asked: dict[str, Any] = {}
    try:
        app(obj=asked)
    except OppnbError as error:
        typer.echo(mistake_text(error, reader_of(asked)), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
