"""`oppnb init` makes a whole workspace or nothing."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from oppnb.errors import UsageError
from oppnb.projects import complete_answers, init_project
from oppnb.reports import in_normal_form
from oppnb.sources.proposals_presets import presets
from oppnb.stages import stage_presets
from oppnb.workspace import read_workspace
from tests.projects.project_made import in_terminal, make_project, oppnb

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "oppnb.yaml",
    "README.md",
    "crontab",
    ".gitignore",
    "data/.gitignore",
    "notebooks/first_look.ipynb",
    "notebooks/weekly.ipynb",
    "templates/README.md",
    ".github/workflows/reports.yml",
}


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_everything_a_client_needs_is_there_and_nothing_of_the_template_is_left(tmp_path: Path, locale: str) -> None:
    project = make_project(tmp_path, locale=locale, source="salesforce")
    assert {path for path in files_of(project) if not path.startswith(".oppnb/")} == FILES
    for path in FILES:
        text = (project / path).read_text(encoding="utf-8")
        assert "{%" not in text
        assert not re.search(r"(?<!\$)\{\{", text)
    assert all(in_normal_form(file.read_text(encoding="utf-8")) for file in (project / "notebooks").iterdir())
    assert (project / "data" / "export").is_dir()


def test_both_languages_have_the_same_files_and_run_the_same_code(tmp_path: Path) -> None:
    english, chinese = ROOT / "client" / "en", ROOT / "client" / "zh_CN"
    assert files_of(english) == files_of(chinese)
    code = []
    for folder in (english, chinese):
        trees = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((folder / "notebooks").iterdir())]
        cells = [cell for tree in trees for cell in tree["cells"]]
        code.append([(cell["id"], cell["source"] if cell["cell_type"] == "code" else None) for cell in cells])
    assert code[0] == code[1]


@pytest.mark.parametrize("source", [*(preset.name for preset in presets()), "other"])
def test_the_settings_are_valid_for_every_crm_and_also_with_the_mapping_it_shows(tmp_path: Path, source: str) -> None:
    project = make_project(tmp_path, source=source, fiscal_year_start=4, currency="EUR", time_zone="Europe/Berlin")
    workspace = read_workspace(project / "oppnb.yaml")
    assert (workspace.currency, workspace.calendar.fiscal_year_start) == ("EUR", 4)
    text = (project / "oppnb.yaml").read_text(encoding="utf-8")
    shown = re.search(r"^# mapping:\n(?:# .*\n)+", text, re.MULTILINE)
    assert (shown is not None) == (source != "other")
    if shown:
        file = tmp_path / "with_mapping.yaml"
        file.write_text(text + re.sub("^# ", "", shown.group(), flags=re.MULTILINE), encoding="utf-8")
        assert read_workspace(file).mapping[0].table == "opportunities"


@pytest.mark.parametrize("preset", stage_presets())
def test_the_stages_of_a_preset_are_written_out_to_be_changed(tmp_path: Path, preset: str) -> None:
    project = make_project(tmp_path, processes={"新签": preset})
    (process,) = read_workspace(project / "oppnb.yaml").processes
    wanted = [(stage.name, stage.odds, stage.outcome, stage.aliases) for stage in stage_presets()[preset].stages]
    assert [(stage.name, stage.odds, stage.outcome, stage.aliases) for stage in process.stages] == wanted


def test_what_stands_in_comments_of_the_settings_is_valid_too(tmp_path: Path) -> None:
    for locale in ("en", "zh_CN"):
        text = (make_project(tmp_path, locale, locale=locale) / "oppnb.yaml").read_text(encoding="utf-8")
        line = re.compile(r"^# (?=[a-z_]+:( |$)|  )", re.MULTILINE)
        file = tmp_path / f"{locale}.yaml"
        file.write_text(line.sub("", text), encoding="utf-8")
        workspace = read_workspace(file)
        assert workspace.audit.actions
        assert workspace.processes
        assert workspace.scoring.model


def test_a_clients_name_is_text_and_never_code_tag_or_link(tmp_path: Path) -> None:
    name = "{{ 7*7 }} <script>alert(1)</script> [x](http://x) ${{ secrets.X }}"
    project = make_project(tmp_path, name=name)
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "49" not in text.splitlines()[0]
    assert "<script>" not in text
    assert "](http" not in text
    assert read_workspace(project / "oppnb.yaml").version == 1


def test_the_ci_file_is_yaml_and_asks_github_for_its_secrets(tmp_path: Path) -> None:
    text = (make_project(tmp_path) / ".github" / "workflows" / "reports.yml").read_text(encoding="utf-8")
    tree = YAML(typ="safe", pure=True).load(text)
    assert set(tree["jobs"]) == {"check", "weekly"}
    assert "${{ secrets.CRM_TOKEN }}" in text


def test_data_never_goes_into_git(tmp_path: Path) -> None:
    from tests.projects.project_made import commit_all

    project = make_project(tmp_path)
    (project / "data" / "export" / "deals.csv").write_text("id\n", encoding="utf-8")
    commit_all(project)
    from oppnb.projects.merging import run_git

    kept = run_git("ls-files", cwd=project).stdout.decode().splitlines()
    assert "data/.gitignore" in kept
    assert ".oppnb/made/data/.gitignore" in kept
    assert not [path for path in kept if path.endswith(".csv")]


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "client-a").mkdir()
    (tmp_path / "client-a" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        make_project(tmp_path)
    assert files_of(tmp_path) == {"client-a/mine.txt"}


def test_an_empty_folder_is_filled_and_a_second_init_points_to_update(tmp_path: Path) -> None:
    (tmp_path / "client-a").mkdir()
    make_project(tmp_path)
    with pytest.raises(UsageError, match="oppnb update 'client-a'"):
        make_project(tmp_path)


def test_a_link_to_another_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "client-a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        make_project(tmp_path)


def test_when_it_fails_half_way_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UsageError("no space left")

    monkeypatch.setattr("oppnb.projects.making.write_record", fail)
    with pytest.raises(UsageError):
        make_project(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_same_answers_give_the_same_files(tmp_path: Path) -> None:
    one, two = (
        init_project("client-a", complete_answers({"source": "hubspot"}, folder="client-a"), inside=folder).folder
        for folder in (tmp_path, _made(tmp_path / "other"))
    )
    assert {path: (one / path).read_bytes() for path in files_of(one)} == {
        path: (two / path).read_bytes() for path in files_of(two)
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_the_command_asks_nothing_without_a_terminal_and_says_what_it_took(tmp_path: Path) -> None:
    done = oppnb("init", "中文 客户", "--locale", "zh_CN", "--currency", "CNY", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "currency: CNY" in done.stdout
    assert "已就绪" in done.stdout
    assert read_workspace(tmp_path / "中文 客户" / "oppnb.yaml").locale == "zh_CN"
    assert not (tmp_path / ".empty-home" / ".oppnb").exists()


def test_options_of_the_command_come_before_the_file_of_answers(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("locale: zh_CN\ncurrency: EUR\nsource: zoho\n", encoding="utf-8")
    done = oppnb("init", "a", "--answers", "answers.yaml", "--currency", "USD", "--defaults", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    workspace = read_workspace(tmp_path / "a" / "oppnb.yaml")
    assert (workspace.locale, workspace.currency) == ("zh_CN", "USD")


@pytest.mark.parametrize("words", [["../x"], ["CON"], [""], ["a", "--currency", "XX"], ["a", "--answers", "no.yaml"]])
def test_what_cannot_be_ends_with_code_2_a_message_and_nothing_made(tmp_path: Path, words: list[str]) -> None:
    done = oppnb("init", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".empty-home"]


def test_without_copier_the_message_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from oppnb.errors import ExtraMissingError

    monkeypatch.setitem(__import__("sys").modules, "copier", None)
    with pytest.raises(ExtraMissingError, match=r"oppnb\[init\]"):
        make_project(tmp_path)
    assert not list(tmp_path.iterdir())


def test_in_a_terminal_it_asks_in_the_clients_language_and_again_when_an_answer_cannot_be(tmp_path: Path) -> None:
    told, code = in_terminal("init", "client-a", cwd=tmp_path, typed=["zh", "", "rmb", "CNY", "4", "", "fxiaoke", ""])
    assert code == 0, told
    assert "no currency 'RMB'" in told
    assert told.count("报告币种") == 2
    workspace = read_workspace(tmp_path / "client-a" / "oppnb.yaml")
    assert (workspace.locale, workspace.currency, workspace.calendar.fiscal_year_start) == ("zh_CN", "CNY", 4)


def test_stopped_at_a_question_nothing_is_made(tmp_path: Path) -> None:
    told, code = in_terminal("init", "client-a", cwd=tmp_path, typed=["zh", "\x04"])
    assert code == 2
    assert "Nothing was made" in told
    assert not (tmp_path / "client-a").exists()
