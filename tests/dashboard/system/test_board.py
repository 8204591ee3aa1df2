"""The queues' own dashboard: who gets in, what it may do, and that words from outside are no HTML there."""

import re

import pytest
from redis.exceptions import RedisError
from rq import Queue
from rq.results import Result
from sqlmodel import select

from dashboard.system import board
from jobs.connection import connect
from records import db
from records.audit import AuditEntry
from records.roles import Role
from tests.dashboard.conftest import Visitor
from tests.installation import installed
from tests.records.made import person

NASTY = "Boom <img src=x onerror=alert(1)>"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def redis(home):
    with installed(home):
        yield
    board._board.cache_clear()  # each test has a Redis of its own


@pytest.fixture
def owner(home):
    return somebody(Role.OWNER)


def somebody(role: Role):
    with db.writing() as session:
        return person(session, role)


def failed_job() -> str:
    queue = Queue("transcription", connection=connect())
    job = queue.enqueue("jobs.tasks.look", 1, 1, job_id="run-1-1")
    queue.remove(job.id)
    queue.failed_job_registry.add(job, ttl=100)
    Result.create_failure(job, ttl=100, exc_string=NASTY)
    return job.id


def acts() -> list[tuple[str, str, str]]:
    with db.reading() as session:
        return [(entry.act, entry.subject, entry.by) for entry in session.exec(select(AuditEntry))]


@pytest.mark.parametrize("role", [Role.OWNER, Role.SENIOR_MANAGER])
def test_those_who_see_the_system_see_every_page_of_it(visitor: Visitor, role):
    client, job = visitor(somebody(role)), failed_job()
    for page in ("", "0/view/workers", "0/view/jobs", f"0/view/job/{job}", "0/data/queues.json", "static/css/main.css"):
        assert client.get(f"/queues/{page}").status_code == 200, page
    assert "RQ-dashboard" in client.get("/queues/").text
    assert client.get("/queues/0/data/queues.json").json()["queues"][0]["failed_job_registry_count"] == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER, Role.COMPLIANCE_OFFICER])
def test_for_everybody_else_there_is_no_such_page(visitor: Visitor, role):
    client, job = visitor(somebody(role)), failed_job()
    for page in ("/queues/", "/queues/0/data/queues.json", "/queues/static/css/main.css"):
        assert client.get(page).status_code == 404
    assert client.post(f"/queues/job/{job}/requeue", headers=HERE).status_code == 404
    assert acts() == []


def test_a_stranger_is_sent_to_sign_in(visitor: Visitor):
    assert visitor().get("/queues/").headers["location"] == "/login?next=%2Fqueues%2F"
    assert visitor().post("/queues/job/x/requeue", headers=HERE).status_code == 401


def test_a_requeue_puts_the_job_back_and_is_in_the_audit_log(visitor: Visitor, owner):
    job = failed_job()
    answer = visitor(owner).post(f"/queues/job/{job}/requeue", headers=HERE)
    assert answer.json() == {"status": "OK"}
    assert Queue("transcription", connection=connect()).get_job_ids() == [job]
    assert acts() == [("job.requeue", job, owner.email)]


def test_all_of_a_queue_can_be_requeued_but_by_the_button_alone(visitor: Visitor, owner):
    failed_job()
    client = visitor(owner)
    assert client.get("/queues/requeue/transcription", headers=HERE).status_code == 405
    assert acts() == []
    assert client.post("/queues/requeue/transcription", headers=HERE).json() == {"status": "OK", "count": 1}
    assert acts() == [("job.requeue_all", "transcription", owner.email)]


def test_another_site_s_form_does_nothing(visitor: Visitor, owner):
    job = failed_job()
    answer = visitor(owner).post(f"/queues/job/{job}/requeue", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, acts()) == (403, [])
    assert Queue("transcription", connection=connect()).get_job_ids() == []


def test_no_job_is_deleted_there(visitor: Visitor, owner):
    job = failed_job()
    client = visitor(owner)
    client.post(f"/queues/job/{job}/delete", headers=HERE)
    client.post("/queues/queue/transcription/failed/empty", headers=HERE)
    assert Queue("transcription", connection=connect()).failed_job_registry.get_job_ids() == [job]


def test_only_its_own_scripts_run_and_an_error_s_words_are_no_html(visitor: Visitor, owner):
    client, job = visitor(owner), failed_job()
    page = client.get(f"/queues/0/view/job/{job}")
    (mark,) = set(re.findall(r'<script nonce="([^"]+)"', page.text))
    assert f"script-src 'nonce-{mark}' 'unsafe-eval';" in page.headers["content-security-policy"]
    assert len(re.findall("<script", page.text)) == len(re.findall("<script nonce=", page.text)) > 3
    assert client.get(f"/queues/0/view/job/{job}").text.count(mark) == 0, "each page has a mark of its own"
    assert client.get(f"/queues/0/data/job/{job}.json").json()["exc_info"] == NASTY.replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_a_job_that_is_gone_is_a_sentence(visitor: Visitor, owner):
    answer = visitor(owner).get("/queues/0/data/job/none.json")
    assert (answer.status_code, answer.text) == (404, "This job is not in the queues any more.")


def test_redis_being_away_is_a_sentence(visitor: Visitor, owner, monkeypatch):
    client = visitor(owner)

    def away():
        raise RedisError("away")

    monkeypatch.setattr("rq_dashboard.web.Queue.all", lambda **_: away())
    answer = client.get("/queues/0/data/queues.json")
    assert (answer.status_code, answer.text) == (503, "Redis does not answer. Try again in a minute.")
