"""A call's whole way with Deepgram, directly and by a callback, and a recording too large for memory."""

import subprocess
import sys
import threading
import wave
from pathlib import Path

import pytest
from sqlmodel import select, update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config import settings
from pipeline import callbacks, children
from pipeline.asking import first_look
from pipeline.conductor import step
from records import db
from records.campaigns import Campaign
from records.results import StoredTranscript
from records.statuses import CallStatus
from tests.audio import encode, speech
from tests.pipeline.arriving import here, receive
from tests.pipeline.staging import call_of, drive, run_of, versions
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import Simulator, serving


class Door(Simulator):
    """The address at which providers reach us."""

    def __init__(self):
        super().__init__()
        self.came = threading.Event()

    def routes(self):
        path = f"{callbacks.PATH}/{{run_id:int}}/{{secret}}"
        return [Route(path, self.handled(self._bring), methods=["POST"])]

    def refuses(self, request: Request) -> Response | None:  # noqa: ARG002  anybody may bring
        return None

    async def _bring(self, request: Request) -> Response:
        kept, _ = callbacks.bring(request.path_params["run_id"], request.path_params["secret"], await request.body())
        self.came.set()
        return Response(status_code=204 if kept else 404)


@pytest.fixture
def simulated(monkeypatch):
    monkeypatch.setattr(children, "run", here)
    with serving(Deepgram()) as simulator:
        monkeypatch.setenv("DEEPGRAM_API_KEY", simulator.key)
        monkeypatch.setenv("DEEPGRAM_BASE_URL", simulator.url)
        settings.cache_clear()
        yield simulator


def enter():
    """A call of two channels that has just come in."""
    with db.writing() as session:
        session.exec(update(Campaign).values(transcriber="deepgram"))
    asked = []
    samples, rate, _ = speech()
    receive(encode(samples, rate, "wav"), ask=lambda _call, run: asked.append(run))
    return first_look(asked[0])


def stored():
    with db.reading() as session:
        return session.exec(select(StoredTranscript)).one().content


def test_a_two_channel_call_is_transcribed_judged_and_scored(simulated, campaign):
    again = enter()
    drive(again)
    assert call_of(again.run_id).status is CallStatus.COMPLETED
    made = stored()
    assert made["channels"] == ["agent", "customer"]
    assert [one["speaker"] for one in made["utterances"]] == ["agent", "customer"] * 2
    assert (made["provider"], made["asked_again"], len(simulated.paid)) == ("deepgram", 0, 1)
    (version,) = versions(call_of(again.run_id))
    assert version.cost_usd == pytest.approx(made["cost_usd"])


def test_an_answer_that_is_brought_to_the_public_address_is_transcribed(simulated, campaign, monkeypatch):
    with serving(Door()) as door:
        monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", door.url)
        settings.cache_clear()
        again = enter()
        waiting = step(again.run_id, again.ticket)
        assert waiting.seconds > 1
        assert door.came.wait(60)
        run = run_of(again.run_id)
        drive(first_look(run))
    assert call_of(again.run_id).status is CallStatus.COMPLETED
    assert stored()["asked_again"] == 0
    assert len(simulated.paid) == len(simulated.seen) == 1


LARGE_S, RATE = 570, 48_000
SENDING = """
import resource, sys
from pathlib import Path
from pipeline.sound.contract import Layout
from tests.pipeline.transcribers.deepgram_calls import Remembering, order, sound, wav
from pipeline.transcribers.deepgram import Deepgram
from pipeline.transcribers.deepgram.client import Reach
from contextlib import nullcontext
from dataclasses import replace
key, url, folder, large, seconds = sys.argv[1:]
ours = Deepgram(Reach(key, url))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
ours.transcribe(order(Path(folder)))
before = peak()
big = order(Path(folder), b"x", heard=sound(seconds=float(seconds)))
big = replace(big, recording=lambda: nullcontext(Path(large)))
assert ours.transcribe(big).value.audio_seconds == float(seconds)
print(peak() - before)
"""


def test_a_large_recording_is_streamed(simulated, tmp_path):
    """Its size is more than ten times what the process may grow by, in MiB."""
    large = tmp_path / "large.wav"
    with wave.open(str(large), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(LARGE_S):
            file.writeframes(bytes(4 * RATE))
    assert large.stat().st_size > 100 << 20
    how = [sys.executable, "-c", SENDING, simulated.key, simulated.url, str(tmp_path), str(large), str(LARGE_S)]
    done = subprocess.run(how, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert int(done.stdout) < 10
