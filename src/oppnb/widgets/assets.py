"""The front end of a widget as one ES module and one style sheet, joined from plain files, without a bundler.

Each shared file becomes a function that is called once, so its private names stay its own; `import { a } from` becomes
`const { a } = `. What the browser gets imports nothing and asks no network.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["FrontEnd", "front_end", "ui_folder"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', flags=re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|const|class) (\w+)", flags=re.MULTILINE)


@dataclass(frozen=True)
class FrontEnd:
    """What anywidget takes as `_esm` and `_css`."""

    esm: str
    css: str


def ui_folder() -> Path:
    """Where the front end's files lie: in the installed package, or in `ui/widgets` of a source tree.

    Examples
    --------
    >>> (ui_folder() / "shared" / "dom.js").is_file()
    True
    """
    here = Path(__file__).resolve()
    packed = here.parent / "_ui"
    return packed if packed.is_dir() else here.parents[3] / "ui" / "widgets"


@cache
def front_end(name: str) -> FrontEnd:
    """Join the files of one widget.

    Parameters
    ----------
    name : str
        Of `<name>.js`, which exports `render` and may import from `./shared/` and `./<name>/`, and of `<name>.css`.

    Returns
    -------
    FrontEnd
        Styles: every sheet of `shared/` by name, then the widget's own.

    Examples
    --------
    >>> front_end("pipeline_bridge").esm.rstrip().endswith("export default { render };")
    True
    """
    folder = ui_folder()
    made: dict[Path, str] = {}
    own = _joined((folder / f"{name}.js").resolve(), made)
    exported = re.sub(_EXPORT, r"\1 \2", own)
    sheets = [*sorted((folder / "shared").glob("*.css")), folder / f"{name}.css"]
    css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.is_file())
    return FrontEnd("\n".join([*made.values(), exported, "export default { render };\n"]), css)


def _joined(file: Path, made: dict[Path, str]) -> str:
    """The text of a file whose imports are names of modules in `made`; adds the modules it needs, deepest first."""
    text = file.read_text(encoding="utf-8")

    def told(found: re.Match[str]) -> str:
        other = (file.parent / found[2]).resolve()
        if other not in made:
            made[other] = _as_function(other, _joined(other, made))
        names = found[1].replace(" as ", ": ")
        return f"const {{{names}}} = {_name_of(other)};\n"

    return _IMPORT.sub(told, text)


def _as_function(file: Path, text: str) -> str:
    body = _EXPORT.sub(r"\1 \2", text)
    names = ", ".join(found[1] for found in _EXPORT.findall(text))
    return f"const {_name_of(file)} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def _name_of(file: Path) -> str:
    return f"${file.parent.name}_{file.stem}"
