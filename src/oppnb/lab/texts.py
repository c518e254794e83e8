"""Words of the panel. Nothing heavy is imported here: JupyterLab asks for them while it starts."""

from oppnb.locale import Words

__all__ = ["texts"]


def texts(locale: str) -> dict[str, str]:
    """Words of the panel by key."""
    words = Words(locale)
    return {key: words(f"lab.{key}") for key in words.keys("lab")}
