"""The catalogue of words: one YAML file a locale and subject in `catalogue/`, the same keys in each."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from oppnb.errors import UsageError, nearest

__all__ = ["LOCALES", "Words"]

LOCALES = ("en", "zh_CN")


@cache
def _catalogue(locale: str) -> Mapping[str, str]:
    from ruamel.yaml import YAML

    folder = files("oppnb.locale") / "catalogue"
    found: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(f".{locale}.yaml"):
            tree = YAML(typ="safe", pure=True).load(entry.read_text(encoding="utf-8")) or {}
            found.update({f"{subject}.{key}": text for subject, words in tree.items() for key, text in words.items()})
    return found


class Words:
    """Words of one locale, by `subject.key`.

    Parameters
    ----------
    locale : {'en', 'zh_CN'}
        Which catalogue; `zh`, `zh-CN` and `zh_Hans_CN` mean `zh_CN`.

    Raises
    ------
    UsageError
        If there is no such locale.

    Examples
    --------
    >>> Words("en")("column.win_rate")
    'Win rate'
    """

    def __init__(self, locale: str = "en") -> None:
        self.locale = _canonical_locale(locale)

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of `key`, with `{name}` filled from `values`; KeyError if the catalogue lacks it."""
        text = _catalogue(self.locale)[key]
        return text.format(**values) if values else text

    def counted(self, key: str, /, **values: Any) -> str:
        """The text of `key`, or of `key_one` where the catalogue has it and `n` is 1.

        Examples
        --------
        >>> Words("en").counted("runs.removed", n=1), Words("en").counted("runs.removed", n=2)
        ('1 old report was removed by the rule `keep`.', '2 old reports were removed by the rule `keep`.')
        """
        one = f"{key}_one"
        return self(one if values.get("n") == 1 and one in _catalogue(self.locale) else key, **values)

    def keys(self, subject: str) -> tuple[str, ...]:
        """The keys of a subject, sorted, without the subject's name."""
        start = f"{subject}."
        return tuple(sorted(key.removeprefix(start) for key in _catalogue(self.locale) if key.startswith(start)))

    def get(self, key: str, default: str) -> str:
        """The text of `key`, or `default` (a name from the data) if the catalogue does not know it."""
        return _catalogue(self.locale).get(key, default)


def _canonical_locale(locale: str) -> str:
    folded = locale.replace("-", "_").casefold()
    if folded.startswith("zh"):
        return "zh_CN"
    if folded.startswith("en"):
        return "en"
    near = nearest(locale, LOCALES)
    raise UsageError(
        f"There is no locale '{locale}'. Use {' or '.join(LOCALES)}." + (f" Did you mean '{near}'?" if near else "")
    )
