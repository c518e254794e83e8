"""A mistake on the terminal: to a reader of Chinese what it is and what to do comes first, then its own words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from oppnb.errors import OppnbError, ReportFailedError
from oppnb.locale import Words
from oppnb.locale.mistakes import in_words, lead_of, speaks_for_itself, written_locale

__all__ = ["NotingCommand", "mistake_text", "reader_of"]

_NAME = "oppnb.yaml"


class NotingCommand(TyperCommand):
    """A command that notes what it was asked, so that a mistake can be told in the language of who asked."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        if isinstance(ctx.obj, dict):
            ctx.obj.update(ctx.params)
        return super().invoke(ctx)


def reader_of(asked: Mapping[str, Any]) -> Words:
    """The language asked for, else that of the workspace; English where there is none.

    It is read from a workspace with mistakes, too.

    Parameters
    ----------
    asked : mapping
        Options of a command by their name.

    Examples
    --------
    >>> reader_of({"locale": "zh_CN"}).locale
    'zh_CN'
    """
    try:
        return Words(asked.get("locale") or _written(asked) or "en")
    except OppnbError:  # a locale that there is not is the mistake itself
        return Words(_written(asked) or "en")


def _written(asked: Mapping[str, Any]) -> str | None:
    """What the workspace says: the one named, else that of the folder, beside the reports, or here."""
    named, folder, out = (asked.get(name) for name in ("workspace", "folder", "out"))
    places = [Path(named)] if named else [Path(folder) / _NAME] if folder else []
    if not named and out:
        places.append(Path(out).resolve().parent / _NAME)
    return next((locale for file in [*places, Path(_NAME)] if (locale := written_locale(file))), None)


def mistake_text(error: OppnbError, words: Words, *, run_code: int | None = None) -> str:
    """All that is told of a mistake; to a reader of English its class and words alone.

    Parameters
    ----------
    error : OppnbError
    words : Words
        Of the reader.
    run_code : int, optional
        The exit code where it is that of a run, which has four of its own.

    Examples
    --------
    >>> from oppnb.errors import ModelFileError
    >>> mistake_text(ModelFileError("'x' is no model."), Words("en"))
    "ModelFileError: 'x' is no model."
    >>> print(mistake_text(ModelFileError("'x' is no model."), Words("zh_CN")))
    模型文件不可用，请重新训练。（退出码 4：请先处理数据）
    ModelFileError: 'x' is no model.
    """
    said = f"{type(error).__name__}: {error}"
    if words.locale == "en":
        return said
    code = error.exit_code if run_code is None else run_code
    meant = {"code": code, "next": words(f"mistake.{'exit' if run_code is None else 'run_exit'}_{code}")}
    if speaks_for_itself(str(error)):
        return words("mistake.told_itself", said=error, **meant)
    stopped = words("mistake.kind_stopped") if isinstance(error, ReportFailedError) else words("mistake.unknown")
    return words("mistake.told", kind=lead_of(said, words) or stopped, **meant) + f"\n{in_words(said, words)}"
