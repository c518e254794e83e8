"""An executed notebook as one HTML file: plotly.js once, inline; no address outside; a policy that forbids any."""

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

from oppnb.errors import ExtraMissingError
from oppnb.reports.page import PLOTLY

__all__ = ["export_html"]

_HEADING = re.compile(r'<h2 id="([^"]+)" data-short="([^"]*)">')


def export_html(notebook: Any, *, title: str, locale: str, words: Any) -> str:
    """Write the page.

    Parameters
    ----------
    notebook : NotebookNode
        Executed. Code, prompts and the parameters are left out; HTML of outputs is taken as it is, because `Page`
        wrote and escaped it; every other text is escaped.
    title : str
        Of the page.
    locale : {'en', 'zh_CN'}
        For `lang`.
    words : Words
        For the page's own words.

    Returns
    -------
    str
        About 5 MB if there is a chart, of which plotly.js is 4.9.

    Raises
    ------
    ExtraMissingError
        If nbconvert or plotly is not installed.
    """
    try:
        from nbconvert.exporters import TemplateExporter
    except ImportError as error:
        raise ExtraMissingError.for_extra("report", what="report.html") from error
    exporter: Any = TemplateExporter(raw_template=_asset("report.html.j2"))  # type: ignore[no-untyped-call]
    exporter.exclude_input = exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    exporter.register_filter("chart", _chart)
    exporter.register_filter("as_markdown", _markdown)
    scripts = [_plotly_js(), _asset("report.js")] if _has_chart(notebook) else []
    resources = {
        "title": title,
        "lang": {"en": "en", "zh_CN": "zh-Hans"}.get(locale, "en"),
        "styles": _asset("report.css"),
        "scripts": scripts,
        "policy": _policy(scripts),
        "contents": _contents(notebook),
        "contents_title": words("report.contents"),
    }
    made, _ = exporter.from_notebook_node(notebook, resources=resources)
    return str(made)


def _asset(name: str) -> str:
    return (files("oppnb.reports") / "assets" / name).read_text(encoding="utf-8")


def _plotly_js() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _policy(scripts: list[str]) -> str:
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def _has_chart(notebook: Any) -> bool:
    return any(PLOTLY in output.get("data", {}) for output in _outputs(notebook))


def _contents(notebook: Any) -> list[tuple[str, str]]:
    """Anchor and title (already escaped) of each section."""
    pages = ("".join(output.get("data", {}).get("text/html", "")) for output in _outputs(notebook))
    return [(anchor, title) for page in pages for anchor, title in _HEADING.findall(page)]


def _chart(data: dict[str, Any]) -> str:
    """A chart's place in the page: its title as text, its data as JSON that no browser runs."""
    layout = dict(data.get("layout", {}))
    title = layout.pop("title", {}) or {}
    spoken = html.unescape(title.get("text", "") if isinstance(title, dict) else str(title))
    layout["margin"] = {**layout.get("margin", {}), "t": 30 if layout.get("showlegend", True) else 8}
    layout["height"] = height = int(layout.get("height") or 360) - 36
    spec = json.dumps({"data": data["data"], "layout": layout}, ensure_ascii=False, sort_keys=True)
    safe = spec.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    caption = html.escape(spoken.replace("<br>", " "))
    return (
        f'<figure class="chart"><figcaption>{caption}</figcaption>'
        f'<div class="plot" role="img" aria-label="{caption}" style="height:{height}px"></div>'
        f'<script type="application/json">{safe}</script></figure>'
    )


def _markdown(source: str) -> str:
    """A template author's own Markdown; never text from the data."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return str(markdown2html_mistune(source))
