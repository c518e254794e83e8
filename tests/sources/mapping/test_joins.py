"""Columns of another file: every row keeps its place, misses and doubles are counted."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import MappingError
from oppnb.locale import LOCALES, Words
from oppnb.sources.joins import join_file
from oppnb.sources.mapping_findings import join_findings
from oppnb.workspace import Join, MappingRule

KEYS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d"])), min_size=1, max_size=20)


def text(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype="str")


@settings(deadline=None)
@given(KEYS, st.lists(st.sampled_from(["a", "b", "c"]), max_size=5))
def test_rows_stay_as_they_are_and_each_finds_its_key(keys: list[str | None], there: list[str]) -> None:
    other = text(k=list(there), v=[f"{key}{i}" for i, key in enumerate(there)])
    joined = join_file(text(k=keys), other, Join(file="o.csv", on={"k": "k"}), file="f")
    assert [None if pd.isna(key) else key for key in joined.frame["k"]] == keys
    first = {key: f"{key}{there.index(key)}" for key in there}
    assert [None if pd.isna(v) else v for v in joined.frame["v"]] == [first.get(key) if key else None for key in keys]
    assert joined.missed.sum() == sum(key is not None and key not in first for key in keys)
    assert joined.n_doubles == len(there) - len(set(there))


def test_a_spelling_mends_only_what_it_names() -> None:
    join = Join(file="p.csv", on={"product": "name"}, spellings={"GTXPro": "GTX Pro"})
    joined = join_file(text(product=["GTXPro", "GTX-Pro"]), text(name=["GTX Pro"], price=["5"]), join, file="d.csv")
    assert joined.frame["price"].fillna("none").tolist() == ["5", "none"]
    assert joined.likely == {"GTX-Pro": "GTX Pro"}
    assert joined.frame["product"].tolist() == ["GTXPro", "GTX-Pro"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_spelling_is_told_as_what_it_is_the_rows_were_joined_and_the_column_kept(locale: str) -> None:
    join = Join(file="p.csv", on={"product": "name"}, spellings={"GTXPro": "GTX Pro"})
    joined = join_file(text(product=["GTXPro", "MG"]), text(name=["GTX Pro"], price=["5"]), join, file="d.csv")
    rule = MappingRule(table="opportunities", file="d.csv", columns={"opportunity_id": "k"}, join=[join])
    found = {one.rule: one for one in join_findings(rule, join, joined, keys=text(k=["1", "2"])["k"])}
    note = found["key_is_spelt_as_in_the_joined_file"].note
    assert note is not None
    said = Words(locale)(f"note.{note.code}", **note.values)
    assert "`values:`" in said
    assert {"en": "joined as if", "zh_CN": "仍保留原写法"}[locale] in said


def test_a_header_that_both_files_have_is_called_by_its_file() -> None:
    joined = join_file(
        text(k=["1"], name=["deal"]), text(k=["1"], name=["acme"]), Join(file="x/accounts.csv", on={"k": "k"}), file="f"
    )
    assert joined.frame.columns.tolist() == ["k", "name", "accounts.name"]


def test_a_prefix_stands_before_each_header() -> None:
    join = Join(file="s.csv", on={"k": "id"}, prefix="stage.", columns=["label"])
    joined = join_file(text(k=["1"]), text(id=["1"], label=["Demo"], rest=["x"]), join, file="f")
    assert joined.frame.columns.tolist() == ["k", "stage.label"]


def test_two_keys_join_together_and_numbers_meet_texts() -> None:
    join = Join(file="o.csv", on={"a": "x", "b": "y"})
    other = pd.DataFrame({"x": [1, 1], "y": ["p", "q"], "v": ["1p", "1q"]})
    assert join_file(text(a=["1", "1"], b=["q", "z"]), other, join, file="f").frame["v"].iloc[0] == "1q"


@pytest.mark.parametrize(
    ("join", "message"),
    [
        (Join(file="o.csv", on={"ke": "k"}), "names the key 'ke', which is not in 'f'"),
        (Join(file="o.csv", on={"key": "kk"}), "names the key 'kk', which is not in 'o.csv'"),
        (Join(file="o.csv", on={"key": "k"}, columns=["pric"]), "nearest header is 'price'"),
    ],
)
def test_names_what_is_not_there_and_how_to_mend_it(join: Join, message: str) -> None:
    with pytest.raises(MappingError, match=message) as caught:
        join_file(text(key=["1"]), text(k=["1"], price=["2"]), join, file="f")
    assert "Mend it in oppnb.yaml" in str(caught.value)
