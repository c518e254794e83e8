"""What differs between two runs, as a reader writes it."""

import pytest

from oppnb.locale import LOCALES, Formats, Words
from oppnb.review import BARS, FIGURES
from oppnb.runs.comparing import changed_figures
from oppnb.runs.figure_words import change_text, figure_label


def figure(name, value, unit="money", **more):
    return {"id": name, "value": value, "unit": unit, "period": None, "slice": None, **more}


def told(before, after, locale="en"):
    formats = Formats(locale, currency="CNY")
    return [change_text(one, words=Words(locale), formats=formats) for one in changed_figures(before, after)]


def test_months_are_held_against_the_same_months_when_the_window_moves_on():
    def months(first, *values):
        return [figure("won_amount", value, period=f"2025-{first + n:02}") for n, value in enumerate(values)]

    changes = changed_figures(months(1, 10.0, 20.0, 30.0), months(2, 20.0, 30.0, 40.0))
    assert [(one.figure, one.before, one.after) for one in changes] == [
        ("won_amount 2025-01", 10.0, None),
        ("won_amount 2025-04", None, 40.0),
    ]


def test_a_figure_of_one_period_is_held_against_that_of_the_next():
    changes = changed_figures([figure("coverage", 2.0, period="2025Q3")], [figure("coverage", 3.0, period="2025Q4")])
    assert [(one.figure, one.before, one.after) for one in changes] == [("coverage", 2.0, 3.0)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            figure("open_amount", 1898408.0),
            figure("open_amount", 1897858.0),
            "Open amount: CN¥1,898,408 -> CN¥1,897,858",
        ),
        (figure("open_amount", 10.0), figure("open_amount", 10.004), "Open amount: 10.000 -> 10.004"),
        (figure("win_rate", 0.5, "share"), figure("win_rate", 0.501, "share"), "Win rate: 50.0% -> 50.1%"),
        (figure("open_count", 3, "count"), figure("open_count", 4, "count"), "Open deals: 3 -> 4"),
        (figure("win_rate", None, "share"), figure("win_rate", 0.5, "share"), "Win rate: not known -> 50%"),
    ],
)
def test_values_are_written_as_reports_write_them_with_the_digits_that_tell_them_apart(before, after, said):
    assert told([before], [after]) == [said]


def test_slices_and_lone_figures_are_told_in_the_readers_language():
    north = figure("open_count", 3, "count", slice={"region": "North"})
    assert told([north], [], "zh_CN") == ["进行中商机（区域：North）：3 -> 无此项"]


def test_every_figure_is_told():
    rows = [figure(f"a_{n}", float(n)) for n in range(100)]
    assert len(told(rows, [{**row, "value": row["value"] + 1} for row in rows])) == 100


@pytest.mark.parametrize("locale", LOCALES)
def test_figures_of_the_review_have_names(locale):
    ids = [*FIGURES, *(f"bridge_{bar}" for bar in BARS)]
    assert [name for name in ids if figure_label(name, Words(locale)) == name.replace("_", " ")] == []
