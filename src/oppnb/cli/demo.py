"""`oppnb demo`: the main job on the synthetic pipeline, with nothing at hand."""

from pathlib import Path
from typing import Annotated

import typer

from oppnb.cli.arguments import AsJson
from oppnb.cli.at_work import at_work
from oppnb.cli.reviewing import print_result, reader_words
from oppnb.cli.writable import check_folder

__all__ = ["demo"]

Folder = Annotated[Path, typer.Option("--out", help="Folder to make: the sample export in it, and its review.")]
Locale = Annotated[str, typer.Option(help="en or zh_CN.")]


def demo(out: Folder = Path("oppnb-demo"), locale: Locale = "en", as_json: AsJson = False) -> None:
    """Write the sample pipeline (synthetic, nothing in it is real) and make its review."""
    from oppnb.reports import run_review
    from oppnb.sources.synthetic import write_sample

    words = reader_words(locale, None)
    check_folder(out)
    sample = out / "sample"
    if not (sample / "oppnb.yaml").exists():
        write_sample(sample)
    settings = sample / "oppnb.yaml"
    with at_work(words, "pipeline_review", workspace=settings) as progress:
        result = run_review(
            str(sample / "pipeline"), workspace=settings, locale=locale, out=out / "reports", progress=progress
        )
    print_result(result, words, as_json=as_json)
