"""Do many jobs at once: in threads of this process, or on the workers of a Dask scheduler."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from oppnb.errors import ExtraMissingError, UsageError
from oppnb.runs.jobs import Order, run_job
from oppnb.runs.plan import Job
from oppnb.runs.watching import News, Watch, watching

__all__ = ["spread"]

_SECONDS_TO_ANSWER = 30
Records = Iterator[dict[str, Any]]


def spread(
    jobs: Sequence[Job],
    order: Order,
    *,
    dask: str | None = None,
    workers: int | None = None,
    news: News | None = None,
) -> Records:
    """Do jobs and give their records as they end; `news` hears of those that take their time, if they are made here.

    Threads, not processes: kernels that several processes start race for ports.

    Raises
    ------
    ExtraMissingError
        If `dask` is given and the extra is not installed.
    UsageError
        If the scheduler does not answer.
    """
    if not jobs:
        return iter(())
    return _on_dask(jobs, order, dask) if dask else _in_threads(jobs, order, workers, news)


def _in_threads(jobs: Sequence[Job], order: Order, workers: int | None, news: News | None) -> Records:
    with warnings.catch_warnings(), watching(news, len(jobs)) as watch:
        warnings.simplefilter("ignore", DeprecationWarning)  # threads put each other's filters back
        pool = ThreadPoolExecutor(max_workers=workers or _cores(), thread_name_prefix="oppnb-run")
        try:
            futures: Iterable[Future[dict[str, Any]]] = [pool.submit(_watched, job, order, watch) for job in jobs]
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _watched(job: Job, order: Order, watch: Watch | None) -> dict[str, Any]:
    if watch is None:
        return run_job(job, order)
    with watch.at(job) as progress:
        return run_job(job, order, progress=progress)


def _cores() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _on_dask(jobs: Sequence[Job], order: Order, address: str) -> Records:
    try:
        import joblib
        from distributed import Client
    except ImportError as error:
        raise ExtraMissingError.for_extra("dask", what="Spreading reports over machines") from error
    try:
        client = Client(address, timeout=_SECONDS_TO_ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"No Dask scheduler answers at '{address}' within {_SECONDS_TO_ANSWER} seconds.") from error
    with client, joblib.parallel_config(backend="dask", client=client):
        made = joblib.Parallel(return_as="generator_unordered", batch_size=1)(
            joblib.delayed(run_job)(job, order) for job in jobs
        )
        yield from made
