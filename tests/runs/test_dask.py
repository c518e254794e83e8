"""Reports on the workers of a Dask scheduler: processes that share the folders."""

import pytest

from oppnb.errors import UsageError
from oppnb.runs import run_reports
from tests.runs.conftest import RUN


@pytest.mark.kernel
@pytest.mark.filterwarnings("default")  # of distributed's processes, not ours to mend
def test_workers_in_other_processes_make_the_reports_and_their_records(client, monkeypatch):
    from distributed import LocalCluster

    client.write(RUN + "    only: [North, South]\n")
    monkeypatch.chdir(client.folder)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        asked = {"workspace": "oppnb.yaml", "out": "reports"}
        done = run_reports("weekly", **asked, dask=cluster.scheduler_address)
        assert [job.get("said") for job in done.jobs] == [None, None]
        assert done.exit_code == 0
        assert run_reports("weekly", **asked, dask=cluster.scheduler_address).counts["skipped"] == 2
    assert sorted(path.parents[1].name for path in client.out.rglob("report.html")) == ["North", "South"]
    assert run_reports("weekly", **asked).counts["skipped"] == 2


def test_a_scheduler_that_does_not_answer_is_said(client, made_up, monkeypatch):
    made_up()
    monkeypatch.setattr("oppnb.runs.spreading._SECONDS_TO_ANSWER", 1)
    with pytest.raises(UsageError, match="No Dask scheduler answers at"):
        run_reports("weekly", workspace=client.file, out=client.out, dask="tcp://127.0.0.1:9")
