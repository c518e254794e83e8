import json
from pathlib import Path

import pytest

from oppnb.errors import UsageError
from oppnb.reports import find_template, format_template, in_normal_form, rewrite_template, template_names


@pytest.mark.parametrize("name", template_names())
def test_every_template_lies_in_its_normal_form(name):
    assert in_normal_form(find_template(name).read_text(encoding="utf-8"))


def test_formatting_takes_out_what_a_run_left():
    ran = {
        "cells": [
            {
                "cell_type": "code",
                "id": "load",
                "execution_count": 3,
                "metadata": {"papermill": {"status": "completed"}, "tags": ["b", "a"]},
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "secret"}],
                "source": ["x = 1\n", "y = 2\n"],
            }
        ],
        "metadata": {"kernelspec": {"name": "other"}, "papermill": {"input_path": "/home/ann"}, "widgets": {}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    made = format_template(json.dumps(ran))
    cell = json.loads(made)["cells"][0]
    assert cell == {
        "cell_type": "code",
        "execution_count": None,
        "id": "load",
        "metadata": {"tags": ["a", "b"]},
        "outputs": [],
        "source": ["x = 1\n", "y = 2"],
    }
    assert json.loads(made)["metadata"]["kernelspec"]["name"] == "python3"
    assert "papermill" not in made
    assert "secret" not in made
    assert made.endswith("}\n")
    assert format_template(made) == made


@pytest.mark.parametrize("ids", [["", "b2"], ["one", "one"], ["3f2a-1", "b2"]])
def test_refuses_ids_that_nobody_gave_by_hand(ids):
    cells = [{"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": "x"} for cell_id in ids]
    with pytest.raises(UsageError, match="needs an id of its own"):
        format_template(json.dumps({"cells": cells}))


def test_rewrites_a_file_once(tmp_path: Path):
    path = tmp_path / "t.ipynb"
    cells = [{"cell_type": "markdown", "id": "one", "metadata": {}, "source": "x"}]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert not in_normal_form(path.read_text(encoding="utf-8"))
    assert rewrite_template(path)
    assert not rewrite_template(path)


def test_a_misspelt_template_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'pipeline_review'"):
        find_template("pipelin_review")
    with pytest.raises(UsageError, match=r"no notebook 'mine\.ipynb'"):
        find_template("mine.ipynb")
