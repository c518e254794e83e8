"""A short page about a report that stopped: which cell, what it said, what to do; no secret in it."""

import html
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from oppnb.reports.redacting import redact, redact_tree

__all__ = ["failure_page", "redact_errors"]


def failure_page(*, template: str, name: str, said: str, place: str | None) -> str:
    """The page, in both languages, because the run may have failed before it knew the reader's."""
    styles = (files("oppnb.reports") / "assets" / "report.css").read_text(encoding="utf-8")
    cell = html.escape((place or "–").removeprefix("cell "))
    message = html.escape(redact(f"{name}: {said}"))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(template)}: failed</title><style>{styles}</style></head><body><main>
<h1>{html.escape(template)}: the report was not made</h1>
<p>It stopped in cell {cell}. The last good report was left as it was. The notebook beside this page, report.ipynb, has
a link to the cell.</p>
<p lang="zh-Hans">报告未能生成：在单元格 {cell} 处停止。上一份正常的报告未被改动；
同一文件夹中的 report.ipynb 带有指向该单元格的链接。</p>
<pre class="error">{message}</pre>
</main></body></html>
"""


def redact_errors(notebook: Path) -> None:
    """Take secrets out of the errors and streams of an executed notebook."""
    if not notebook.is_file():
        return
    tree = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in tree.get("cells", []):
        cell["outputs"] = [_redacted(output) for output in cell["outputs"]] if "outputs" in cell else None
        if cell["outputs"] is None:
            del cell["outputs"]
    notebook.write_text(json.dumps(tree, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _redacted(output: Any) -> Any:
    return redact_tree(output) if output.get("output_type") in ("error", "stream") else output
