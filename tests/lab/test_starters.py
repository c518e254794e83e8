"""Ready notebooks and workspaces."""

import json
from contextlib import contextmanager

import pytest

from oppnb import widgets
from oppnb.errors import UsageError
from oppnb.lab.places import OutsideError
from oppnb.lab.starters import KINDS, make_starter
from oppnb.workspace import read_workspace


def cells_of(root, made):
    tree = json.loads(root.path(made["path"]).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in tree["cells"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_kind_is_a_notebook_of_python_with_the_readers_data(root, kind, locale):
    asked = {"data": "client/amount.txt", "workspace": "client/oppnb.yaml", "locale": locale}
    made = make_starter(root, kind=kind, folder="client/templates", **asked)
    said, head, *steps = cells_of(root, made)
    assert said.startswith("# ")
    assert "'../amount.txt'" in head
    assert "'../oppnb.yaml'" in head
    for source in (head, *steps):
        compile(source, kind, "exec")


def test_nothing_that_is_there_is_written_over(root):
    first, second = (make_starter(root, kind="review")["path"] for _ in range(2))
    assert (first, second) == ("Pipeline review.ipynb", "Pipeline review 2.ipynb")


def test_data_with_quotes_in_its_name_stays_text(root):
    name = "a'); import os  #.csv"
    (root.folder / name).write_text("x", encoding="utf-8")
    found = {}
    exec(cells_of(root, make_starter(root, kind="data", data=name))[1], found)
    assert found["data"] == name


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_a_new_workspace_can_be_read(root, locale):
    made = make_starter(root, kind="workspace", folder="client", locale=locale)
    assert read_workspace(root.path(made["path"])).locale == locale


def test_what_cannot_be_made_is_said(root):
    with pytest.raises(UsageError, match="Did you mean 'review'"):
        make_starter(root, kind="reveiw")
    with pytest.raises(OutsideError):
        make_starter(root, kind="review", folder="../x")
    with pytest.raises(OutsideError):
        make_starter(root, kind="review", data="/etc/passwd")


def test_without_a_word_the_only_export_and_the_nearest_workspace_are_taken(root):
    (root.folder / "client" / "export").mkdir()
    (root.folder / "client" / "export" / "deals.csv").write_text("x", encoding="utf-8")
    head = cells_of(root, make_starter(root, kind="review", folder="client"))[1]
    assert "data: str = 'export'" in head
    assert "= 'oppnb.yaml'" in head
    (root.folder / "client" / "more.xlsx").write_text("x", encoding="utf-8")
    assert "data: str = 'more.xlsx'" in cells_of(root, make_starter(root, kind="review", folder="client"))[1]


def head_of(root, folder="client", **asked):
    return cells_of(root, make_starter(root, kind=asked.pop("kind", "review"), folder=folder, **asked))[1]


class Opens:
    """Opens files of these names alone."""

    def __init__(self, *names):
        self.names = names

    def of(self, data, _):
        return {} if data.name in self.names else None


def test_a_selected_file_that_tells_of_no_deals_is_not_taken_for_the_export_but_can_be_mapped(root):
    export = root.folder / "client" / "export"
    export.mkdir()
    for name in ("owners.csv", "deals.csv"):
        (export / name).write_text("x", encoding="utf-8")
    facts = Opens("deals.csv")
    assert "data: str = 'export/deals.csv'" in head_of(root, data="client/export/deals.csv", facts=facts)
    assert "data: str = 'export'" in head_of(root, data="client/export/owners.csv", facts=facts)
    assert "data: str = 'export/owners.csv'" in head_of(root, data="client/export/owners.csv", facts=facts, kind="data")
    assert "data: str = '.'" in head_of(root, "client/export", data="client/export/owners.csv", facts=facts)


def test_of_several_exports_that_of_the_runs_is_taken(root):
    for name in ("dirty", "pipeline"):
        (root.folder / "client" / name).mkdir()
        (root.folder / "client" / name / "deals.csv").write_text("x", encoding="utf-8")
    file = root.folder / "client" / "oppnb.yaml"
    run = "version: 1\nreports:\n  weekly: {data: DATA, templates: [pipeline_review]}\n"
    file.write_text(run.replace("DATA", "pipeline"), encoding="utf-8")
    assert "data: str = 'pipeline'" in head_of(root)
    for gone in ("not_there", "../../outside", "${OF_NOBODY}"):
        file.write_text(run.replace("DATA", gone), encoding="utf-8")
        assert "data: str = ''" in head_of(root)


@pytest.mark.parametrize(("locale", "said"), [("en", "Name the export here"), ("zh_CN", "请在此填写导出数据")])
def test_without_an_export_no_folder_is_made_up_and_the_first_cell_asks_for_it(root, locale, said):
    head = head_of(root, locale=locale)
    assert head.splitlines()[0].startswith(f"data: str = ''  # {said}")
    with pytest.raises(ValueError, match=said):
        exec(head, {})


class Shown:
    """A bar under the cell: what happens while it is seen."""

    def __init__(self):
        self.seen, self.locales, self.told = False, [], []

    @contextmanager
    def __call__(self, locale):
        self.seen = True
        self.locales.append(locale)
        try:
            yield lambda n, total: self.told.append((n, total))
        finally:
            self.seen = False


@pytest.mark.parametrize(
    ("kind", "module", "learns"),
    [
        ("scoring", "oppnb.scoring", "score_pipeline"),
        ("forecast", "oppnb.opening", "forecast_pipeline"),
    ],
)
def test_while_data_are_opened_and_models_learn_a_bar_stands_under_the_cell(root, monkeypatch, kind, module, learns):
    shown = Shown()

    def opens_and_learns(data, *, progress, **_):
        assert shown.seen, "the data are opened with nothing under the cell"
        progress(1, 2)
        raise KeyboardInterrupt

    monkeypatch.setitem(vars(widgets), "cell_progress", shown)
    monkeypatch.setattr(f"{module}.{learns}", opens_and_learns)
    cell = cells_of(root, make_starter(root, kind=kind, data="client/amount.txt"))[2]
    with pytest.raises(KeyboardInterrupt):
        exec(cell, {"data": "x", "workspace": None, "store": None, "locale": "zh_CN"})
    assert (shown.told, shown.locales, shown.seen) == ([(1, 2)], ["zh_CN"], False)


def explorer_of(root, folder, monkeypatch):
    """What the Forecast card gives to its widget, as its cells run in `folder`."""
    given = {}
    monkeypatch.setattr("oppnb.opening.forecast_pipeline", lambda *_, **__: ("opened", "forecast"))
    monkeypatch.setitem(vars(widgets), "ForecastExplorer", lambda _, **told: given.update(told))
    found = {}
    made = make_starter(root, kind="forecast", folder=folder, data="client/amount.txt")
    for cell in cells_of(root, made)[1:]:
        exec(cell, found)
    return given


def test_what_is_found_in_a_forecast_can_be_kept(root, monkeypatch):
    (root.folder / "client" / "deep").mkdir()
    beside = explorer_of(root, "client", monkeypatch)
    below = explorer_of(root, "client/deep", monkeypatch)
    assert (beside["save_to"], beside["store"]) == ("oppnb.yaml", "memory")
    assert (below["save_to"], below["store"]) == ("../oppnb.yaml", "../memory")
    (root.folder / "client" / "oppnb.yaml").write_text("version: 1\nstore: own/\n", encoding="utf-8")
    assert explorer_of(root, "client", monkeypatch)["store"] is None


def test_without_a_workspace_the_forecast_is_shown_and_numbers_are_kept_beside_it(root, monkeypatch):
    (root.folder / "client" / "oppnb.yaml").unlink()
    given = explorer_of(root, "client", monkeypatch)
    assert (given["save_to"], given["store"]) == (None, "memory")


def test_numbers_of_people_are_no_export(root):
    for name in ("export", "memory"):
        (root.folder / "client" / name).mkdir()
        (root.folder / "client" / name / "rows.csv").write_text("x", encoding="utf-8")
    assert "data: str = 'export'" in head_of(root)
