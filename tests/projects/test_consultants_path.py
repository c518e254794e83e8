"""The page for consultants is typed from top to bottom on the real data it speaks of, and says the truth."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from oppnb.workspace import read_workspace
from tests.field_data import field_data
from tests.house.snippets import Block, blocks_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (DOCS / "consultant.md", DOCS / "zh" / "consultant.md")


def typed(page: Path) -> list[Block]:
    """The blocks that this test types, and those that it puts into a file."""
    ours = {"append", "replace"}
    return [
        block for block in blocks_of(page) if "a test" in block.marks.get("not run", "") or ours & block.marks.keys()
    ]


def test_both_languages_type_the_same() -> None:
    english, chinese = ([(block.kind, block.text) for block in typed(page)] for page in PAGES)
    assert english == chinese


def script(page: Path, *, until: str = "") -> str:
    """The page as a shell script, to the end or until a command."""
    lines = ["set -eu"]
    for block in typed(page):
        if "replace" in block.marks:  # the part of this name, up to the empty line after it
            lines.append(f"sed -i '/^{block.text.splitlines()[0]}/,/^$/d' {block.marks['replace']}")
        file = block.marks.get("append") or block.marks.get("replace")
        if file:
            lines.append(f"cat >> {file} <<'END'\n{block.text}END")
        else:
            lines += re.findall(r"^\$ (.*)$", block.text, re.MULTILINE)
    text = "\n".join(lines) + "\n"
    return text[: text.index(f"\n{until}") + 1] if until else text


def type_page(inside: Path, *, until: str = "") -> Path:
    """Type the page where the example's files lie in `maven_crm/`; the client's folder that it makes."""
    (inside / "home").mkdir(parents=True)
    (inside / "maven_crm").symlink_to(field_data("maven_crm"), target_is_directory=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script(PAGES[0], until=until)],
        cwd=inside,
        env={"PATH": path, "HOME": str(inside / "home"), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return inside / "client-a"


def figure(folder: Path, name: str) -> float:
    figures = json.loads(next(folder.rglob("figures.json")).read_text(encoding="utf-8"))
    (found,) = (
        row["value"]
        for row in figures
        if row["id"] == name and row["slice"] is None and row["period"] in (None, "2017Q4")
    )
    return float(found)


@pytest.mark.kernel
@pytest.mark.field_data
def test_typed_from_top_to_bottom_it_gives_a_chinese_weekly_report_for_each_of_two_regions(tmp_path: Path) -> None:
    client = type_page(tmp_path / "desk")
    assert read_workspace(client / "oppnb.yaml").processes[0].stages[0].name == "Prospecting"
    made = client / "reports" / "weekly" / "pipeline_review"
    assert sorted(place.name for place in made.iterdir()) == ["Central", "East"]
    central, east = made / "Central", made / "East"
    # By hand from sales_pipeline.csv, products.csv and sales_teams.csv.
    assert (figure(central, "open_count"), figure(central, "won_count")) == (908, 456)
    assert (figure(central, "open_amount"), figure(central, "won_amount")) == (1_898_408, 987_782)
    assert (figure(east, "open_count"), figure(east, "won_count")) == (433, 312)
    assert (figure(east, "open_amount"), figure(east, "won_amount")) == (1_069_586, 824_853)
    html = next(central.rglob("report.html")).read_text(encoding="utf-8")
    assert all(name in html for name in ("跟进中", "Darcel Schlecht"))
    assert not [name for name in ("Maureen Marcano", "Rocco Neubert", "Daniell Hammack") if name in html]
    index = (client / "reports" / "index.html").read_text(encoding="utf-8")
    assert all(f"weekly/pipeline_review/{region}/2017-12-31/report.html" in index for region in ("Central", "East"))
    assert (client / "templates" / "pipeline_review.ipynb").is_file()
