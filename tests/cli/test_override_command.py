"""`oppnb override` as a user types it, and the same figures in the forecast and in its report."""

import json
from pathlib import Path

import pytest

from oppnb.reports import ForecastPage, people_of, tell_forecast_of
from oppnb.reports.collected_page import CollectedPage
from oppnb.store import open_store
from tests.cli.test_commands import Run, run
from tests.cli.test_forecast_commands import DAY, write_deals

__all__ = ["run"]

OPEN, CLOSED = "004", "001"
SAID = ("--who", "U01", "--why", "Verbal yes", "--when", "2024-11-08")


class CollectedForecast(CollectedPage, ForecastPage):
    """A forecast review without a kernel."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_deals(tmp_path)
    (tmp_path / "oppnb.yaml").write_text("store: memory/\nsources: {remember: false}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add(run: Run, *words: str, said: tuple[str, ...] = SAID) -> tuple[int, str, str]:
    return run("override", "add", "deals.csv", "-w", "oppnb.yaml", *words, *said)


def listed(run: Run, *words: str) -> list[dict[str, object]]:
    code, out, err = run("override", "list", "-w", "oppnb.yaml", *words, "--json")
    assert code == 0, err
    found: list[dict[str, object]] = json.loads(out)
    return found


def withdraw(run: Run, one: object, *words: str) -> tuple[int, str, str]:
    by = ("--who", "M1", "--why", "Tender lost")
    return run("override", "withdraw", str(one), "-w", "oppnb.yaml", *by, *words)


def test_what_was_added_is_listed_with_who_why_and_when(run: Run, desk: Path) -> None:
    code, out, err = add(run, "--deal", OPEN, "--chance", "0.9", "--amount", "500", "--period", "2024Q4", "--json")
    assert code == 0, err
    assert json.loads(out) == listed(run)
    assert {row["figure"]: row["value"] for row in listed(run)} == {"amount": 500.0, "chance": 0.9}
    told = listed(run)[0]
    assert (told["who"], told["why"], told["said_at"]) == ("U01", "Verbal yes", "2024-11-08T00:00:00Z")
    assert (told["opportunity_id"], told["period"], told["standing"]) == (OPEN, "2024Q4", "in_force")


def test_a_moment_is_one_of_the_workspaces_time_zone(run: Run, desk: Path) -> None:
    Path("oppnb.yaml").write_text("store: memory/\ncalendar: {time_zone: Asia/Shanghai}\n", encoding="utf-8")
    said = ("--who", "U01", "--why", "Verbal yes", "--when", "2024-11-08T06:00")
    assert add(run, "--deal", OPEN, "--chance", "0.9", said=said)[0] == 0
    assert listed(run)[0]["said_at"] == "2024-11-07T22:00:00Z"
    assert "2024-11-08 06:00" in run("override", "list", "-w", "oppnb.yaml")[1]
    assert listed(run, "--as-of", "2024-11-07") == []


def test_without_a_moment_it_is_said_now(run: Run, desk: Path) -> None:
    assert add(run, "--deal", OPEN, "--chance", "0.9", said=("--who", "U01", "--why", "Verbal yes"))[0] == 0
    row = open_store("memory").read("overrides").iloc[0]
    assert 0 <= (row["seen_at"] - row["said_at"]).total_seconds() < 3600


def test_one_that_is_withdrawn_stays_in_the_store_and_is_no_longer_listed(run: Run, desk: Path) -> None:
    add(run, "--node", "company", "--amount", "5000", "--period", "2024Q4")
    one = str(listed(run)[0]["override_id"])
    code, out, err = withdraw(run, one.rsplit("-", 1)[1], "--when", "2024-11-10")
    assert code == 0, err
    assert "is taken back: Company, 2024Q4, amount" in out
    assert listed(run) == []
    assert [row["standing"] for row in listed(run, "--all")] == ["taken_back", "withdrawal"]
    assert len(listed(run, "--as-of", "2024-11-09")) == 1
    assert withdraw(run, one)[0] == 2
    assert withdraw(run, "nobody")[0] == 2


def test_one_of_a_deal_that_has_closed_since_can_be_withdrawn(run: Run, desk: Path) -> None:
    add(run, "--deal", OPEN, "--closes-on", "2024-11-20")
    text = Path("deals.csv").read_text(encoding="utf-8").replace("004,Demo,104,EUR,2024-05-05,2024-05-25,", "")
    Path("deals.csv").write_text(text, encoding="utf-8")
    assert withdraw(run, listed(run)[0]["override_id"], "--when", "2024-12-20")[0] == 0
    assert listed(run) == []


def test_a_later_word_replaces_an_earlier_one_which_then_cannot_be_withdrawn(run: Run, desk: Path) -> None:
    add(run, "--deal", OPEN, "--chance", "0.9")
    first = listed(run)[0]["override_id"]
    add(run, "--deal", OPEN, "--chance", "0.4", said=(*SAID[:4], "--when", "2024-11-09"))
    assert [row["value"] for row in listed(run)] == [0.4]
    assert [row["standing"] for row in listed(run, "--all")] == ["replaced", "in_force"]
    code, _, err = withdraw(run, first)
    assert (code, "was replaced already" in err) == (2, True)


def test_the_list_of_a_period_has_what_counts_for_it(run: Run, desk: Path) -> None:
    add(run, "--deal", OPEN, "--chance", "0.9")
    add(run, "--deal", "009", "--chance", "0.9", "--period", "2025Q1")
    assert [row["opportunity_id"] for row in listed(run, "--period", "2024Q4")] == [OPEN]
    assert len(listed(run, "--period", "2025Q1")) == 2


def test_it_speaks_chinese(run: Run, desk: Path) -> None:
    assert "已添加人工判断" in add(run, "--deal", OPEN, "--chance", "0.9", "--locale", "zh_CN")[1]
    out = run("override", "list", "-w", "oppnb.yaml", "--locale", "zh_CN", "--all")[1]
    assert "赢率 90%" in out
    assert "有效" in out
    assert (
        "没有人工判断" in run("override", "list", "-w", "oppnb.yaml", "--locale", "zh_CN", "--as-of", "2024-01-01")[1]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--deal", "04", "--chance", "0.9"), "no deal '04' known on 2024-11-08. Did you mean '004'?"),
        (("--deal", CLOSED, "--chance", "0.9"), "is won already"),
        (("--chance", "0.9"), "--deal ID, or --node"),
        (("--deal", OPEN, "--node", "company", "--chance", "0.9"), "--deal ID, or --node"),
        (("--deal", OPEN), "--amount, --chance or --closes-on"),
        (("--deal", OPEN, "--chance", "90"), "Write 0.9 for 90 %"),
        (("--deal", OPEN, "--chance", "0.9", "--period", "2024Q9"), "'2024Q9' is not a period"),
        (("--deal", OPEN, "--chance", "0.9", "--period", "2024Q1"), "2024Q1 ended on 2024-03-31"),
        (("--deal", OPEN, "--chance", "0.9", "--locale", "xx"), "xx"),
        (("--node", "North", "--amount", "5", "--period", "2024Q4"), "write column=value, such as region=North"),
        (("--node", "regoin=North", "--amount", "5", "--period", "2024Q4"), "Did you mean 'region'?"),
        (("--node", "company", "--amount", "5"), "give --amount and --period"),
        (("--node", "company", "--chance", "0.5", "--period", "2024Q4"), "give --amount and --period"),
    ],
)
def test_a_mistake_is_told_in_the_users_words_and_nothing_is_written(
    run: Run, desk: Path, words: tuple[str, ...], said: str
) -> None:
    code, out, err = add(run, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert open_store("memory").files("overrides") == []


def test_a_moment_that_is_none_or_lies_ahead_is_refused(run: Run, desk: Path) -> None:
    for when in ("soon", "2999-01-01"):
        code, _, err = add(run, "--deal", OPEN, "--chance", "0.9", said=(*SAID[:4], "--when", when))
        assert (code, when in err) == (2, True), err


def test_without_a_store_it_says_how_to_get_one(run: Run, desk: Path) -> None:
    Path("oppnb.yaml").write_text("currency: EUR\n", encoding="utf-8")
    code, _, err = add(run, "--deal", OPEN, "--chance", "0.9")
    assert code == 3
    assert "store: memory/" in err


def test_the_forecast_and_its_report_show_it_beside_the_models_number_which_stays(run: Run, desk: Path) -> None:
    words = ("forecast", "deals.csv", "-w", "oppnb.yaml", *DAY)
    before = json.loads(run(*words, "--json")[1])
    assert before["overrides"] == []
    assert add(run, "--deal", OPEN, "--chance", "0.9", "--period", "2024Q4")[0] == 0
    after = json.loads(run(*words, "--json")[1])
    company, deal = after.pop("overrides")
    assert after == {name: value for name, value in before.items() if name != "overrides"}
    told = {row["model"]: row["expected"] for row in after["models"]}[after["chosen"]]
    assert company["model"] == pytest.approx(told, abs=0.01)
    assert deal["opportunity_id"] == OPEN
    assert (deal["who"], deal["why"], deal["counts"]) == ("U01", "Verbal yes", True)
    assert company["adjusted"] == pytest.approx(company["model"] + deal["difference"])
    out = run(*words)[1]
    assert "People beside the model" in out
    assert "Verbal yes" in out
    page = CollectedForecast(tell_forecast_of("deals.csv", as_of=DAY[1], workspace="oppnb.yaml"))
    people = people_of(page.told)
    assert people.overrides["adjusted"].iloc[0] == pytest.approx(company["adjusted"])
    page.people(people)
    assert "Verbal yes" in str(page.__dict__["outputs"])


def test_a_forecast_of_an_earlier_day_does_not_know_it(run: Run, desk: Path) -> None:
    assert add(run, "--node", "company", "--amount", "9000", "--period", "2024Q4")[0] == 0
    out = run("forecast", "deals.csv", "-w", "oppnb.yaml", "--as-of", "2024-11-07", "--json")[1]
    assert json.loads(out)["overrides"] == []


def test_the_figure_of_a_part_stands_beside_what_the_roll_up_tells_of_it(run: Run, desk: Path) -> None:
    lines = Path("deals.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{line},{'North' if place % 2 else 'South'}" for place, line in enumerate(lines[1:])]
    Path("deals.csv").write_text("\n".join([f"{lines[0]},region", *rows]) + "\n", encoding="utf-8")
    code, _, err = add(run, "--node", "region=North", "--amount", "9000", "--period", "2024Q4")
    assert code == 0, err
    out = run("forecast", "deals.csv", "-w", "oppnb.yaml", *DAY, "--by", "region", "--json")[1]
    told = json.loads(out)
    nodes = {row["node"]: row["expected"] for row in told["nodes"]}
    company, north = told["overrides"]
    assert (north["node"], north["adjusted"]) == ("region=North", 9000.0)
    assert north["model"] == pytest.approx(nodes["North"], abs=0.01)
    assert company["adjusted"] == pytest.approx(company["model"] + 9000.0 - north["model"])
