"""A day that the calendar does not have is a mistake of the file, told with its line."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.workspace import parse_workspace

RUN = """currency: EUR  # since 2024-13-01
reports:
  weekly:
    data: export
    templates: [{template: x, parameters: {as_of: DAY}}]
"""


@pytest.mark.parametrize("day", ["2017-13-08", "2023-02-29", "2024-00-10"])
def test_a_day_that_is_none_is_told_with_its_line(day):
    with pytest.raises(WorkspaceError, match=f"line 5: there is no day {day}"):
        parse_workspace(RUN.replace("DAY", day))


def test_a_day_that_there_is_is_read():
    assert parse_workspace(RUN.replace("DAY", "2024-02-29")).reports["weekly"].templates[0].parameters["as_of"]
