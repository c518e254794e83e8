"""One report, one name: in the list of templates, on its page, in the overview, in a message, in texts about it."""

import json
import re
from pathlib import Path

import pytest

from oppnb.delivery.message import make_message
from oppnb.locale import Words
from oppnb.reports.declarations import read_declaration
from oppnb.reports.names import report_name
from oppnb.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ("en", "zh_CN")
TEMPLATES = sorted(path.stem for path in (ROOT / "templates").glob("*.ipynb"))
OTHER_NAMES = ("管道回顾", "预测回顾", "一对一沟通", "管理层摘要", "基线诊断", "One-on-one")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_declares_the_name_of_its_report(template: str, locale: str) -> None:
    declared = read_declaration(ROOT / "templates" / f"{template}.ipynb")
    assert declared is not None
    assert declared.title_in(Words(locale)) == report_name(template, Words(locale))


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_page_of_a_template_takes_its_title_from_the_one_list_of_names(template: str) -> None:
    pages = (ROOT / "src" / "oppnb" / "reports").glob("*_page.py")
    naming = [page.name for page in pages if f'report_name("{template}"' in page.read_text(encoding="utf-8")]
    assert len(naming) == 1, f"{template} is named by {naming}"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_message_calls_the_report_by_its_name(template: str, locale: str, tmp_path: Path) -> None:
    manifest = {"template": template, "as_of": "2024-06-30", "parameters": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "figures.json").write_text("[]", encoding="utf-8")
    message = make_message(
        tmp_path,
        [],
        workspace=Workspace(),
        folder=tmp_path,
        locale=locale,
        files=[],
        takes_files=False,
        wants_files=False,
    )
    assert re.split("[,，]", message.title)[0] == report_name(template, Words(locale))


@pytest.mark.parametrize("folder", ["src/oppnb/locale/catalogue", "docs", "client", "templates"])
def test_no_text_calls_a_report_by_another_name(folder: str) -> None:
    texts = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".yaml", ".md", ".jinja", ".ipynb"}]
    assert texts
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts
        for name in OTHER_NAMES
        if name in path.read_text(encoding="utf-8")
    }
    assert not wrong
