"""A YAML text is changed in place: what is not said otherwise stays byte for byte, and no comment is lost."""

import pytest

from oppnb.workspace.yaml_edit import Taken, edited_yaml
from oppnb.workspace.yaml_places import YamlText

TEXT = """\
# the client's own file
version: 1   # do not touch
processes:
  # how new business is won

  # a first talk
  - name: "Lead"   # said so
    odds: 0.10   # agreed in May
    # odds: 0.2 was tried
    tasks: [a, 'b, c']
  # a demonstration
  - {name: Demo, odds: .5} # short
  - name: Won
    note: >
      long
      text
    outcome:
# after
store: x
"""


def plain(text):
    return YamlText(text).plain


def test_saying_the_same_changes_nothing():
    assert edited_yaml(TEXT, plain(TEXT)) == TEXT


def test_one_value_changes_one_token():
    new = plain(TEXT)
    new["processes"][0]["odds"] = 0.28
    new["processes"][1]["odds"] = 1.0
    assert edited_yaml(TEXT, new) == TEXT.replace("odds: 0.10 ", "odds: 0.28 ").replace("odds: .5", "odds: 1")


def test_an_item_that_moves_takes_its_comments_along():
    new = plain(TEXT)
    new["processes"] = [new["processes"][place] for place in (1, 0, 2)]
    made = edited_yaml(TEXT, new)
    lead = TEXT[TEXT.index("  # a first talk") : TEXT.index("  # a demonstration")]
    demo = TEXT[TEXT.index("  # a demonstration") : TEXT.index("  - name: Won")]
    assert made == TEXT.replace(lead + demo, demo + lead)


def test_comments_of_an_item_that_ends_in_another_go_there():
    new = plain(TEXT)
    _, demo, won = new["processes"]
    new["processes"] = [Taken({**demo, "aliases": ["Lead"]}, 1, absorbs=(0,)), Taken(won, 2)]
    made = edited_yaml(TEXT, new)
    assert plain(made)["processes"] == [{**demo, "aliases": ["Lead"]}, won]
    for comment in ("# a first talk", "# said so", "# agreed in May", "# odds: 0.2 was tried", "# short"):
        assert made.index("  # a demonstration") < made.index(comment) < made.index("- name: Won")


def test_keys_are_added_in_their_order_filled_and_taken_away():
    new = plain(TEXT)
    lead, _, won = new["processes"]
    new["processes"][0] = {"name": "Lead", "limit": 30.0, "tasks": lead["tasks"], "notes": ["x: y", "# no comment"]}
    won["outcome"] = "won"
    made = edited_yaml(TEXT, new)
    assert plain(made) == new
    assert "    limit: 30\n    # agreed in May\n    # odds: 0.2 was tried\n    tasks: [a, 'b, c']\n    notes:\n" in made
    assert "    outcome: won\n# after" in made


@pytest.mark.parametrize("text", ["", "# only a comment\n", "store: x", "processes: []\n", "processes:\n"])
def test_what_is_not_there_yet_is_written(text):
    new = {**(plain(text) or {}), "processes": [{"name": "p", "stages": [{"name": "Demo", "odds": 0.5}]}]}
    made = edited_yaml(text, new)
    assert plain(made) == new
    assert made.startswith(text.split(":")[0])


def test_flow_lists_stay_flow_lists_and_keep_their_comments():
    text = "a: [{n: 1}, # one\n    {n: 2}]\n"
    made = edited_yaml(text, {"a": [{"n": 2}, {"n": 3, "m": "x, y"}]})
    assert plain(made) == {"a": [{"n": 2}, {"n": 3, "m": "x, y"}]}
    assert "# one" in made


def test_a_style_without_indented_dashes_is_kept():
    text = "p:\n- name: a\n  tasks:\n  - x # why\n"
    made = edited_yaml(text, {"p": [{"name": "a", "tasks": ["y", "x"]}, {"name": "b", "tasks": ["z"]}]})
    assert made == "p:\n- name: a\n  tasks:\n  - y\n  - x # why\n- name: b\n  tasks:\n  - z\n"
