"""A template's form, and what is wrong with what was filled in."""

import pytest

from oppnb.errors import UsageError
from oppnb.lab.forms import checked_values, data_errors, field_errors, template_forms
from oppnb.locale import Words


def forms_of(root, locale="en"):
    return {one["name"]: one for one in template_forms(root.path("client/oppnb.yaml"), words=Words(locale))}


def errors_of(root, template="light", **values):
    return field_errors(template, values, root=root, workspace=root.path("client/oppnb.yaml"), words=Words("en"))


def test_a_form_asks_for_what_the_template_asks_for(root):
    light = forms_of(root)["light"]
    assert light["origin"] == "workspace"
    assert list(light["schema"]["properties"]) == ["data", "workspace", "factor", "seconds"]
    assert light["schema"]["properties"]["factor"] | {"title": ""} == {
        "type": "integer", "title": "", "description": "Times", "nullable": False, "default": 1
    }  # fmt: skip
    assert light["schema"]["required"] == ["data"]
    assert "default" not in light["schema"]["properties"]["data"]


@pytest.mark.parametrize(("locale", "title"), [("en", "Pipeline review"), ("zh_CN", "管道评审")])
def test_the_packages_templates_speak_the_readers_language(root, locale, title):
    review = forms_of(root, locale)["pipeline_review"]
    assert (review["title"], review["origin"]) == (title, "package")
    assert review["schema"]["properties"]["locale"]["enum"] == ["en", "zh_CN"]


def test_a_template_that_cannot_be_read_says_so_and_the_others_are_there(root):
    (root.folder / "client" / "templates" / "broken.ipynb").write_text("{", encoding="utf-8")
    found = forms_of(root)
    assert "cannot be read as a notebook" in found["broken"]["problem"]
    assert "schema" in found["light"]


def test_each_mistake_stands_beside_its_field(root):
    found = errors_of(root, data="../secret", factor="many", seconds=1, pasword="x")
    assert sorted(found) == ["data", "factor", "pasword"]
    assert "below JupyterLab's folder" in found["data"]
    assert "a whole number" in found["factor"]
    assert errors_of(root) == {"data": "This is needed."}
    assert errors_of(root, data="client/amount.txt", factor=2) == {}
    assert (
        "holds a secret"
        in errors_of(root, "pipeline_review", data="client", currency="postgresql://a:b@c/d")["currency"]
    )
    with pytest.raises(UsageError, match="Did you mean 'light'"):
        errors_of(root, "ligth")


def test_values_reach_the_run_checked_and_with_whole_paths(root):
    file = root.path("client/oppnb.yaml")
    told = checked_values("light", {"data": "client/amount.txt", "factor": 2}, root=root, workspace=file)
    assert told == {"data": str(root.folder / "client" / "amount.txt"), "workspace": str(file), "factor": 2}
    review = checked_values("pipeline_review", {"data": "client", "as_of": "2024-02-29"}, root=root, workspace=None)
    assert (review["as_of"], review["workspace"]) == ("2024-02-29", None)


def test_what_a_parameter_means_is_checked_before_anything_runs(root):
    given = {"period": "2025QX", "currency": "ZZZ", "scoring": "../model", "only": "North"}
    found = errors_of(root, "pipeline_review", data="client", **given)
    assert sorted(found) == sorted(given)
    assert errors_of(root, "pipeline_review", data="client", period="2025Q3", currency="EUR", scoring="auto") == {}


def test_a_mistake_is_told_in_the_readers_language(root):
    given = {"data": "nosuch", "factor": "many", "seconds": 1}
    found = field_errors("light", given, root=root, workspace=root.path("client/oppnb.yaml"), words=Words("zh_CN"))
    assert found == {"data": "JupyterLab 文件夹下没有“nosuch”。", "factor": "此处应为整数。"}


def test_settings_are_no_export_and_weeks_are_counted_from_one(root):
    found = errors_of(root, "forecast_review", data="client/oppnb.yaml", cash_weeks=0, ahead_months=-5)
    assert sorted(found) == ["ahead_months", "cash_weeks", "data"]


def test_without_a_workspace_a_report_speaks_the_readers_language(root):
    asked = {"root": root, "workspace": None, "locale": "zh_CN"}
    assert checked_values("pipeline_review", {"data": "client"}, **asked)["locale"] == "zh_CN"
    assert checked_values("pipeline_review", {"data": "client", "locale": "en"}, **asked)["locale"] == "en"
    with_settings = {**asked, "workspace": root.path("client/oppnb.yaml")}
    assert "locale" not in checked_values("pipeline_review", {"data": "client"}, **with_settings)


class Known:
    """An export that is read already; None cannot be read."""

    def __init__(self, told):
        self.told = told

    def of(self, *_):
        return self.told


KNOWN = {"sellers": {"U1": "Ann Lee"}, "columns": {"region": ["North"], "team": [], "owner_id": ["U1"]}}


@pytest.mark.parametrize(
    ("name", "right", "wrong", "near"),
    [
        ("seller", "Ann Lee", "Ann Le", "Ann Lee"),
        ("seller", "U1", "U9", None),
        ("by", "region, team", "region, regoin", "region"),
        ("only", "region=North", "region=Nort", "North"),
        ("only", {"team": "any: too many to know"}, {"regio": "North"}, "region"),
    ],
)
def test_what_only_the_data_knows_is_held_against_them(root, name, right, wrong, near):
    asked = {"root": root, "workspace": None, "words": Words("en")}
    assert data_errors({"data": "client", name: right}, Known(KNOWN), **asked) == {}
    told = data_errors({"data": "client", name: wrong}, Known(KNOWN), **asked)[name]
    assert near is None or f"Did you mean '{near}'?" in told
    assert data_errors({"data": "client", name: wrong}, Known(None), **asked) == {}  # left to the run
