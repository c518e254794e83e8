"""What an export knows of sellers and columns, asked of a process of its own."""

import os
from pathlib import Path

from oppnb.lab.facts import Facts, read_facts

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
EXPORT = "opportunity_id,stage,amount,owner_id,region\n1,Demo,5,ann,North\n2,Lost,7,bob,\n"


def write(folder: Path, text: str = EXPORT) -> Path:
    path = folder / "deals.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_sellers_have_their_names_and_columns_those_of_owners_and_accounts():
    known = read_facts(SAMPLE / "pipeline", SAMPLE / "oppnb.yaml")
    assert known["sellers"]["U0012"] == "Frank Foster"
    assert {"region", "team", "industry", "manager_id", "owner_id"} <= set(known["columns"])
    assert "East" in known["columns"]["region"]
    assert known["columns"]["opportunity_id"] == []  # too many to choose from


def test_an_answer_is_kept_until_the_file_changes(tmp_path):
    facts, path = Facts(), write(tmp_path)
    known = facts.of(path, None)
    assert known == read_facts(path, None)
    assert (sorted(known["sellers"]), known["columns"]["region"]) == (["ann", "bob"], ["North"])
    assert facts.of(path, None) is known
    write(tmp_path, EXPORT.replace("ann", "eve"))
    os.utime(path, (1, 1))
    assert sorted(facts.of(path, None)["sellers"]) == ["bob", "eve"]


def test_what_cannot_be_read_or_takes_long_is_not_known(tmp_path):
    assert Facts().of(write(tmp_path, ""), None) is None
    assert Facts().of(write(tmp_path), None, seconds=0.01) is None
