"""The pictures of the documentation, made anew from the sample: `python docs/pictures.py [NAME…]`.

The review is run in both languages and a model is trained for its card; the pages are opened in headless Chromium with
the network off, and each section is cut out. With names (`card`, `review-odds`) only pictures whose name begins so are
made. Look at the pictures before you keep them.

Pillow (`pip install pillow`, only for this) brings each to 256 colours: a third of the weight, and they look the same.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from oppnb.reports import run_forecast_review, run_review, write_card  # noqa: E402
from oppnb.scoring import train_pipeline  # noqa: E402
from tests.browser import ARGUMENTS  # noqa: E402

SAMPLE = HERE.parent / "data" / "sample"
STATIC = HERE / "_static"
DESKTOP, COLUMN, PHONE = 1280, 900, 390
DRAWN = "[...document.querySelectorAll('.js-plotly-plot')].every(plot => plot.querySelector('.main-svg'))"
TOPS = """(heads) => Object.fromEntries([...document.querySelectorAll(heads)].map(
  one => [one.id || one.textContent, one.getBoundingClientRect().top + scrollY]))"""
ENDS = """() => [...document.querySelectorAll('.js-plotly-plot, tr, li, p, summary, .kpis')].filter(
  one => one.checkVisibility()).map(one => one.getBoundingClientRect().bottom + scrollY)"""


@dataclass(frozen=True)
class Cut:
    """A part of the page: a section or what is below a heading, or at most `height` pixels without cutting a line."""

    name: str
    section: str | None
    width: int = COLUMN
    height: int | None = None
    locale: str = "en"
    scheme: str = "light"
    page: str = "review"


CUTS = (
    Cut("report-en", None, DESKTOP, 860),
    Cut("report-zh", None, DESKTOP, 860, locale="zh_CN"),
    Cut("phone-en", None, PHONE, 844),
    Cut("phone-zh", None, PHONE, 844, locale="zh_CN"),
    Cut("review-summary", "summary"),
    Cut("review-kpis", "kpis"),
    Cut("review-bridge", "bridge"),
    Cut("review-funnel", "funnel", height=870),
    Cut("review-odds", "odds"),
    Cut("review-slices", "slices", height=800),
    Cut("review-months", "months"),
    Cut("review-bottlenecks", "bottlenecks", height=1000),
    Cut("review-attention", "attention", height=900),
    Cut("review-audit", "audit"),
    Cut("review-limits", "limits"),
    Cut("forecast-en", None, COLUMN, 1128, page="forecast"),
    Cut("forecast-zh", None, COLUMN, 1024, locale="zh_CN", page="forecast"),
    Cut("published-en", "What was published, and what came", page="published"),
    Cut("published-zh", "当时发布的预测与实际结果", locale="zh_CN", page="published"),
    Cut("card-en", None, COLUMN, 606, page="card"),
    Cut("card-zh", None, PHONE, 514, locale="zh_CN", page="card"),
    Cut("consultant-index-zh", None, COLUMN, 446, locale="zh_CN", page="index"),
    Cut("consultant-zh", None, COLUMN, 860, locale="zh_CN", page="central"),
    Cut("consultant-phone-zh", None, PHONE, 844, locale="zh_CN", page="east"),
)


def main() -> None:
    """Make the pages, cut, and say how heavy the pictures are."""
    STATIC.mkdir(exist_ok=True)
    wanted = [cut for cut in CUTS if cut.name.startswith(tuple(sys.argv[1:]) or "")]
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for name, locale in sorted({(cut.page, cut.locale) for cut in wanted}):
            page = PAGES[name](locale, Path(folder))
            for cut in (one for one in wanted if (one.page, one.locale) == (name, locale)):
                take(cut, page, browser)
    heavy = {file.name: file.stat().st_size for file in sorted(STATIC.glob("*.png"))}
    for name, size in heavy.items():
        print(f"{size / 1000:8.0f} kB  {name}")
    print(f"{sum(heavy.values()) / 1000:8.0f} kB  in all")


def review_page(locale: str, folder: Path) -> Path:
    result = run_review(SAMPLE / "pipeline", workspace=SAMPLE / "oppnb.yaml", locale=locale, out=folder / locale)
    return result.report_html


def forecast_page(locale: str, folder: Path) -> Path:
    asked = {"as_of": "2025-11-02", "workspace": SAMPLE / "oppnb.yaml", "locale": locale}
    return run_forecast_review(SAMPLE / "pipeline", out=folder / f"forecast-{locale}", **asked).report_html


def published_page(locale: str, folder: Path) -> Path:
    """The last of four reviews whose forecasts a store has kept."""
    client = folder / f"published-{locale}"
    client.mkdir()
    settings = (SAMPLE / "oppnb.yaml").read_text(encoding="utf-8")
    (client / "oppnb.yaml").write_text(f"{settings}\nstore: memory\n", encoding="utf-8")
    asked = {"workspace": client / "oppnb.yaml", "locale": locale, "forecast": "on", "out": client}
    days = ("2025-01-05", "2025-02-16", "2025-04-06", "2025-07-06")
    return [run_review(SAMPLE / "pipeline", as_of=day, **asked) for day in days][-1].report_html


def card_page(locale: str, folder: Path) -> Path:
    return write_card(trained_card(), folder / f"card-{locale}.html", locale=locale)


@cache
def trained_card() -> Mapping[str, Any]:
    return train_pipeline(SAMPLE / "pipeline", until="2025-09-30", workspace=SAMPLE / "oppnb.yaml")[2].card


def client_page(file: str) -> Callable[[str, Path], Path]:
    """A page as a consultant gets it who types `consultant.md`, whose data lie beside the project."""

    def page(locale: str, folder: Path) -> Path:
        from tests.projects.test_consultants_path import type_page

        if locale != "zh_CN":
            raise ValueError("The example's client reads Chinese.")
        client = folder / "desk" / "client-a"
        reports = (client if client.is_dir() else type_page(folder / "desk", until="oppnb templates")) / "reports"
        return next(reports.glob(file))

    return page


PAGES = {
    "review": review_page,
    "forecast": forecast_page,
    "published": published_page,
    "card": card_page,
    "index": client_page("index.html"),
    "central": client_page("weekly/pipeline_review/Central/*/report.html"),
    "east": client_page("weekly/pipeline_review/East/*/report.html"),
}


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def take(cut: Cut, report: Path, browser: Any) -> None:
    viewport = {"width": cut.width, "height": cut.height or 900}
    context = browser.new_context(viewport=viewport, color_scheme=cut.scheme, device_scale_factor=1, offline=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.wait_for_function(DRAWN)
    page.wait_for_function("document.fonts.ready.then(() => true)")
    keep(page.screenshot(clip=clip_of(cut, page), full_page=True), STATIC / f"{cut.name}.png")
    context.close()


def keep(png: bytes, path: Path) -> None:
    """Write a picture with a palette of 256 colours, without dither."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    palette = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)


def clip_of(cut: Cut, page: Any) -> dict[str, float]:
    """The part to take; without a section what a reader sees first."""
    if cut.section is None:
        return {"x": 0, "y": 0, "width": cut.width, "height": cut.height or 900}
    tops = page.evaluate(TOPS, "h2")
    tops = tops if cut.section in tops else page.evaluate(TOPS, "h2, h3")
    top = tops[cut.section]
    after = min([one for one in tops.values() if one > top] + [page.evaluate("document.documentElement.scrollHeight")])
    limit = min(after, top + (cut.height or after))
    ends = [one for one in page.evaluate(ENDS) if top < one <= limit]
    return {"x": 0, "y": top - 12, "width": cut.width, "height": max(ends, default=limit) - top + 16}


if __name__ == "__main__":
    main()
