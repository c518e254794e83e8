"""`oppnb diff` names the settings that differ: the day of knowledge, parameters, keys of oppnb.yaml."""

import json

import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.runs import diff_runs, run_reports
from oppnb.runs.setting_changes import changed_parameters, flat_settings
from oppnb.workspace import read_workspace
from tests.runs.conftest import RUN, SETTINGS

ONE = RUN.replace("    for_each: region\n", "")


def go(client, parameters="{}", **more):
    client.write(ONE.replace("[light]", f"[{{template: light, parameters: {parameters}}}]"), **more)
    return run_reports("weekly", workspace=client.file, out=client.out)


def told(client, *more):
    return CliRunner().invoke(app, ["diff", "1", "2", "--out", str(client.out), *more]).output


def test_a_parameter_that_changed_is_named_with_both_values(client, made_up):
    made_up()
    go(client)
    go(client, "{factor: 2}")
    (one,) = diff_runs("1", "2", out=client.out)
    assert one.causes == ("configuration",)
    assert one.to_dict()["settings"] == [{"kind": "parameter", "name": "factor", "before": None, "after": 2}]
    assert "  parameter factor: not set -> 2" in told(client).splitlines()
    assert "  参数 factor：未设置 -> 2" in told(client, "--locale", "zh_CN").splitlines()


def test_a_key_of_the_workspace_that_changed_is_named_once_for_all_reports(client, made_up):
    made_up()
    client.write(RUN)
    run_reports("weekly", workspace=client.file, out=client.out)
    client.write(RUN, settings=SETTINGS.replace("odds: 0.5", "odds: 0.4"))
    run_reports("weekly", workspace=client.file, out=client.out)
    key = {"kind": "workspace", "name": "processes.sales.stages.Demo.odds", "before": 0.5, "after": 0.4}
    assert [one["settings"] for one in json.loads(told(client, "--json"))] == [[key]] * 3
    assert told(client).count("oppnb.yaml, processes.sales.stages.Demo.odds: 0.5 -> 0.4") == 1
    assert "oppnb.yaml 中的 processes.sales.stages.Demo.odds：0.5 -> 0.4" in told(client, "--locale", "zh_CN")


def test_of_runs_that_kept_no_settings_it_is_said_that_the_keys_are_not_known(client, made_up):
    made_up()
    go(client)
    go(client, settings=SETTINGS.replace("odds: 0.5", "odds: 0.4"))
    for path in (client.out / "weekly" / "runs").glob("000001-*.json"):
        tree = json.loads(path.read_text())
        del tree["settings"]
        path.write_text(json.dumps(tree))
    assert "oppnb.yaml changed; in which keys is not known" in told(client)
    assert "oppnb.yaml 变了，但不知道是哪些设置" in told(client, "--locale", "zh_CN")
    assert json.loads(told(client, "--json"))[0]["are_keys_known"] is False


@pytest.fixture
def as_of_days(client, made_up):
    """Reports whose day is that of their parameter `as_of`, as with real templates."""
    parameters = 'data: str = "data"  # The export\nas_of: str | None = None  # Day\nfactor: int = 1  # Times'
    client.write_template("1", parameters=parameters)
    made_up()

    def use(first, second):
        for number, asked in enumerate((first, second), start=1):
            go(client, json.dumps(asked))
            for path in (client.out / "weekly" / "runs").glob(f"{number:06d}-*.json"):
                tree = json.loads(path.read_text())
                tree["jobs"][0]["as_of"] = asked["as_of"]
                path.write_text(json.dumps(tree))

    return use


def test_another_as_of_day_is_the_day_of_knowledge_and_no_configuration(client, as_of_days):
    as_of_days({"as_of": "2017-08-06"}, {"as_of": "2017-12-31"})
    assert diff_runs("1", "2", out=client.out)[0].causes == ("day",)
    assert "though day of knowledge changed" in told(client)
    assert "  day of knowledge: 2017-08-06 -> 2017-12-31" in told(client).splitlines()
    assert "  截至日：2017-08-06 -> 2017-12-31" in told(client, "--locale", "zh_CN").splitlines()


def test_another_day_beside_another_parameter_is_told_as_both(client, as_of_days):
    as_of_days({"as_of": "2017-08-06"}, {"as_of": "2017-12-31", "factor": 2})
    (one,) = diff_runs("1", "2", out=client.out)
    assert one.causes == ("day", "configuration")
    assert [(change.kind, change.name) for change in one.settings] == [("day", "as_of"), ("parameter", "factor")]


def test_a_day_that_moved_with_the_data_is_told_with_the_data_as_the_cause():
    before = {"parameters": {"data": "a"}, "as_of": "2026-01-05"}
    (one,) = changed_parameters(before, {"parameters": {"data": "b"}, "as_of": "2026-01-12"})
    assert (one.kind, one.before, one.after) == ("day", "2026-01-05", "2026-01-12")


def test_what_is_kept_holds_no_secret_no_store_and_no_channel(client):
    more = "store: postgresql://ann:pw-of-ann@db.invalid/crm\n"
    channel = "delivery: {channels: {chat: {url: 'https://example.invalid/${CHAT}'}}}\n"
    client.write(RUN, settings=SETTINGS + more + channel)
    kept = json.dumps(flat_settings(read_workspace(client.file)))
    assert '"store": true' in kept
    assert [word for word in ("ann", "db.invalid", "example.invalid", "weekly") if word in kept] == []


def test_the_order_of_stages_is_a_setting_too(client):
    client.write(ONE)
    first = flat_settings(read_workspace(client.file))
    assert first["processes.sales.stages"] == ["Demo", "Won", "Lost"]
