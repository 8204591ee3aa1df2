"""The figures of the installation as Prometheus reads them: from the database, from Redis, and of this very process.

What the database and Redis say is true of the whole installation, whichever process is asked; it is looked up
anew after some seconds. No label names a customer's anything: no call, campaign, agent or file.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import takewhile
from threading import Lock
from time import monotonic

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from jobs import overview, stuck
from jobs.health import Trouble
from jobs.overview import Overview
from jobs.stuck import What
from pipeline import standing
from pipeline.asking import POSTS
from pipeline.standing import Standing
from records import census
from records.census import Census, RunState
from records.db import now, reading

disable_created_metrics()  # type: ignore[no-untyped-call]  # a figure more beside each, which nobody asked for

KEPT_S = 5.0  # two Prometheus servers, or a person who reloads, cost one look
SETTLED_S = 5.0  # versions get their numbers before they are committed: a lower number may come after a higher one
AT_ONCE = 5_000  # results read in one look; more are read in the next
STAGE_BUCKETS_S = (1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1800, 3600)
TIMED = tuple(POSTS)[:-1]  # the last one stores the seconds of those before it


class Metrics(Collector):
    """One a process. Counts results from its first look on, as a counter does that has just been started."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        words = (
            "How long stages took, waiting for providers included, in the results since this process was first asked."
        )
        self._stages = Histogram(
            "totalview_stage_seconds", words, ["stage"], registry=self._registry, buckets=STAGE_BUCKETS_S
        )
        for stage in TIMED:
            self._stages.labels(stage)
        self._seen: int | None = None  # the newest version that was counted
        self._lock = Lock()
        self._text, self._text_at = b"", float("-inf")

    def text(self) -> bytes:
        """All figures in Prometheus's text format. What is away is left out; `totalview_part_up` says so."""
        with self._lock:
            if monotonic() - self._text_at > KEPT_S:
                self._text, self._text_at = generate_latest(self._registry), monotonic()
            return self._text

    def collect(self) -> Iterator[Metric]:
        """The installation's figures, looked up now."""
        up, queues = {"database": True, "queue": True}, None
        try:
            queues = overview.look()
            yield from _of_queues(queues)
        except Trouble:
            up["queue"] = False
        try:
            with reading() as session:
                self._time_new_results(session)
                yield from _of_database(census.take(session), standing.all_of(session))
            kinds = {one.what for one in stuck.look(queues)}
            told = {what.value: what in kinds for what in What}
            yield _gauge("stuck", "1 where something is stuck; the System page has the words.", "what", told)
        except SQLAlchemyError:
            up["database"] = False
        yield _gauge("part_up", "1 where the part answers.", "part", up)

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is depends on what answers."""
        return ()

    def _time_new_results(self, session: Session) -> None:
        if self._seen is None:
            self._seen = census.newest_result(session)
        new = census.results_after(session, self._seen, AT_ONCE)
        for number, _, seconds in takewhile(lambda result: _age_s(result[1]) > SETTLED_S, new):
            self._seen = number
            for stage in TIMED:
                if stage in seconds:
                    self._stages.labels(stage).observe(seconds[stage])


def _of_database(found: Census, providers: list[Standing]) -> Iterator[Metric]:
    yield _gauge("calls", "Calls, by status.", "status", found.calls)
    yield _gauge("calls_failed_last_day", "Calls that came in within 24 hours and are Failed.", "code", found.failed)
    yield _runs(found)
    yield from _of_providers(found, providers)
    yield _gauge("webhook_deliveries", "Webhook deliveries that were not taken.", "state", found.deliveries)
    late = "For how long the first webhook delivery that is due waits; 0: none is due."
    yield _gauge("webhook_oldest_due_age_seconds", late, value=_age_s(found.delivery_due))
    yield _gauge("sftp_files", "Files seen on the SFTP server, by their verdicts.", "status", found.sftp_files)
    if found.sftp.ended_at:
        ago = "How long ago the last whole sweep of the SFTP server ended."
        yield _gauge("sftp_last_sweep_age_seconds", ago, value=_age_s(found.sftp.ended_at))
    yield _gauge("uploads", "Resumable uploads under way.", value=found.uploads)
    yield _gauge("database_bytes", "Size of the database.", value=found.database_bytes)


def _runs(found: Census) -> Metric:
    family = GaugeMetricFamily("totalview_runs", "Unfinished runs: what they are doing.", labels=["stage", "state"])
    for stage in POSTS:
        for state in RunState:
            family.add_metric([stage, state], found.runs.get((stage, state), 0))
    return family


def _of_providers(found: Census, providers: list[Standing]) -> Iterator[Metric]:
    errors = CounterMetricFamily(
        "totalview_provider_errors", "Tries that a provider failed, ever.", labels=["provider"]
    )
    for each in providers:
        errors.add_metric([each.name], found.failures.get(each.name, 0))
    yield errors
    paused = {each.name: each.paused_since is not None for each in providers}
    yield _gauge("provider_paused", "1 during an outage of the provider.", "provider", paused)
    held = {each.name: each.there for each in providers}
    yield _gauge("provider_calls", "Calls that are with the provider.", "provider", held)
    places = {each.name: each.places for each in providers}
    yield _gauge("provider_places", "Calls that may be with the provider at once.", "provider", places)
    waiting = {each.name: each.waiting for each in providers}
    yield _gauge("provider_waiting_calls", "Calls in line for the provider.", "provider", waiting)


def _of_queues(found: Overview) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("totalview_queue_jobs", "Jobs, by queue.", labels=["queue", "state"])
    for queue in found.queues:
        for state in ("waiting", "working", "later", "failed"):
            jobs.add_metric([queue.name, state], getattr(queue, state))
    yield jobs
    oldest = {queue.name: _age_s(queue.oldest) for queue in found.queues}
    yield _gauge("queue_oldest_job_age_seconds", "For how long the first in line waits; 0: none.", "queue", oldest)
    threads = {queue.name: queue.threads for queue in found.queues}
    yield _gauge("queue_threads", "Threads that take jobs from the queue, over all workers.", "queue", threads)
    yield _gauge("workers", "Worker processes that were heard of lately.", value=len(found.workers))
    if found.clocks:
        heard = "How long ago a scheduler was last heard of; absent: none is running."
        yield _gauge("scheduler_heard_age_seconds", heard, value=_age_s(max(found.clocks)))


def _gauge(
    name: str, words: str, label: str = "", values: Mapping[str, float] | None = None, *, value: float = 0
) -> Metric:
    family = GaugeMetricFamily(f"totalview_{name}", words, labels=[label] if label else [])
    for each, number in (values or {}).items():
        family.add_metric([each], float(number))
    if not label:
        family.add_metric([], value)
    return family


def _age_s(moment: datetime | None) -> float:
    """Seconds since then; 0 for never."""
    return max((now() - moment).total_seconds(), 0.0) if moment else 0.0
