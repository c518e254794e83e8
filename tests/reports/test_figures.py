import json
from datetime import date

import numpy as np
import pandas as pd

from oppnb.reports import figures_text


def test_the_same_figures_are_the_same_bytes():
    rows = [{"value": np.float64(0.1) + 0.2, "id": "x", "n": np.int64(3)}]
    assert figures_text(rows) == figures_text([{"n": 3, "id": "x", "value": 0.1 + 0.2}])


def test_what_is_not_known_is_null():
    rows = [{"value": value} for value in (float("nan"), np.float64("inf"), None, pd.NA)]
    assert [row["value"] for row in json.loads(figures_text([row for row in rows if row["value"] is not pd.NA]))] == [
        None,
        None,
        None,
    ]


def test_days_are_iso_text_and_letters_stay_letters():
    text = figures_text([{"as_of": date(2017, 9, 30), "slice": {"region": "华东"}}])
    assert '"2017-09-30"' in text
    assert "华东" in text
    assert text.endswith("]\n")
