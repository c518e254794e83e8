"""Widgets ask in threads; one engine answers them all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from oppnb.history import as_of, open_source
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables


@pytest.fixture(scope="module")
def source():
    made = make_pipeline(SyntheticSettings(n_opportunities=240)).tables
    made["opportunities"]["currency"] = "CNY"
    return open_source(Tables(made))


def test_threads_that_ask_one_source_at_once_are_all_answered_as_if_alone(source):
    days = [date(2024, month, 1) for month in range(1, 9)]
    alone = [as_of(source, day) for day in days]
    with ThreadPoolExecutor(max_workers=4) as threads:
        together = list(threads.map(lambda day: as_of(source, day), days))
    assert all(one.equals(other) for one, other in zip(alone, together, strict=True))
