"""`report.pdf`: the page as Chromium prints it, with the network off; no chart cut in half."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from oppnb.errors import ExtraMissingError

__all__ = ["check_pdf", "print_pdf"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_PAPER_WIDTH = 718
_WHOLE = """
.plot, .table-box, figure.chart { overflow: visible !important; max-height: none !important; }
figure.chart, .plot, .js-plotly-plot { break-inside: avoid !important; }
"""
_NO_BROWSER = (
    "report.pdf is printed by Chromium, and there is none on this machine.\n"
    "Install it (Debian: apt install chromium; elsewhere: playwright install chromium), or print report.html yourself."
)


def check_pdf() -> None:
    """Say before the work why there can be no PDF.

    Raises
    ------
    ExtraMissingError
        If Playwright or a Chromium is not installed; report.html prints from any browser.
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: F401
    except ImportError as error:
        raise ExtraMissingError.for_extra("pdf", what="report.pdf") from error
    if _browser() is None and not _in_thread(_has_own):
        raise ExtraMissingError(_NO_BROWSER)


def print_pdf(page: str | Path, target: str | Path) -> Path:
    """Print an exported page on A4.

    Parameters
    ----------
    page : path
        `report.html`.
    target : path
        The PDF.

    Returns
    -------
    Path
        `target`. Charts are drawn anew in the width of the paper and light, folded tables are open; nothing outside the
        file is asked for.

    Raises
    ------
    ExtraMissingError
        As `check_pdf`.
    """
    check_pdf()
    _in_thread(_print, Path(page).resolve(), Path(target))
    return Path(target)


def _browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _in_thread(work: Any, *given: Any) -> Any:
    """Playwright's plain interface refuses to run inside an event loop, and a notebook is in one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work, *given).result()


def _has_own() -> bool:
    """Whether Playwright has downloaded a browser of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).is_file()


def _print(page: Path, target: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser(), args=_ARGUMENTS)
        try:
            sheet = browser.new_page(viewport={"width": _PAPER_WIDTH, "height": 1000})
            sheet.emulate_media(media="print", color_scheme="light")  # before it is opened: charts are drawn once
            sheet.route("**/*", _only_files)
            sheet.goto(page.as_uri())
            if sheet.locator("figure.chart").count():  # without a chart nothing is drawn
                sheet.wait_for_selector("html[data-drawn]")
            sheet.add_style_tag(content=_WHOLE)
            sheet.pdf(path=str(target), format="A4", print_background=True, prefer_css_page_size=True)
        finally:
            browser.close()


def _only_files(call: Any) -> None:
    call.continue_() if call.request.url.startswith(("file:", "data:", "blob:")) else call.abort()
