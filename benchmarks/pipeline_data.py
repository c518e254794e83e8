"""A synthetic pipeline of any size as Parquet: 9 history rows and 19 activities an opportunity, four years of deals."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

STAGES = ["Lead", "Needs", "Proposal", "Negotiation"]
WON, LOST = "Closed Won", "Closed Lost"
START = np.datetime64("2021-01-01", "us")
DAY = np.timedelta64(86_400_000_000, "us")
SPAN_DAYS = 4 * 365
HISTORY_ROWS = 9
ACTIVITIES = 19
FOLDER = Path(__file__).parent / ".data"


def make_data(name: str, size: int, *, seed: int = 20_261_121) -> Path:
    """Write the three tables of a pipeline of `size` opportunities, once; return the folder."""
    folder = FOLDER / name
    if (folder / "activities.parquet").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    ids = np.array([f"O{i:09d}" for i in range(size)])
    created = START + _seconds(rng.uniform(0, SPAN_DAYS, size))
    lasts = rng.gamma(2.0, 75.0, size)
    fates = rng.uniform(size=size) < 0.35
    steps = _history(folder, rng, ids, created, lasts, fates)
    _opportunities(folder, rng, ids, created, lasts, fates, steps)
    _activities(folder, rng, ids, created, lasts)
    return folder


def _seconds(days):
    return (days * 86_400).astype("timedelta64[s]").astype("timedelta64[us]")


def _history(folder, rng, ids, created, lasts, fates):
    size = len(ids)
    n_rows = np.clip(rng.poisson(HISTORY_ROWS - 2, size) + 2, 2, 30)
    deal = np.repeat(np.arange(size), n_rows)
    first = np.r_[True, deal[1:] != deal[:-1]]
    last = np.r_[deal[1:] != deal[:-1], True]
    share = rng.uniform(size=len(deal))
    share[first], share[last] = 0.0, 1.0
    order = np.lexsort((share, deal))
    share = share[order]
    changed = created[deal] + _seconds(share * lasts[deal])
    level = np.clip(np.floor(share * len(STAGES) + rng.normal(0, 0.5, len(deal))), 0, len(STAGES) - 1).astype(int)
    codes = np.where(last, np.where(fates[deal], len(STAGES), len(STAGES) + 1), level)
    stage = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array([*STAGES, WON, LOST]))
    pushes = np.cumsum(rng.choice([0, 0, 0, 7, 14, 30, -7], size=len(deal)) * ~first)
    pushes = pushes - np.repeat(pushes[first], n_rows)
    due = created[deal].astype("datetime64[D]") + (60 + pushes).astype("timedelta64[D]")
    amount = np.round(
        np.repeat(rng.lognormal(9, 1, size), n_rows) * rng.choice([1.0, 1.0, 1.0, 0.9, 1.1], len(deal)), 2
    )
    owner = (np.repeat(rng.integers(0, 200, size), n_rows) + rng.choice([0] * 19 + [1], len(deal))) % 200
    owners = pa.DictionaryArray.from_arrays(pa.array(owner, pa.int16()), pa.array([f"U{i:03d}" for i in range(201)]))
    table = pa.table(
        {
            "opportunity_id": pa.array(ids[deal]),
            "changed_at": pa.array(changed),
            "stage": stage.cast(pa.string()),
            "amount": pa.array(amount),
            "expected_close_on": pa.array(due.astype("datetime64[us]")),
            "owner_id": owners.cast(pa.string()),
        }
    )
    pq.write_table(_logged(table, "changed_at"), folder / "opportunity_history.parquet")
    return {
        "amount": amount[last],
        "due": due[last].astype("datetime64[us]"),
        "owner": owners.cast(pa.string()).filter(last),
    }


def _logged(table, moment):
    # a log is in the order of time and ends on the day of the export
    known = table.filter(pa.compute.less(table[moment], pa.scalar(START + SPAN_DAYS * DAY)))
    return known.sort_by([(moment, "ascending"), ("opportunity_id", "ascending")])


def _opportunities(folder, rng, ids, created, lasts, fates, steps):
    closed = created + _seconds(lasts)
    exported = START + SPAN_DAYS * DAY
    is_closed = closed < exported
    stage = np.where(is_closed, np.where(fates, WON, LOST), STAGES[2])
    table = pa.table(
        {
            "opportunity_id": pa.array(ids),
            "name": pa.array(np.char.add("Deal ", ids)),
            "account_id": pa.array(np.char.add("A", (np.arange(len(ids)) // 5).astype(str))),
            "owner_id": steps["owner"],
            "stage": pa.array(stage),
            "amount": pa.array(steps["amount"]),
            "expected_close_on": pa.array(steps["due"]),
            "created_at": pa.array(created),
            "closed_at": pa.array(closed, mask=~is_closed),
            "region": pa.array(np.array(["East", "West", "North", "South"])[rng.integers(0, 4, len(ids))]),
            "product": pa.array(np.array(["A", "B", "C"])[rng.integers(0, 3, len(ids))]),
        }
    )
    pq.write_table(table, folder / "opportunities.parquet")


def _activities(folder, rng, ids, created, lasts):
    size = len(ids)
    n_rows = rng.poisson(ACTIVITIES, size)
    deal = np.repeat(np.arange(size), n_rows)
    moments = created[deal] + _seconds(rng.uniform(size=len(deal)) * lasts[deal])
    order = np.argsort(moments, kind="stable")
    kinds = pa.DictionaryArray.from_arrays(
        pa.array(rng.integers(0, 4, len(deal)), pa.int8()), pa.array(["call", "mail", "meeting", "demo"])
    )
    table = pa.table(
        {
            "opportunity_id": pa.array(ids[deal[order]]),
            "kind": kinds.cast(pa.string()),
            "occurred_at": pa.array(moments[order]),
        }
    )
    pq.write_table(_logged(table, "occurred_at"), folder / "activities.parquet")


if __name__ == "__main__":
    make_data(sys.argv[1], int(sys.argv[2]))
