"""Whatever reading says has words in both languages, with the same values."""

import re
from pathlib import Path
from string import Formatter

import pytest
from ruamel.yaml import YAML

import oppnb.sources
from oppnb.locale import LOCALES

SOURCES = Path(oppnb.sources.__file__).parent
CATALOGUE = SOURCES.parent / "locale" / "catalogue"


def words(locale: str, subject: str, file: str = "sources") -> dict[str, str]:
    tree = YAML(typ="safe", pure=True).load((CATALOGUE / f"{file}.{locale}.yaml").read_text(encoding="utf-8"))
    return dict(tree[subject])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_note_that_the_code_makes_has_words(locale: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    made = set(re.findall(r'"(sources_[a-z_]+)"', code))
    assert made
    assert made <= set(words(locale, "note"))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_decision_and_every_file_left_out_has_a_note(locale: str) -> None:
    decided = {f"sources_decided_{code}" for code in words(locale, "decided", "sources_files")} - {
        "sources_decided_and_also"
    }
    left_out = {f"sources_left_out_{code}" for code in words(locale, "left_out", "sources_files")}
    assert decided | left_out <= set(words(locale, "note"))


@pytest.mark.parametrize("subject", ["note", "rule", "inspect"])
def test_both_languages_say_the_same_things(subject: str) -> None:
    english, chinese = (words(locale, subject) for locale in ("en", "zh_CN"))
    fields = [
        {key: {field for _, field, _, _ in Formatter().parse(text) if field} for key, text in one.items()}
        for one in (english, chinese)
    ]
    assert fields[0] == fields[1]
