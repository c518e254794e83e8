"""`oppnb update` brings in what is newer and loses nothing: not a change, not a file, not an unsaved one."""

import json
from pathlib import Path

import pytest

from oppnb.errors import UsageError
from oppnb.projects import copy_template, update_project
from oppnb.reports import find_template
from oppnb.reports.declarations import read_declaration
from oppnb.workspace import read_workspace
from tests.projects.project_made import age, commit_all, make_project, oppnb

CLOSED = "  week_start: monday"


def actions(done: object) -> dict[str, str]:
    return {step.path: step.action for step in done.steps}  # type: ignore[attr-defined]


def test_right_after_init_there_is_nothing_to_do(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert update_project(project).steps == ()
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_a_file_left_as_it_was_becomes_the_newer_one(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    newest = (project / "README.md").read_bytes()
    age(project, "README.md", "Every week", "Each Monday")
    assert actions(update_project(project)) == {"README.md": "take"}
    assert (project / "README.md").read_bytes() == newest
    assert update_project(project).steps == ()


def test_your_stages_stay_when_the_comments_around_them_are_newer(tmp_path: Path) -> None:
    project = make_project(tmp_path, source="salesforce")
    age(project, "oppnb.yaml", "Everything that is set for this client.", "All settings.")
    file = project / "oppnb.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("odds: 0.2,", "odds: 0.25,"), encoding="utf-8")
    assert actions(update_project(project)) == {"oppnb.yaml": "merge"}
    assert "Everything that is set for this client." in file.read_text(encoding="utf-8")
    assert read_workspace(file).processes[0].stages[2].odds == 0.25


def test_lines_changed_on_both_sides_are_marked_and_must_be_decided_before_the_next_update(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "oppnb.yaml", CLOSED, "  week_start: sunday", yours=False)
    file = project / "oppnb.yaml"
    mine = file.read_text(encoding="utf-8").replace(CLOSED, "  week_start: sunday  # as they count")
    file.write_text(mine, encoding="utf-8")
    done = update_project(project)
    assert [step.n_conflicts for step in done.conflicts] == [1]
    text = file.read_text(encoding="utf-8")
    assert f"<<<<<<< yours\n  week_start: sunday  # as they count\n=======\n{CLOSED}\n>>>>>>> oppnb" in text
    with pytest.raises(UsageError, match=r"still holds? conflicts"):
        update_project(project)
    file.write_text(mine, encoding="utf-8")
    assert update_project(project).steps == ()
    assert file.read_text(encoding="utf-8") == mine


def test_a_file_you_removed_stays_removed(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "crontab", "Every Monday", "On Mondays")
    (project / "crontab").unlink()
    assert actions(update_project(project)) == {"crontab": "keep"}
    assert not (project / "crontab").exists()


def test_a_file_that_the_package_no_longer_makes_goes_only_if_you_left_it_as_it_was(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    for name in ("old.txt", "used.txt"):
        for folder in (project, project / ".oppnb" / "made"):
            (folder / name).write_text("x\n", encoding="utf-8")
    (project / "used.txt").write_text("mine\n", encoding="utf-8")
    assert actions(update_project(project)) == {"old.txt": "remove", "used.txt": "keep"}
    assert not (project / "old.txt").exists()
    assert (project / "used.txt").read_text(encoding="utf-8") == "mine\n"
    assert update_project(project).steps == ()


def test_a_file_that_is_new_in_the_package_is_added_beside_yours_of_the_same_name(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / ".oppnb" / "made" / "crontab").unlink()
    (project / "crontab").write_text("mine\n", encoding="utf-8")
    assert actions(update_project(project)) == {"crontab": "conflict"}
    text = (project / "crontab").read_text(encoding="utf-8")
    assert "mine" in text
    assert "run weekly" in text


def test_an_adapted_template_gets_newer_cells_and_keeps_its_own(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    copy = copy_template("pipeline_review", project)
    for file, is_made in ((copy, False), (project / ".oppnb" / "made" / "templates" / copy.name, True)):
        tree = json.loads(file.read_text(encoding="utf-8"))
        tree["cells"] = [cell for cell in tree["cells"] if cell["id"] != "odds"]
        if not is_made:
            tree["cells"][0]["source"] = ["# Our own review\n"]
        file.write_text(json.dumps(tree), encoding="utf-8")
    done = update_project(project)
    assert actions(done) == {"templates/pipeline_review.ipynb": "merge"}
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(copy.read_text(encoding="utf-8"))["cells"]}
    assert "odds" in cells
    assert "Our own review" in "".join(cells.values())


def test_a_copied_template_still_says_what_it_is(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    copy = copy_template("baseline", project)
    declared, original = read_declaration(copy), read_declaration(find_template("baseline"))
    assert declared == original
    assert actions(update_project(project)) == {}


def test_a_template_is_copied_once_and_never_over_a_copy(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    copy = copy_template("pipeline_review", project)
    copy.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        copy_template("pipeline_review", project)
    assert copy.read_text(encoding="utf-8") == "mine"
    with pytest.raises(UsageError, match="pipeline_review"):
        copy_template("pipline_review", project)
    with pytest.raises(UsageError, match="has no template"):
        copy_template("../../etc/passwd", project)


def test_changed_answers_are_merged_like_a_newer_package(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    record = project / ".oppnb" / "project.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("currency: USD", "currency: EUR"), encoding="utf-8")
    assert actions(update_project(project)) == {"oppnb.yaml": "take"}
    assert read_workspace(project / "oppnb.yaml").currency == "EUR"


def test_outside_git_each_changed_file_is_kept_as_it_was(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    before = (project / "README.md").read_bytes()
    done = update_project(project)
    assert done.kept_in is not None
    assert (project / done.kept_in / "README.md").read_bytes() == before


def test_in_git_an_uncommitted_change_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    commit_all(project)
    with (project / "README.md").open("a", encoding="utf-8") as file:
        file.write("mine\n")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"1 file to update holds changes that are not committed: README\.md"):
        update_project(project)
    assert before == {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    done = update_project(project, force=True)
    assert done.kept_in is not None
    assert (project / done.kept_in / "README.md").read_bytes() == before[project / "README.md"]
    assert "mine" in (project / "README.md").read_text(encoding="utf-8")


def test_in_git_what_is_committed_needs_no_copy(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    commit_all(project)
    assert update_project(project).kept_in is None


@pytest.mark.parametrize("how", ["untracked", "ignored", "staged"])
def test_in_git_a_file_that_no_commit_holds_counts_as_not_committed(tmp_path: Path, how: str) -> None:
    from oppnb.projects.merging import run_git

    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    text = (project / "README.md").read_text(encoding="utf-8")
    if how != "staged":
        (project / "README.md").unlink()
    if how == "ignored":
        (project / ".git-excluded").touch()
        with (project / ".gitignore").open("a", encoding="utf-8") as file:
            file.write("README.md\n")
    commit_all(project)
    (project / "README.md").write_text(text + "mine\n", encoding="utf-8")
    if how == "staged":
        run_git("add", "README.md", cwd=project)
    with pytest.raises(UsageError, match="not committed"):
        update_project(project)


def test_a_file_that_an_editor_holds_unsaved_stops_it(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    (project / ".README.md.swp").touch()
    with pytest.raises(UsageError, match="open in an editor"):
        update_project(project)


def test_it_never_writes_through_a_link(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday")
    outside = tmp_path / "outside.md"
    (project / "README.md").rename(outside)
    (project / "README.md").symlink_to(outside)
    before = outside.read_bytes()
    with pytest.raises(UsageError, match="is a link"):
        update_project(project)
    assert outside.read_bytes() == before


def test_stopped_half_way_the_next_update_ends_where_it_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oppnb.projects import updating

    project = make_project(tmp_path)
    for path, new in (("README.md", "Every week"), ("crontab", "Every Monday"), ("oppnb.yaml", "Sales processes")):
        age(project, path, new, "before")
    real, written = updating.write_file, []

    def write_two(path: Path, content: bytes | None) -> None:
        if ".oppnb/before" not in path.as_posix():
            written.append(path)
            if len(written) == 4:
                raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(updating, "write_file", write_two)
    with pytest.raises(KeyboardInterrupt):
        update_project(project)
    monkeypatch.undo()
    update_project(project)
    other = tmp_path / "other"
    other.mkdir()
    fresh = make_project(other)
    for path in ("README.md", "crontab", "oppnb.yaml"):
        assert (project / path).read_bytes() == (fresh / path).read_bytes()
    assert update_project(project).steps == ()


def test_a_project_of_a_newer_oppnb_is_left_alone(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    record = project / ".oppnb" / "project.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("version: ", "version: 99."), encoding="utf-8")
    with pytest.raises(UsageError, match="Install the newer one"):
        update_project(project)


@pytest.mark.parametrize("text", ["", "[]", "version: 1", "version: 0.1.0\nfolder: a\nanswers: 3", "a: ["])
def test_a_damaged_record_is_told(tmp_path: Path, text: str) -> None:
    project = make_project(tmp_path)
    (project / ".oppnb" / "project.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="damaged"):
        update_project(project)


def test_the_command_works_from_below_and_tells_each_file(tmp_path: Path) -> None:
    project = make_project(tmp_path, locale="zh_CN")
    age(project, "README.md", "每周", "每星期")
    commit_all(project)
    tried = oppnb("update", "--dry-run", cwd=project / "notebooks")
    assert tried.returncode == 0
    assert "目前没有改动" in tried.stdout
    assert "每星期" in (project / "README.md").read_text(encoding="utf-8")
    done = oppnb("update", cwd=project / "notebooks")
    assert done.returncode == 0, done.stderr
    assert "README.md" in done.stdout
    again = oppnb("update", cwd=project)
    assert "最新" in again.stdout


def test_the_command_ends_with_code_7_where_a_conflict_is_left(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    age(project, "README.md", "Every week", "Each Monday", yours=False)
    file = project / "README.md"
    file.write_text(file.read_text(encoding="utf-8").replace("Every week", "Mondays"), encoding="utf-8")
    done = oppnb("update", cwd=project)
    assert done.returncode == 7
    assert "README.md" in done.stderr
    assert "<<<<<<< yours" in file.read_text(encoding="utf-8")


def test_outside_a_project_the_command_ends_with_code_2(tmp_path: Path) -> None:
    done = oppnb("update", cwd=tmp_path)
    assert done.returncode == 2
    assert "no project" in done.stderr


def test_the_command_copies_a_template_to_adapt(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    done = oppnb("templates", "copy", "pipeline_review", cwd=project / "notebooks")
    assert done.returncode == 0, done.stderr
    assert (project / "templates" / "pipeline_review.ipynb").is_file()
    again = oppnb("templates", "copy", "pipeline_review", "--in", ".", cwd=project)
    assert again.returncode == 2
