"""A form offers the slices of an export, as one writes them."""

from pathlib import Path
from types import SimpleNamespace

from oppnb.lab.requests import choices


def offered(columns):
    facts = SimpleNamespace(of=lambda *_: {"sellers": {}, "columns": columns})
    office = SimpleNamespace(facts=facts, root=SimpleNamespace(data=lambda name: Path(name)))
    return choices(office, data="export", workspace="")["slices"]


def test_the_usual_columns_come_first_and_every_value_can_be_chosen():
    found = offered({"channel": ["Web", "Fair"], "region": ["East", "West"]})
    assert found == ["region=East", "region=West", "channel=Web", "channel=Fair"]


def test_columns_that_cut_nothing_or_too_much_are_left_out():
    assert offered({"region": ["East"], "account_id": [str(n) for n in range(100)], "stage": ["Demo", "Won"]}) == []


def test_an_export_of_many_values_offers_some_hundred():
    assert len(offered({f"column_{n}": [str(value) for value in range(50)] for n in range(20)})) == 300
