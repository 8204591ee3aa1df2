"""The main job, as a script runs it: real speech in every common format, and files that are no recordings."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.audio import DATA, FORMATS, encode, film, speech
from tests.broken_audio import cut
from tests.house_rules import ROOT

KEYS = ["file", "call_id", "status", "score", "flagged", "flag_reasons", "duration_s", "transcript", "checks", "error"]
EVERYDAY = [
    "wav", "wav_24bit", "wav_mulaw", "wav_alaw", "mp3", "mp3_vbr_bare", "m4a", "opus", "vorbis", "flac", "wma", "amr",
    "webm", "mp4_video",
]  # fmt: skip


def samples(seconds: int = 5):
    """The beginning of the spoken call, at 16 kHz."""
    return speech().samples[:, : 16_000 * seconds]


def lines(told: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.fixture
def recording(tmp_path):
    """A spoken greeting, under a name that says nothing."""
    path = tmp_path / "recording"
    path.write_bytes(encode(samples(), 16_000, "wav"))
    return path


@pytest.mark.long
def test_real_speech_in_every_common_format_is_completed(totalview, tmp_path):
    recordings = [DATA / "gsm.wav", *(tmp_path / f"recording {number}" for number in range(len(EVERYDAY)))]
    for name, path in zip(EVERYDAY, recordings[1:], strict=True):
        path.write_bytes(encode(samples(2), 16_000, name))
    told = totalview("process", "--json", "--wait", *recordings)
    outcomes = lines(told)
    assert [outcome["file"] for outcome in outcomes] == [str(path) for path in recordings]
    for outcome in outcomes:
        assert list(outcome) == KEYS
        assert (outcome["status"], outcome["error"]) == ("completed", None), outcome
        assert outcome["transcript"], outcome["file"]
        assert {check["kind"] for check in outcome["checks"]} == {"phrase", "metric", "ai"}
        assert outcome["flagged"] == bool(outcome["flag_reasons"])
    assert told.returncode == 0


@pytest.mark.long
def test_a_two_channel_recording_says_who_speaks(totalview, tmp_path):
    samples, rate, turns = speech()
    path = tmp_path / "call.wav"
    path.write_bytes(encode(samples, rate, "wav"))
    [outcome] = lines(totalview("process", "--json", path))
    agent = " ".join(turn["text"].lower() for turn in outcome["transcript"] if turn["speaker"] == "agent")
    assert "thank you for calling" in agent
    assert {turn["speaker"] for turn in outcome["transcript"]} == {"agent", "customer"}
    assert len(turns) > 2


def test_what_is_no_recording_is_refused_in_words_and_the_others_go_on(totalview, tmp_path, recording):
    bad = {
        "empty.wav": (b"", "is empty"),
        "notes.mp3": (b"Dear customer,\n" * 50, "text"),
        "cut.wav": (cut(encode(samples(), 16_000), 0.5), "cut short"),
        "silent film.mp4": (film(), "no audio track"),
    }
    paths = []
    for name, (content, _) in bad.items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    told = totalview("process", "--json", "--wait", *paths, tmp_path / "nowhere.wav", tmp_path, recording)
    outcomes = lines(told)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    for outcome, (_, words) in zip(outcomes, bad.values(), strict=False):
        assert outcome["call_id"] is None
        assert outcome["status"] == "failed"
        assert words in outcome["error"], outcome
    assert "No such file" in outcomes[4]["error"]
    assert "folder" in outcomes[5]["error"]
    assert outcomes[6]["status"] == "completed"
    stored = [path for path in (tmp_path / "data" / "storage").rglob("*") if path.is_file()]
    assert len(stored) == 1


@pytest.mark.long
def test_a_cut_recording_is_taken_when_that_is_wished(totalview, tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(cut(encode(samples(), 16_000), 0.5))
    [outcome] = lines(totalview("process", "--json", "--accept-truncated", path))
    assert outcome["status"] == "completed"


def test_the_same_recording_again_is_the_same_call_and_people_get_a_transcript_checks_and_a_score(totalview, recording):
    [first] = lines(totalview("process", "--json", recording))
    [again] = lines(totalview("process", "--json", recording))
    assert again == first
    told = totalview("process", recording)
    assert told.returncode == 0
    assert "agent" in told.stdout
    assert "Score" in told.stdout
    assert "not evaluated" in told.stdout


@pytest.mark.long
def test_names_from_hell_stay_names(totalview, tmp_path, recording):
    name = "🎧 a:b%20+c [bold]<b>\x1b[31m.wav"
    (tmp_path / name).write_bytes(recording.read_bytes())
    told = totalview("process", tmp_path / name)
    assert told.returncode == 0
    assert "\x1b[31m" not in told.stdout
    assert "[bold]" in told.stdout
    os.rename(os.fsencode(tmp_path / name), os.fsencode(tmp_path) + b"/\xff\xfe.wav")  # noqa: PTH104  a name that is no text
    again = totalview("process", "--json", os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.wav"))
    assert lines(again)[0]["status"] == "completed"


def test_an_unknown_campaign_is_one_sentence(totalview, recording):
    told = totalview("process", "--campaign", "nowhere", recording)
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr.startswith("There is no campaign 'nowhere'. There are:")


def test_ctrl_c_stops_at_once_and_the_call_goes_on_later(totalview, tmp_path, recording):
    recording.write_bytes(encode(speech().samples, 16_000, "wav"))  # long enough to be stopped in its middle
    totalview("campaign", "list")
    lease = {"TOTALVIEW_LEASE_SECONDS": "6"}  # soon over, and not lost by a process that waits for a processor
    begun = subprocess.Popen(
        [sys.executable, "-m", "cli", "process", recording], env=os.environ | lease, cwd=ROOT, stderr=subprocess.PIPE
    )
    scratch = tmp_path / "data" / "scratch"
    deadline = time.monotonic() + 60
    while not (scratch.exists() and any(scratch.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    begun.send_signal(signal.SIGINT)
    _, words = begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert b"Stopped." in words
    assert b"Traceback" not in words
    [outcome] = lines(totalview("process", "--json", recording, **lease))
    assert outcome["status"] == "completed"


def test_every_format_of_the_table_has_a_name_here():
    assert set(EVERYDAY) <= set(FORMATS)
