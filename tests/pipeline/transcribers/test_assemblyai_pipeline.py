"""A recording's whole way, transcribed by AssemblyAI."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlmodel import col, select, update

from config import settings
from pipeline import callbacks, children, line, reruns, rescue
from pipeline.asking import first_look
from pipeline.conductor import step
from pipeline.outcome import Again
from pipeline.transcribers.assemblyai.job import Job
from pipeline.transcribers.contract import Transcript
from records import db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.results import StoredTranscript
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pipeline.arriving import here, receive
from tests.pipeline.remote import time_to_try
from tests.pipeline.staging import Killed, call_of, die_in, drive, expire, fails, results, run_of, versions
from tests.pipeline.transcribers.assembled import account, desk_at, dual, mono
from tests.simulators.server import Trouble


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def simulator(served, campaign, tmp_path, monkeypatch):
    """The account of this deployment, whose calls all go there."""
    monkeypatch.setattr(children, "run", here)
    monkeypatch.setenv("ASSEMBLYAI_API_KEY", "sk-simulated")
    monkeypatch.setenv("ASSEMBLYAI_BASE_URL", served.url)
    monkeypatch.setenv("TOTALVIEW_POLL_SECONDS", "0.01")
    monkeypatch.setenv("TOTALVIEW_RETRY_SECONDS", "0.01")
    settings.cache_clear()
    return desk_at(served, tmp_path).simulator


def enter(recording: bytes) -> Again:
    asked: list[Run] = []
    receive(recording, ask=lambda _call, run: asked.append(run))
    return first_look(asked[0])


def transcript_of(look: Again) -> Transcript:
    with db.reading() as session:
        wanted = select(StoredTranscript).where(col(StoredTranscript.call_id) == call_of(look.run_id).id)
        return Transcript.model_validate(session.exec(wanted).one().content)


def who_said(look: Again) -> list[tuple[str, str]]:
    return [(one.speaker, one.text.split(",")[0]) for one in transcript_of(look).utterances]


SAID = [
    ("agent", "Thank you for calling"),
    ("customer", "Hello"),
    ("agent", "Certainly"),
    ("customer", "Thank you."),
]


@pytest.mark.parametrize(("recording", "channels"), [(dual, ("agent", "customer")), (mono, ())])
def test_a_call_is_transcribed_checked_and_scored(simulator, recording, channels):
    look = enter(recording())
    assert len(drive(look)) > 3
    call = call_of(look.run_id)
    assert (call.status, call.version_number) == (CallStatus.COMPLETED, 1)
    assert who_said(look) == SAID
    assert transcript_of(look).channels == channels
    assert [result.verdict for result in results(look.run_id)][:2] == ["pass", "fail"]
    (version,) = versions(call)
    assert (run_of(look.run_id).transcriber, len(simulator.paid)) == ("assemblyai", 1)
    assert version.number == 1


def test_checks_phrases_are_what_it_listens_for(simulator):
    drive(enter(mono()))
    assert simulator.jobs[0].request["keyterms_prompt"] == ["thank you for calling", "call may be recorded"]


def test_a_campaign_that_redacts_stores_no_name(simulator):
    simulator.leaks = True
    with db.writing() as session:
        session.exec(update(Campaign).values(redact=True))
    look = enter(dual())
    drive(look)
    stored = transcript_of(look).model_dump_json()
    assert ("Smith" in stored, "[PERSON_NAME]" in stored) == (False, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"id": "t1"}', "status cannot be read (Field required)"),
        (b'{"id": "t1", "status": "completed", "words": [{"text": ["Smith"]}]}', "words.0.text cannot be read"),
        (b"<html>Smith</html>", "its body cannot be read (Invalid JSON"),
    ],
)
def test_answers_of_another_form_fail_the_call_in_words_and_are_paid_once(simulator, caplog, body, words):
    look = enter(mono())
    look = step(look.run_id, look.ticket)
    simulator.troubles = [Trouble(200, body, path="/v2/transcript/") for _ in range(settings().max_attempts)]
    said = fails(look)
    assert said == call_of(look.run_id).error
    assert words in said
    assert said.startswith("AssemblyAI did not answer in full")
    assert "Smith" not in said + caplog.text
    _call, run = reruns.rerun(COMMAND_LINE, call_of(look.run_id).id, RunReason.RERUN_TRANSCRIPTION)
    assert len(simulator.paid) == 1
    drive(first_look(run))
    assert call_of(look.run_id).status is CallStatus.COMPLETED


@pytest.mark.parametrize("moment", ["uploaded", "submitted"])
def test_a_worker_that_dies_there_costs_nothing_and_loses_nothing(simulator, monkeypatch, moment):
    look = enter(dual())
    with monkeypatch.context() as patch:
        patch.setattr(Job, moment, lambda *_args, **_more: (_ for _ in ()).throw(Killed))
        die_in(look)
    expire(look.run_id)
    (again,) = rescue.rescue([])
    drive(again)
    call = call_of(look.run_id)
    assert (call.status, len(versions(call)), len(simulator.paid)) == (CallStatus.COMPLETED, 1, 1)
    assert transcript_of(look).asked_again == 0


def test_a_recording_that_it_cannot_read_fails_at_once_in_its_words(simulator):
    simulator.fails_with = "Transcoding failed. File type is audio/x-wav."
    look = enter(dual())
    words = fails(look)
    assert words.startswith("AssemblyAI cannot transcribe this recording: Transcoding failed. File type is")
    assert (call_of(look.run_id).status, len(simulator.jobs)) == (CallStatus.FAILED, 1)


def test_a_refused_key_leaves_the_call_waiting_and_the_right_one_completes_it(simulator):
    right, simulator.key = simulator.key, "sk-another"
    look = enter(dual())
    assert step(look.run_id, look.ticket) is None
    assert "refuses the key" in run_of(look.run_id).waiting_for
    assert call_of(look.run_id).status is not CallStatus.FAILED
    assert simulator.paid == []
    simulator.key = right
    with time_to_try():
        (called,) = line.call_up()
    drive(called)
    assert (call_of(look.run_id).status, len(simulator.paid)) == (CallStatus.COMPLETED, 1)


def test_word_that_it_is_done_has_the_call_looked_at_at_once(simulator, monkeypatch):
    simulator.statuses, simulator.takes_s = (), 0.3
    with listening() as (address, come):
        monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", address)
        settings.cache_clear()
        look = enter(dual())
        waiting = step(look.run_id, look.ticket)
        assert waiting is not None
        assert come.wait(60)
    told = run_of(look.run_id)
    assert told.ticket > waiting.ticket
    drive(Again(told.id, told.ticket, told.stage))
    assert call_of(look.run_id).status is CallStatus.COMPLETED
    assert simulator.jobs[0].looks == 1


@contextmanager
def listening() -> Iterator[tuple[str, threading.Event]]:
    """A public address at which answers are taken in; the event is set by the first."""
    come = threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            run_id, secret = self.path.rsplit("/", 2)[1:]
            kept, _ = callbacks.bring(int(run_id), secret, body)
            self.send_response(204 if kept else 404)
            self.end_headers()
            if kept and json.loads(body)["status"] == "completed":
                come.set()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", come
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
