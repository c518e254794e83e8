"""What metrics need is what the history room gives, and asking for metrics stays cheap."""

import subprocess
import sys

import pytest

from oppnb.history import SNAPSHOT_COLUMNS, SPELL_COLUMNS
from oppnb.metrics import METRICS
from oppnb.tables import CANONICAL

GIVEN = {
    "snapshot": {*SNAPSHOT_COLUMNS, "win_probability"},  # the probability comes from scoring, as a column
    "opening": set(SNAPSHOT_COLUMNS),
    "past": set(SNAPSHOT_COLUMNS),
    "spells": set(SPELL_COLUMNS),
    "targets": set(CANONICAL["targets"].columns),
    "leads": set(CANONICAL["leads"].columns),
}


@pytest.mark.parametrize("metric", METRICS)
def test_every_column_a_metric_needs_is_one_that_is_given(metric: str) -> None:
    for variant in METRICS[metric].variants:
        for frame, columns in variant.needs.items():
            assert set(columns) <= GIVEN.get(frame, set(columns)), (variant.id, frame)


def test_importing_the_metrics_loads_no_scipy() -> None:
    code = "import sys, oppnb.metrics; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
