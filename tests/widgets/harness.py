"""A widget's front end in a blank page, with a model that answers from Python or from the test.

`open_widget(page, widget)` joins the real Python object to the page: messages go to its commands at once, and its
traits come back, as in a notebook, without a server. `open_front_end(page, name, traits)` has no Python behind it.
"""

import base64
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from oppnb.widgets.assets import front_end

SYNCED = ("texts", "locale", "state", "busy", "progress", "can_cancel", "error")
_START = """async ([esm, css, state]) => {
  const style = document.createElement('style'); style.textContent = css; document.head.append(style);
  const m = await import('data:text/javascript;base64,' + esm), ls = {};
  window.sent = [];
  window.fire = (event, ...given) => (ls[event] || []).forEach(f => f(...given));
  window.model = { get: k => state[k],
    set: (k, v) => { state[k] = v; window.fire('change:' + k); }, save_changes: () => {},
    on: (e, f) => (ls[e] ||= []).push(f), off: (e, f) => { ls[e] = (ls[e] || []).filter(x => x !== f); },
    send: content => { window.sent.push(content); if (window.toPython) window.toPython(JSON.stringify(content)); } };
  window.put = (changes) => { for (const [k, v] of Object.entries(changes)) window.model.set(k, v); };
  window.cleanup = await m.default.render({ model: window.model, el: document.querySelector('main') }); }"""
PAGE = (
    '<!doctype html><html lang="en"><head><title>widget</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body style="margin:0"><main></main></body></html>'
)


def open_front_end(page: Any, name: str, traits: dict[str, Any]) -> None:
    """Draw a front end with these traits; `sent` in the page holds what it says, `put({...})` changes traits."""
    joined = front_end(name)
    esm = base64.b64encode(joined.esm.encode()).decode()
    page.set_content(PAGE)
    page.evaluate(_START, [esm, joined.css, json.loads(json.dumps(traits))])


def open_widget(page: Any, widget: Any) -> None:
    """Draw a widget and join it: what the hand does reaches Python, what Python sets reaches the page.

    Errors of the page fail the test: they are kept in `page.faults`.
    """
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    queue: list[dict[str, Any]] = []
    widget.send = lambda content, buffers=None: queue.append({"message": content})  # noqa: ARG005
    widget.observe(lambda change: queue.append({change["name"]: change["new"]}), names=list(SYNCED))

    def flush() -> None:
        while queue:
            said = queue.pop(0)
            if "message" in said:
                page.evaluate("said => window.fire('msg:custom', said)", said["message"])
            else:
                page.evaluate("said => window.put(said)", said)

    def heard(content: str) -> None:
        widget._on_message(widget, json.loads(content), [])

    page.flush = flush
    page.expose_function("toPython", heard)
    open_front_end(page, widget.front_end, {name: getattr(widget, name) for name in SYNCED})


def settle(page: Any) -> None:
    """Let what was sent reach Python and come back; call it after each act of the hand."""
    for _ in range(6):
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
        page.flush()
    assert page.faults == []


AXE_CACHE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AXE_VERSION = "4.14.1"


def axe_script() -> str:
    """axe-core, fetched once by npm into `node_modules`; a missing npm fails the test."""
    if not AXE_CACHE.is_file():
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"axe-core@{AXE_VERSION}", "--pack-destination", folder]
            subprocess.run(command, check=True, cwd=folder, capture_output=True)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
                text = packed.extractfile("package/axe.min.js").read()
        AXE_CACHE.parent.mkdir(parents=True, exist_ok=True)
        AXE_CACHE.write_bytes(text)
    return AXE_CACHE.read_text(encoding="utf-8")


def serious_faults(page: Any, *, within: str = ".oppnb-widget") -> list[str]:
    """What axe-core holds against a page: rule and element of each serious or critical fault."""
    page.evaluate(axe_script())
    found = page.evaluate(
        "async within => { const told = await axe.run(document.querySelector(within));"
        " return told.violations.filter(one => ['serious', 'critical'].includes(one.impact))"
        ".flatMap(one => one.nodes.map(node => one.id + ' ' + node.target.join(' '))); }",
        within,
    )
    return list(found)
