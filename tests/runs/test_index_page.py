"""One page over all reports: found by search, drawn as a trend, in both languages, nothing of the data as markup."""

import html
import json
import re

import pytest

from oppnb.runs import run_reports
from oppnb.runs.index_page import index_html, write_index
from oppnb.runs.trend import sparkline
from tests.runs.conftest import RUN

HOSTILE = '"><img src=x onerror=alert(1)>'


def remember(out, *, run, name, cut, day, value, result="done"):
    folder = out / name
    job = {
        "key": f"{run}{cut or 'all'}".encode().hex(),
        "run": run,
        "template": "pipeline_review",
        "slice": cut,
        "hashes": {"folder": f"pipeline_review/{(cut or 'all').encode().hex()[:12]}"},
        "result": result,
        "as_of": day,
        "folder": f"pipeline_review/{(cut or 'all').encode().hex()[:12]}/{day}",
        "figures": [
            {"id": "open_amount", "unit": "money", "value": value},
            {"id": "weighted_amount", "unit": "money", "value": value * 0.42},
            {"id": "won_amount", "unit": "money", "value": value / 9},
            {"id": "win_rate", "unit": "share", "value": 0.31},
        ],
        "said": "ReportFailedError: no <b>luck</b>\nsecond line",
    }
    (folder / "jobs").mkdir(parents=True, exist_ok=True)
    (folder / "runs").mkdir(exist_ok=True)
    if result == "done":
        (folder / "jobs" / f"{job['key']}.json").write_text(json.dumps(job))
        (folder / job["folder"]).mkdir(parents=True)
        (folder / job["folder"] / "report.html").write_text("<title>report</title>")
    path = folder / "runs" / f"{run}.json"
    tree = json.loads(path.read_text()) if path.is_file() else {"jobs": []}
    tree |= {"id": run, "name": name, "number": int(run[:6]), "started": f"{day}T07:00:00Z", "result": result}
    path.write_text(json.dumps({**tree, "jobs": [*tree["jobs"], job]}))


@pytest.fixture
def out(tmp_path):
    for number, day in enumerate(["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"], start=1):
        for place, cut in enumerate(["North", "South", "华东区", HOSTILE]):
            value = 2_400_000 + 310_000 * ((number * (place + 3)) % 7)
            remember(tmp_path, run=f"{number:06d}-x", name="weekly", cut=cut, day=day, value=value)
    remember(tmp_path, run="000006-x", name="weekly", cut="South", day="2026-02-09", value=1.0, result="failed")
    remember(tmp_path, run="000001-x", name="monthly", cut=None, day="2026-01-31", value=9e6)
    return tmp_path


def test_text_of_the_data_is_never_markup(out):
    page = index_html(out, currency="EUR")
    assert HOSTILE not in page
    assert "<b>luck</b>" not in page
    assert "&lt;b&gt;luck" in page
    assert "luck&lt;/b&gt; second line</p>" in page  # where it stopped, and why


def test_every_latest_report_is_linked_and_the_link_leads_to_it(out):
    from urllib.parse import unquote

    page = index_html(out, currency="EUR")
    links = [unquote(part.split('"')[0]) for part in page.split('href="')[1:]]
    assert len(links) == 21
    assert all((out / link).is_file() for link in links)


def test_a_report_that_was_removed_is_not_linked_but_stays_in_the_trend(out):
    before = index_html(out)
    gone = sorted((out / "weekly" / "pipeline_review").rglob("2026-01-05/report.html"))
    for path in gone:
        path.unlink()
    after = index_html(out)
    assert before.count('href="') - after.count('href="') == len(gone) == 4
    assert before.count("polyline points") == after.count("polyline points")


def of_seller(out, *, number, seller, day, asked=None):
    """A talk with a seller that a run for each region made: whom it is of stands in its own page and manifest."""
    remember(out, run=f"{number:06d}-x", name="talks", cut="North", day=day, value=5.0)
    (path,) = (file for file in (out / "talks" / "jobs").glob("*.json") if json.loads(file.read_text())["as_of"] == day)
    job = json.loads(path.read_text()) | {"template": "one_on_one"}
    job["parameters"] = {"data": "data/secret-export", "only": {"region": "North"}} | (
        {"seller": asked} if asked else {}
    )
    path.write_text(json.dumps(job))
    report = out / "talks" / job["folder"]
    title = f"One on one · Region: North, Owner: {seller} · {day}"
    (report / "report.html").write_text(f"<html><title>{html.escape(title)}</title>")
    (report / "manifest.json").write_text(json.dumps({"only": {"region": "North", "owner_id": "u7"}}))


def test_a_talk_with_a_seller_is_headed_by_the_seller_and_other_reports_by_their_slice(tmp_path):
    of_seller(tmp_path, number=1, seller="Ann <O'Neil>", day="2026-01-05")
    of_seller(tmp_path, number=2, seller="Bo", day="2026-01-12", asked="Bo Li")
    remember(tmp_path, run="000001-x", name="weekly", cut="North", day="2026-01-05", value=1.0)
    page = index_html(tmp_path)
    heads = re.findall("<h3><a[^>]*>(.*?)</a></h3>", page)
    assert heads == ["One on one · Region: North, Owner: Bo", "Pipeline review · North"]
    assert "Ann <O" not in page
    assert "bo li" in page  # as it was asked for
    assert "secret-export" not in page


@pytest.mark.parametrize(
    ("asked", "cards", "older"),
    [
        ("2026-01-12", 4, 4),
        ("weekly south 2026-01-12", 1, 1),
        ("2026-02-02", 4, 0),
        ("January 5, 2026", 4, 4),
        ("Jan 5, 2026", 4, 4),
        ("2026-01-12 2026-01-19", 0, 0),
    ],
)
def test_earlier_reports_are_found_by_their_day_and_their_fold_is_opened(out, browser, asked, cards, older):
    write_index(out, locale="en", currency="EUR")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto((out / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]")
    page.locator(".older summary").first.click()  # opened by the reader: it stays so
    page.fill("#find", asked)
    assert page.locator(".reports > li:visible").count() == cards
    assert page.locator(".older[data-opened] li:visible").count() in (older, older - 1)
    assert page.locator(".older li:visible").count() >= older
    page.fill("#find", "")
    assert page.locator(".reports > li:visible").count() == 5
    assert page.locator(".older[open]").count() == 1
    assert page.locator(".older li[hidden]").count() == 0
    page.close()


def test_a_sellers_earlier_talk_is_found_by_name(tmp_path, browser):
    of_seller(tmp_path, number=1, seller="Ann", day="2026-01-05")
    of_seller(tmp_path, number=2, seller="Bo", day="2026-01-12")
    write_index(tmp_path, locale="en", currency="EUR")
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]")
    for name, n_older in (("ann", 1), ("bo", 0), ("cy", 0)):
        page.fill("#find", name)
        assert page.locator(".reports > li:visible").count() == (name != "cy")
        assert page.locator(".older li:visible").count() == n_older
    page.close()


def test_a_trend_stays_in_its_frame():
    drawn = sparkline([5.0, None, -5.0, 1e12], label="x")
    points = [tuple(map(float, pair.split(","))) for pair in drawn.split('points="')[1].split('"')[0].split()]
    assert all(0 <= x <= 96 and 0 <= y <= 24 for x, y in points)
    assert sparkline([None, None], label="x") == "<span></span>"


def test_a_small_step_of_a_figure_looks_small_in_its_trend():
    def height(*values: float) -> float:
        points = sparkline(values, label="x").split('points="')[1].split('"')[0].split()
        found = [float(pair.split(",")[1]) for pair in points]
        return max(found) - min(found)

    assert height(100.0, 101.0) < 0.1 * height(100.0, 200.0)
    assert height(0.0, 0.0) == 0
    assert height(-5.0, 5.0) == height(100.0, 200.0)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [390, 1200])
def test_it_opens_offline_fits_the_width_and_finds(out, browser, locale, width):
    write_index(out, locale=locale, currency="CNY" if locale == "zh_CN" else "EUR")
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.route("**/*", lambda call: call.continue_() if call.request.url.startswith("file:") else call.abort())
    page.goto((out / "index.html").as_uri())
    page.wait_for_selector("html[data-drawn]")
    assert page.locator(".reports > li:visible").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#find", "weekly 华东")
    assert page.locator(".reports > li:visible").count() == 1
    assert page.locator("section[data-run]:visible").count() == 1
    page.fill("#find", "nothing like it")
    assert page.locator(".reports > li:visible").count() == 0
    assert "0" in page.locator("#found").inner_text()
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("locale", "said"), [("en", "locale: zh_CN"), ("zh_CN", "locale：zh_CN")])
def test_a_template_that_a_run_uses_twice_has_two_cards_that_differ_by_what_was_asked(client, made_up, locale, said):
    made_up()
    parameters = 'data: str = "data"  # The export\nlocale: str | None = None  # Language'
    client.write_template("1", parameters=parameters)
    two = "[light, {template: light, parameters: {locale: zh_CN}}]"
    client.write(RUN.replace("    for_each: region\n", "").replace("[light]", two))
    run_reports("weekly", workspace=client.file, out=client.out)
    heads = re.findall(r"<h3><a [^>]*>(.*?)</a></h3>", index_html(client.out, locale=locale))
    assert heads == ["light", f"light · {said}"]
