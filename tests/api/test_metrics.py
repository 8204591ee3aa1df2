"""/metrics: who may read it, what it says, and what it says when parts are away."""

import re
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api import alone, metrics
from config import settings
from dashboard.door.gate import Gate
from jobs import enqueue
from jobs import metrics as figures
from jobs.connection import connect
from jobs.stuck import What
from records import db, outages, sessions
from records.db import now
from records.roles import Role
from records.sftp_state import SftpState
from records.statuses import CallStatus
from tests.installation import installed, until
from tests.records.finished import add_version, finished_call
from tests.records.made import person, stored_call
from tests.test_docs import table

TOKEN = "a-token-of-enough-characters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def site(home, monkeypatch) -> TestClient:
    monkeypatch.setenv("TOTALVIEW_METRICS_TOKEN", TOKEN)
    monkeypatch.setattr(figures, "KEPT_S", -1.0)
    settings.cache_clear()
    return TestClient(Starlette(routes=[metrics.route()], middleware=[Middleware(Gate)]))


def signed_in(site: TestClient, role: Role) -> TestClient:
    with db.writing() as session:
        site.cookies.set("tv_session", sessions.start(session, person(session, role)))
    return site


def read(site: TestClient) -> dict[tuple[str, str], float]:
    """(name, value of its one or two labels) -> figure."""
    answer = site.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {(sample.name, " ".join(sample.labels.values())): sample.value for sample in samples}


def test_with_the_token_it_is_read(site):
    answer = site.get("/metrics", headers=BEARER)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("given", ["", f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", TOKEN, "Bearer \xe9"])
def test_without_it_nobody_reads_it(site, given):
    answer = site.get("/metrics", headers={"Authorization": given.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "totalview_" not in answer.text


@pytest.mark.parametrize("role", Role)
def test_those_who_may_see_the_system_read_it_and_no_others(site, role):
    may = role in {Role.OWNER, Role.SENIOR_MANAGER}
    assert signed_in(site, role).get("/metrics").status_code == (200 if may else 401)


def test_no_token_set_lets_no_token_in(site, monkeypatch):
    monkeypatch.delenv("TOTALVIEW_METRICS_TOKEN")
    settings.cache_clear()
    assert site.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    assert site.get("/metrics", headers=BEARER).status_code == 401


def test_the_api_alone_has_it_too(site):
    assert TestClient(alone.app()).get("/metrics", headers=BEARER).status_code == 200
    assert TestClient(alone.app()).get("/metrics").status_code == 401


def test_streamlits_own_figures_are_nobodys(site):
    assert signed_in(site, Role.OWNER).get("/_stcore/metrics").status_code == 404


def test_names_say_whose_they_are_and_their_unit_and_no_label_is_a_customers(site, campaign):
    with db.writing() as session:
        finished_call(session, campaign, filename="secret name.wav")
        outages.failed(session, "claude", 1)
    with installed(settings().folder):
        text = site.get("/metrics", headers=BEARER).text
    for family in text_string_to_metric_families(text):
        assert re.match(r"(totalview|process)_[a-z_]+$", family.name)
        assert family.documentation
        assert "age" not in family.name.split("_") or family.name.endswith("_seconds")
        labels = {name for sample in family.samples for name in sample.labels}
        assert labels <= {"status", "code", "stage", "state", "queue", "provider", "part", "what", "le"}
    assert "secret name" not in text
    assert campaign.slug not in text


def test_what_it_says_of_calls_providers_and_this_process(site, campaign):
    with db.writing() as session:
        finished_call(session, campaign)
        stored_call(session, campaign)
        for run_id in (1, 1, 2):
            outages.failed(session, "claude", run_id)
        outages.pause(session, "deepgram", "No credit.", seconds=60)
    said = read(site)
    assert (said["totalview_calls", "completed"], said["totalview_calls", "failed"]) == (1, 0)
    assert (said["totalview_provider_errors_total", "claude"], said["totalview_provider_errors_total", "local"]) == (
        3,
        0,
    )
    assert (said["totalview_provider_paused", "deepgram"], said["totalview_provider_paused", "claude"]) == (1, 0)
    assert said["totalview_part_up", "database"] == 1
    assert said["process_resident_memory_bytes", ""] > 1e6
    assert said["process_cpu_seconds_total", ""] > 0


def test_without_redis_it_says_so_and_the_rest(site):
    said = read(site)
    assert (said["totalview_part_up", "queue"], said["totalview_part_up", "database"]) == (0, 1)
    assert not [name for name, _ in said if name.startswith("totalview_queue")]


def test_without_the_database_it_says_so_and_the_rest(site, monkeypatch):
    def away(_session):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(figures.census, "take", away)
    said = read(site)
    assert (said["totalview_part_up", "queue"], said["totalview_part_up", "database"]) == (0, 0)
    assert ("totalview_calls", "completed") not in said
    assert said["process_cpu_seconds_total", ""] > 0


def test_queues_and_how_long_the_first_in_line_waits(site):
    with installed(settings().folder) as installation:
        job = enqueue.Queue("analysis", connection=connect()).enqueue("jobs.tasks.look", 1, 1)
        job.enqueued_at -= timedelta(minutes=5)
        job.save()
        said = read(site)
        assert said["totalview_queue_jobs", "analysis waiting"] == 1
        assert 300 <= said["totalview_queue_oldest_job_age_seconds", "analysis"] < 400
        assert said["totalview_queue_oldest_job_age_seconds", "transcription"] == 0
        assert (said["totalview_part_up", "queue"], said["totalview_workers", ""]) == (1, 0)
        assert ("totalview_scheduler_heard_age_seconds", "") not in said
        installation.totalview("scheduler")
        until(lambda: ("totalview_scheduler_heard_age_seconds", "") in read(site), "the scheduler is heard of")


def test_stage_seconds_count_each_new_result_once_and_none_from_before(site, campaign):
    long_ago = now() - timedelta(minutes=1)
    with db.writing() as session:
        call = finished_call(session, campaign)
        add_version(session, call, stage_seconds={"transcription": 7.0}, created_at=long_ago)
    assert read(site)["totalview_stage_seconds_count", "transcription"] == 0
    with db.writing() as session:
        add_version(session, call, stage_seconds={"transcription": 7.0, "analysis": 0.5}, created_at=long_ago)
        add_version(session, call, stage_seconds={"analysis": 4.0}, created_at=long_ago)
        add_version(session, call, stage_seconds={"analysis": 9.0})  # so new that one before it may still be coming
    for _ in range(2):
        said = read(site)
        assert (
            said["totalview_stage_seconds_count", "transcription"],
            said["totalview_stage_seconds_sum", "analysis"],
        ) == (
            1,
            4.5,
        )
        assert said["totalview_stage_seconds_bucket", "1.0 analysis"] == 1


def test_a_look_serves_all_who_ask_within_some_seconds(site, monkeypatch):
    monkeypatch.setattr(figures, "KEPT_S", 600.0)
    looks = []
    monkeypatch.setattr(figures.overview, "look", lambda: looks.append(1) or figures.overview.Overview((), (), ()))
    assert len({site.get("/metrics", headers=BEARER).text for _ in range(3)}) == 1
    assert len(looks) == 1


def test_every_figure_is_in_the_docs_with_its_labels(site, campaign):
    with db.writing() as session:
        stored_call(session, campaign, status=CallStatus.FAILED, error_code="provider")
        session.add(SftpState(ended_at=now()))
    with installed(settings().folder) as installation:
        installation.totalview("scheduler")
        until(lambda: ("totalview_scheduler_heard_age_seconds", "") in read(site), "the scheduler is heard of")
        text = site.get("/metrics", headers=BEARER).text
    told = {}
    for family in text_string_to_metric_families(text):
        if family.name.startswith("totalview_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            told[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    rows = table("observability.md", "Figure")
    assert {name.strip("`"): {label for label in labels.split(", ") if label} for name, labels, _ in rows} == told


def test_every_kind_of_stuck_is_in_the_docs():
    assert {cells[0].strip("`") for cells in table("observability.md", "What")} == set(What)
