"""Twelve monthly snapshots of every open deal with all features: oppnb, plain pandas, and reading the columns once.

    python benchmarks/snapshots.py --sizes 10k,100k,1M

Each arm runs in a process of its own; the data is made once (seeded) in benchmarks/.data. CPU seconds are of the whole
process, start and imports included; wall seconds of the work alone. Not a timed test: it fails only if the arms
disagree.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline_data import FOLDER

HERE = Path(__file__).parent
DAYS = [
    "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30",
    "2024-07-31", "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31",
]  # fmt: skip
TABLES = ("opportunities", "opportunity_history", "activities")
ARMS = ("floor", "oppnb", "oppnb 1GB", "pandas", "oppnb one day")
SUMS = (
    "amount", "n_pushes", "days_pushed", "n_pulls", "n_stage_changes", "n_stage_regressions", "days_in_stage",
    "age_days", "n_activities_last_7_days", "n_activities_last_30_days", "n_activities_last_90_days",
    "days_since_last_activity",
)  # fmt: skip


def main() -> int:
    """Run the arms for each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10k,100k,1M", help="e.g. 10k,100k,1M")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--arm", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.arm:
        print(json.dumps(run_arm(given.arm, given.folder)))
        return 0
    print(
        f"{'size':>5} {'arm':<14} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} "
        f"{'pandas/it':>10} {'it/floor':>9} {'rows':>10}"
    )
    agree = [compare(size, given.arms.split(",")) for size in given.sizes.split(",")]
    return 0 if all(agree) else 1


def compare(size: str, arms: list[str]) -> bool:
    """Run the arms of one size, print a line each, and say whether they agree."""
    folder = FOLDER / size
    number = size.replace("k", "000").replace("M", "000000")
    # in a process of its own: what it needs would count as the peak of the arms started from here
    subprocess.run([sys.executable, str(HERE / "pipeline_data.py"), size, number], check=True)
    found = {arm: start_arm(arm, folder) for arm in arms}
    for arm, result in found.items():
        against = found.get("pandas", {}).get("wall", float("nan")) / result["wall"]
        floors = result["wall"] / found.get("floor", {}).get("wall", float("nan"))
        print(
            f"{size:>5} {arm:<14} {result['wall']:>8.2f} {result['cpu']:>8.2f} {result['peak_mb']:>8.0f} "
            f"{against:>10.1f} {floors:>9.1f} {result['rows']:>10,}"
        )
    full = {arm: result["sums"] for arm, result in found.items() if result["sums"]}
    reference = next(iter(full.values()), {})
    apart = [arm for arm, sums in full.items() if not near(sums, reference)]
    if apart:
        print(f"{size}: {', '.join(apart)} disagree: {json.dumps(full, indent=1)}")
    return not apart


def near(one: dict[str, float], other: dict[str, float]) -> bool:
    """Counts equal, sums of fractions equal to nine digits."""
    return all(abs(one[name] - other[name]) <= 1e-9 * max(1.0, abs(other[name])) for name in other)


def start_arm(arm: str, folder: Path) -> dict:
    """Run one arm in a fresh process."""
    command = [sys.executable, str(HERE / "snapshots.py"), "--arm", arm, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_arm(arm: str, folder: Path) -> dict:
    """Run one arm here and measure it."""
    import resource

    work = {"floor": read_once, "pandas": with_pandas, "oppnb one day": one_day}.get(arm, with_oppnb)
    prepared = prepare(arm)
    with tempfile.TemporaryDirectory() as kept:
        target = Path(kept) / "snapshots.parquet"
        start = time.perf_counter()
        work(folder, prepared, target)
        wall = time.perf_counter() - start
        usage = resource.getrusage(resource.RUSAGE_SELF)
        measured = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}
        return measured | summed(target)


def summed(target: Path) -> dict:
    """Rows and sums of what an arm wrote, to compare the arms by."""
    if not target.exists():
        return {"rows": 0, "sums": {}}
    import pandas as pd

    frame = pd.read_parquet(target, columns=list(SUMS))
    return {"rows": len(frame), "sums": {name: float(frame[name].sum()) for name in SUMS} | {"rows": len(frame)}}


def prepare(arm: str):
    """Import what the arm needs, outside the clock."""
    if arm == "pandas":
        import plain_pandas

        return plain_pandas
    if arm == "floor":
        import duckdb

        return duckdb
    import ibis

    import oppnb.history

    oppnb.history.open_source  # noqa: B018
    workspace()
    ibis.duckdb.connect().raw_sql("SELECT 1").fetchall()
    return "1GB" if arm == "oppnb 1GB" else None


def read_once(folder: Path, duckdb, _target: Path) -> None:
    """The floor: every needed column read once, each value looked at."""
    needed = {
        "opportunities": (
            "opportunity_id",
            "name",
            "account_id",
            "owner_id",
            "stage",
            "created_at",
            "closed_at",
            "region",
        ),
        "opportunity_history": ("opportunity_id", "changed_at", "stage", "amount", "expected_close_on", "owner_id"),
        "activities": ("opportunity_id", "occurred_at"),
    }
    for table, columns in needed.items():
        # a hash of each value: a minimum would be answered from the file's statistics
        looked_at = ", ".join(f"bit_xor(hash({column}))" for column in columns)
        duckdb.sql(f"SELECT {looked_at} FROM '{folder / table}.parquet'").fetchall()


def with_oppnb(folder: Path, memory_limit: str | None, target: Path) -> None:
    """The package, from the files to a Parquet file."""
    from oppnb.history import open_source, write_snapshots

    source = open_source({name: folder / f"{name}.parquet" for name in TABLES}, memory_limit=memory_limit)
    write_snapshots(source, DAYS, target, workspace=workspace(), only_open=True)


def one_day(folder: Path, memory_limit: str | None, _target: Path) -> None:
    """One day, open and closed deals, as a frame: what a notebook asks for."""
    from oppnb.history import as_of, open_source

    source = open_source({name: folder / f"{name}.parquet" for name in TABLES}, memory_limit=memory_limit)
    as_of(source, DAYS[5], workspace=workspace())


def with_pandas(folder: Path, plain_pandas, target: Path) -> None:
    """Plain pandas, from the same files to a Parquet file."""
    plain_pandas.snapshots(folder, DAYS).to_parquet(target)


def workspace():
    """The stages of the synthetic pipeline."""
    from pipeline_data import LOST, STAGES, WON

    from oppnb.workspace import Process, Stage, Workspace

    stages = [Stage(name=name) for name in STAGES]
    ends = [Stage(name=WON, outcome="won"), Stage(name=LOST, outcome="lost")]
    return Workspace(processes=[Process(name="sales", stages=[*stages, *ends])])


if __name__ == "__main__":
    sys.exit(main())
