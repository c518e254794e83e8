"""The committed bundle is that of the sources beside it; nobody needs Node to install it."""

import json
import re
from pathlib import Path

from oppnb.lab.bundle import built_from, labels_source, sources_hash
from oppnb.locale import LOCALES, Words

HOME = Path(__file__).resolve().parents[2]
UI = HOME / "ui" / "lab"
BUNDLE = HOME / "src" / "oppnb" / "lab" / "labextension"


def test_the_bundle_was_built_from_these_sources():
    assert built_from() == sources_hash(UI), "the bundle is stale: in ui/lab run jlpm install, then jlpm build"


def test_the_words_in_the_bundle_are_those_of_the_catalogue():
    assert (UI / "src" / "labels.ts").read_text(encoding="utf-8") == labels_source(), "run jlpm build in ui/lab"


def test_the_bundle_holds_what_its_package_names():
    built = json.loads((BUNDLE / "package.json").read_text(encoding="utf-8"))["jupyterlab"]["_build"]
    assert (BUNDLE / built["load"]).is_file()


def test_every_word_that_the_panel_asks_for_is_in_the_catalogue():
    source = "\n".join(path.read_text(encoding="utf-8") for path in UI.glob("src/*.ts"))
    asked = set(re.findall(r"\bt\('([a-z_]+)'", source)) | set(
        re.findall(r"this\.(?:button\(job, |word\()'([a-z_]+)'", source)
    )
    assert len(asked) > 15
    for locale in LOCALES:
        assert asked <= set(Words(locale).keys("lab"))


def test_the_panel_writes_text_never_markup():
    for path in UI.glob("src/*.ts"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source), path.name
