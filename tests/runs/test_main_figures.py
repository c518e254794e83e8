"""The few figures by which a report is known."""

from oppnb.runs.jobs import main_figures


def figure(name, value, *, period=None, **more):
    return {"id": name, "value": value, "period": period, "unit": "money", "slice": None, **more}


def test_a_figure_of_another_period_is_not_taken_for_the_reports_own():
    months = [figure("won_amount", 1.0 * number, period=f"2025-{number:02}") for number in range(1, 10)]
    own = [figure("won_amount", 45.0, period="2025Q3"), figure("open_amount", 7.0)]
    assert [one["value"] for one in main_figures([*months, *own], period="2025Q3")] == [7.0, 45.0]
    assert [one["id"] for one in main_figures([*months, own[1]], period="2025Q3")] == ["open_amount"]


def test_figures_of_slices_and_figures_that_are_not_known_are_left_out():
    rows = [figure("open_amount", 3.0, slice={"region": "East"}), figure("won_amount", None), figure("open_count", 2)]
    assert [one["id"] for one in main_figures(rows, period="2025Q3")] == ["open_count"]
