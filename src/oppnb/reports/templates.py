"""Where templates lie: in the installed package, or in `templates/` of a source tree."""

from pathlib import Path

from oppnb.errors import UsageError, nearest

__all__ = ["find_template", "template_names"]


def _folders() -> list[Path]:
    here = Path(__file__).resolve()
    return [here.parent / "_templates", here.parents[3] / "templates"]


def template_names() -> list[str]:
    """Names of the templates that come with oppnb, sorted.

    Examples
    --------
    >>> "pipeline_review" in template_names()
    True
    """
    return sorted({path.stem for folder in _folders() if folder.is_dir() for path in folder.glob("*.ipynb")})


def find_template(name: str | Path) -> Path:
    """Find a template.

    Parameters
    ----------
    name : str or path
        A name such as `pipeline_review`, or the path of an `.ipynb` of one's own.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        If there is no such file or name; names the nearest.

    Examples
    --------
    >>> find_template("pipeline_review").name
    'pipeline_review.ipynb'
    """
    text = str(name)
    if text.endswith(".ipynb") or "/" in text or "\\" in text:
        if not Path(name).is_file():
            raise UsageError(f"There is no notebook '{text}'.")
        return Path(name)
    for folder in _folders():
        if (folder / f"{text}.ipynb").is_file():
            return folder / f"{text}.ipynb"
    near = nearest(text, template_names())
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(template_names())}."
    raise UsageError(f"There is no template '{text}'.{hint} A template of your own is named by its path, my.ipynb.")
