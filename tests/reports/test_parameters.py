from datetime import date
from pathlib import Path

import pytest

from oppnb.errors import ParameterError, UsageError
from oppnb.reports import check_parameters, read_parameters
from oppnb.reports.injecting import as_python, with_parameters
from oppnb.reports.parameters import parameters_in

SOURCE = """
from datetime import date
from typing import Literal

data: str = "a=b # not a comment"  # The export
as_of: date | None = None  # Day of knowledge
since: date = date(2024, 1, 31)
limit: int = 10
share: float = 0.5
strict: bool = False
locale: Literal["en", "zh_CN"] | None = None
plain = "text"
"""


@pytest.fixture
def schema():
    return parameters_in(SOURCE)


def test_reads_names_types_defaults_and_help_without_running(schema):
    said = {name: (p.type_text, p.default) for name, p in schema.items()}
    assert said == {
        "data": ("str", "a=b # not a comment"),
        "as_of": ("date | None", None),
        "since": ("date", date(2024, 1, 31)),
        "limit": ("int", 10),
        "share": ("float", 0.5),
        "strict": ("bool", False),
        "locale": ("Literal['en', 'zh_CN'] | None", None),
        "plain": ("str", "text"),
    }
    assert schema["data"].help == "The export"
    assert schema["as_of"].help == "Day of knowledge"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = open('f')", "plain value"),
        ("x: list = 1", "is not one of"),
        ("x = None", "needs a type"),
        ("x = [1]", "not a list"),
        ("x, y = 1, 2", "name: type = value"),
        ("x = = 1", "not Python"),
    ],
)
def test_refuses_a_parameters_cell_that_is_more_than_parameters(source, said):
    with pytest.raises(ParameterError, match=said):
        parameters_in(source)


def test_refuses_a_file_that_is_no_notebook(tmp_path: Path):
    (tmp_path / "x.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read as a notebook"):
        read_parameters(tmp_path / "x.ipynb")


def test_reads_text_as_what_the_parameter_is(schema):
    given = {"as_of": "2017-09-30", "limit": "7", "share": "0.25", "strict": "true", "locale": "zh-cn", "data": "007"}
    assert check_parameters(schema, given) == {
        "data": "007",
        "as_of": date(2017, 9, 30),
        "limit": 7,
        "share": 0.25,
        "strict": True,
        "locale": "zh_CN",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"as_off": "2017-09-30"}, "no parameter 'as_off'. Did you mean 'as_of'"),
        ({"qqq": 1}, "no parameter 'qqq'. It has: data, as_of"),
        ({"as_of": "2017-09-31"}, "'2017-09-31', but must be a day of the calendar"),
        ({"as_of": 5}, "must be a day"),
        ({"since": None}, r"\(date\) is 'None'"),
        ({"limit": "ten"}, "whole number"),
        ({"limit": 1.5}, "whole number"),
        ({"limit": True}, "whole number"),
        ({"strict": 1}, "true or false"),
        ({"data": 7}, "must be text"),
        ({"locale": "zh_C"}, "one of en, zh_CN. Did you mean 'zh_CN'"),
    ],
)
def test_names_what_is_wrong_and_the_nearest_right_one(schema, given, said):
    with pytest.raises(ParameterError, match=said):
        check_parameters(schema, given)


@pytest.mark.parametrize("given", [{"data": "postgresql://ann:hunter2@db/crm"}, {"data": "https://:hunter2@host/x"}])
def test_refuses_a_secret_and_does_not_repeat_it(schema, given):
    with pytest.raises(ParameterError, match="holds a secret") as error:
        check_parameters(schema, given)
    assert "hunter2" not in str(error.value)


def test_a_date_arrives_as_a_date():
    notebook = {"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": SOURCE}]}
    made = with_parameters(notebook, {"as_of": date(2017, 9, 30), "data": "it's \\ \n", "share": float("nan")})
    space: dict = {}
    for cell in made["cells"]:
        exec(cell["source"], space)
    assert space["as_of"] == date(2017, 9, 30)
    assert space["data"] == "it's \\ \n"
    assert space["share"] != space["share"]
    assert made["cells"][1]["metadata"]["tags"] == ["injected-parameters"]


def test_injecting_twice_leaves_one_cell():
    notebook = {"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": SOURCE}]}
    twice = with_parameters(with_parameters(notebook, {"limit": 1}), {"limit": 2})
    assert [cell["source"] for cell in twice["cells"][1:]] == ["limit = 2"]


def test_python_source_gives_the_value_back():
    for value in ("a'\"\\", 3, -0.5, True, None, date(2020, 2, 29)):
        assert eval(as_python(value), {"date": date}) == value
