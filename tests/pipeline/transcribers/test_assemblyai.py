"""AssemblyAI, through its SDK and over HTTP: what is sent, and what becomes of the answer."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pytest

from config import settings
from pipeline.outcome import ProviderError, Wait
from pipeline.sound.contract import Layout
from pipeline.transcribers import registry
from pipeline.transcribers.assemblyai import AssemblyAI
from tests.pipeline.transcribers.assembled import SECONDS, Memory, account, desk_at, dual
from tests.simulators.assemblyai import CONVERSATION
from tests.simulators.server import Trouble

MB = 1_000_000


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def desk(served, tmp_path):
    return desk_at(served, tmp_path)


@dataclass
class Mailbox:
    answer: bytes | None = None
    opened: list[str] = field(default_factory=list)
    misses: int = 0

    def open(self) -> str:
        self.opened.append(f"https://tv.example/answers/{len(self.opened)}")
        return self.opened[-1]

    def missed(self) -> None:
        self.misses += 1


def shown(transcript):
    return [(one.speaker, one.channel, one.text) for one in transcript.utterances]


def test_each_channel_of_a_dual_recording_is_a_speaker(desk):
    made = desk.finish()
    assert shown(made) == [(f"speaker_{who + 1}", who, text) for who, text in CONVERSATION]
    assert (made.provider, made.speakers_by, made.channels) == ("assemblyai", "channels", ())
    assert (desk.asked()["multichannel"], "speaker_labels" in desk.asked()) == (True, False)
    (upload,) = desk.simulator.uploads.values()
    assert (upload.sha256, upload.channels) == (sha256(dual()).hexdigest(), 2)


@pytest.mark.parametrize("layout", [Layout.MONO, Layout.FALSE_STEREO, Layout.DEAD_CHANNEL, Layout.MIXED])
def test_any_other_recording_gets_its_speakers_by_voice(desk, layout):
    desk.layout = layout
    made = desk.finish()
    assert shown(made) == [(f"speaker_{who + 1}", None, text) for who, text in CONVERSATION]
    assert made.speakers_by == "labels"
    assert (desk.asked()["speaker_labels"], "multichannel" in desk.asked()) == (True, False)
    assert "speakers_expected" not in desk.asked()


def test_a_transcript_says_what_was_heard_with_times_confidence_and_cost(desk):
    made = desk.finish()
    first = made.utterances[0]
    assert (first.words[0].text, first.words[0].start_ms, first.words[0].confidence) == ("Thank", 0, 0.9)
    assert [one.start_ms for one in made.utterances] == sorted(one.start_ms for one in made.utterances)
    assert made.utterances[-1].end_ms <= SECONDS * 1000
    assert (made.language, made.model, made.confidence) == ("en", "universal-3-pro", 0.9)
    assert made.audio_seconds == 19
    assert made.cost_usd == pytest.approx(2 * 0.21 * 19 / 3600, abs=1e-6)
    assert (made.notes, made.asked_again, made.draft) == ((), 0, False)


def test_mono_costs_one_channel_and_its_labels_and_phrases(desk):
    desk.layout, desk.wishes = Layout.MONO, {"keyterms": ("thank you for calling",)}
    assert desk.finish().cost_usd == pytest.approx((0.21 + 0.02 + 0.05) * 19 / 3600, abs=1e-6)


def test_a_job_is_looked_at_until_it_is_done_whatever_its_status_is_called(desk):
    desk.simulator.statuses = ("queued", "polishing")
    outcomes = [desk.look() for _ in range(4)]
    assert [type(outcome) for outcome in outcomes[:3]] == [Wait] * 3
    assert "polishing" in outcomes[2].words
    assert outcomes[3].value.utterances
    assert (desk.submissions(), len(desk.simulator.uploads), len(desk.simulator.paid)) == (1, 1, 1)


def test_no_look_writes_to_the_database_but_the_first(desk):
    desk.look()
    before = desk.memory.commits
    desk.finish()
    assert desk.memory.commits == before == 2


def test_turns_are_made_of_words_where_the_answer_has_none(desk):
    desk.simulator.changes = {"utterances": None}
    made = desk.finish()
    assert " ".join(one.text for one in made.utterances) == " ".join(text for _, text in CONVERSATION)
    assert {one.channel for one in made.utterances} == {0, 1}


@pytest.mark.parametrize(
    "changes",
    [
        {
            "utterances": [
                {"text": "Hello there", "start": 3.5, "end": -1, "speaker": None, "channel": 9, "words": None}
            ]
        },
        {"utterances": None, "words": [{"text": "Hello"}, {"text": None}, {"text": "there", "confidence": 7}]},
    ],
)
def test_an_odd_answer_is_read_as_far_as_it_goes(desk, changes):
    desk.simulator.changes = {**changes, "language_code": None, "speech_model_used": None, "audio_duration": None}
    made = desk.finish()
    assert [one.text for one in made.utterances] == ["Hello there"]
    assert {one.speaker for one in made.utterances} == {"unknown"}
    assert made.notes == ("AssemblyAI did not tell the speakers apart.",)
    assert (made.language, made.model, made.audio_seconds) == ("en", "universal-3-pro", SECONDS)
    assert all(0 <= (word.confidence or 0) <= 1 for one in made.utterances for word in one.words)


def test_channels_as_numbers_are_channels_too(desk):
    said = [{"text": "Hi", "start": 0, "end": 9, "channel": 2}, {"text": "Yes", "start": 9, "end": 20, "channel": 1}]
    desk.simulator.changes = {"utterances": said}
    assert shown(desk.finish()) == [("speaker_2", 1, "Hi"), ("speaker_1", 0, "Yes")]


@pytest.mark.parametrize("speaks", [True, False])
def test_a_transcript_without_words_says_why(desk, speaks):
    desk.simulator.silent, desk.speaks = True, speaks
    made = desk.finish()
    assert made.utterances == ()
    assert made.notes == (
        "There is speech in this recording, but AssemblyAI made out no word."
        if speaks
        else "No speech was heard in this recording.",
    )


def test_where_word_is_brought_the_address_is_given_and_looks_are_rarer(desk):
    waits = [desk.look().seconds]
    desk.memory.facts.clear()
    desk.callback = Mailbox()
    waits.append(desk.look().seconds)
    assert desk.asked()["webhook_url"] == desk.callback.opened[0]
    assert waits[1] > waits[0]
    desk.callback.answer = b'{"transcript_id": "of somebody else", "status": "completed"}'
    assert desk.look().seconds < waits[1]
    assert desk.finish().utterances
    assert (len(desk.callback.opened), desk.callback.misses) == (1, 0)


def test_word_that_does_not_come_is_found_by_looking_and_reported_missing(desk):
    desk.callback = Mailbox()
    assert desk.finish().utterances
    assert desk.callback.misses == 1


def test_a_job_that_was_given_no_address_misses_no_word(desk):
    desk.look()
    desk.callback = Mailbox()
    assert desk.finish().utterances
    assert (desk.callback.opened, desk.callback.misses) == ([], 0)


def test_a_large_recording_is_sent_in_pieces(desk):
    path = desk.folder / "recording"
    with path.open("wb") as file:
        header = bytearray(dual()[:44])
        header[4:8], header[40:44] = ((100 * MB - left).to_bytes(4, "little") for left in (8, 44))
        file.write(header)
        file.truncate(100 * MB)
    code = (
        "import resource, sys; from pathlib import Path; from pipeline.transcribers.assemblyai.client import Client;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; client = Client(*sys.argv[1:3], 20);"
        "before = peak(); client.upload(Path(sys.argv[3])); print(peak() - before)"
    )
    told = [sys.executable, "-c", code, desk.simulator.key, desk.simulator.url, str(path)]
    root = Path(__file__).parents[3]
    grown = subprocess.run(told, check=True, capture_output=True, text=True, cwd=root).stdout
    assert [upload.size for upload in desk.simulator.uploads.values()] == [100 * MB]
    assert int(grown) < 20_000  # kB


def test_many_threads_share_one_account_and_each_gets_its_own(desk):
    desk.simulator.latency_s = 0.01
    desk.simulator.troubles = [Trouble(status=429, headers={"Retry-After": "9"}, path="/v2/upload")]

    def one(number):
        mine = replace(desk, memory=Memory(), folder=desk.folder / str(number), data=dual() + bytes(number))
        mine.folder.mkdir()
        try:
            return mine.finish().utterances, mine.memory.facts["audio_url"], number
        except ProviderError as error:
            return error.retry_after

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(one, range(32)))
    assert found.count(9) == 1
    done = [got for got in found if got != 9]
    assert all(shown_as_said(utterances) for utterances, _, _ in done)
    assert {number: desk.simulator.uploads[address].size - len(dual()) for _, address, number in done} == {
        number: number for _, _, number in done
    }
    assert len(desk.simulator.paid) == 31


def shown_as_said(utterances):
    return [one.text for one in utterances] == [text for _, text in CONVERSATION]


def test_the_deployments_account_is_used(desk, monkeypatch):
    monkeypatch.setenv("ASSEMBLYAI_API_KEY", desk.simulator.key)
    monkeypatch.setenv("ASSEMBLYAI_BASE_URL", desk.simulator.url)
    monkeypatch.setenv("TOTALVIEW_POLL_SECONDS", "7")
    settings.cache_clear()
    made = registry.transcriber("assemblyai")
    assert isinstance(made, AssemblyAI)
    assert desk.simulator.key not in repr(made)
    assert made.transcribe(desk.order()).seconds == pytest.approx(7)
    assert desk.simulator.requests("/v2/upload")[0].headers["authorization"] == desk.simulator.key
