"""AssemblyAI's refusals and failures: whose fault each is, in words."""

import socket

import pytest

from pipeline.outcome import Fault
from pipeline.transcribers.assemblyai.answers import Why, why
from tests.pipeline.transcribers.assembled import account, desk_at
from tests.simulators.server import Trouble


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def desk(served, tmp_path):
    return desk_at(served, tmp_path)


def test_a_wrong_key_is_the_accounts_fault_and_a_right_one_goes_on(desk):
    desk.key = "sk-wrong"
    error = desk.refusal()
    assert error.fault is Fault.ACCOUNT
    assert "Check ASSEMBLYAI_API_KEY" in str(error)
    desk.key = desk.simulator.key
    assert desk.finish().utterances


@pytest.mark.parametrize(
    ("key", "words"), [("", "is not set"), (" ", "is not set"), ("a\nb", "no key has"), ("ключ", "no key has")]
)
def test_a_key_that_cannot_be_one_is_not_sent(desk, key, words):
    desk.key = key
    error = desk.refusal()
    assert (error.fault, words in str(error), desk.simulator.seen) == (Fault.ACCOUNT, True, [])


REFUSALS = [
    (402, b'{"error": "Payment required"}', Fault.ACCOUNT),
    (400, b'{"error": "Your current account balance is negative. Please top up to continue."}', Fault.ACCOUNT),
    (400, b'{"error": "The following models are not available in this language: redact_pii"}', Fault.RECORDING),
    (413, b"<html>too large</html>", Fault.RECORDING),
    (404, b"not here", Fault.ACCOUNT),
    (405, b"", Fault.ACCOUNT),
    (429, b'{"error": "Too many requests"}', Fault.PASSING),
    (500, b'{"error": "Server error, developers have been alerted."}', Fault.PASSING),
    (503, b'{"error": ["a list"]}', Fault.PASSING),
    (302, b"", Fault.PASSING),
    (204, b"", Fault.PASSING),
]


@pytest.mark.parametrize("path", ["/v2/upload", "/v2/transcript"])
@pytest.mark.parametrize(("status", "body", "fault"), REFUSALS)
def test_a_refusal_says_whose_fault_it_is(desk, path, status, body, fault):
    desk.simulator.troubles = [Trouble(status=status, body=body, path=path)]
    error = desk.refusal(desk.look)
    assert error.fault is fault
    assert "<html>" not in str(error)
    assert (desk.submissions(), desk.simulator.paid) == (0, [])


@pytest.mark.parametrize("path", ["/v2/upload", "/v2/transcript", "/v2/transcript/t1"])
def test_the_wish_of_a_refusal_is_kept(desk, path):
    if path.endswith("t1"):
        desk.look()
    desk.simulator.troubles = [Trouble(status=429, headers={"Retry-After": "17"}, path=path)]
    error = desk.refusal(desk.look)
    assert (error.fault, error.retry_after) == (Fault.PASSING, 17)
    assert desk.finish().asked_again == 0


@pytest.mark.parametrize("path", ["/v2/upload", "/v2/transcript", "/v2/transcript/t1"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"id": 7, "upload_url": {}, "status": 3}',
        b'{"id": "", "upload_url": "", "status": "completed", "words": "none"}',
        b'{"id": null, "status": "completed", "audio_duration": NaN}',
        b'{"status": "completed", "id": [], "words": [{"start": "soon"}]}',
    ],
)
def test_an_answer_that_is_none_is_tried_again(desk, path, body):
    if path.endswith("t1"):
        desk.look()
    desk.simulator.troubles = [Trouble(status=200, body=body, path=path)]
    error = desk.refusal(desk.look)
    assert (error.fault, "AssemblyAI did not answer in full" in str(error)) == (Fault.PASSING, True)
    assert desk.finish().utterances


@pytest.mark.parametrize("path", ["/v2/upload", "/v2/transcript", "/v2/transcript/t1"])
def test_half_an_answer_is_tried_again(desk, path):
    if path.endswith("t1"):
        desk.look()
    desk.simulator.troubles = [Trouble(status=200, body=b'{"id": "t', half=True, path=path)]
    assert "the connection broke off" in str(desk.refusal(desk.look))
    assert desk.finish().utterances


def test_silence_is_a_failure_of_this_time(desk):
    desk.silence_s = 0.3
    desk.simulator.troubles = [Trouble(status=200, wait_s=1.5, path="/v2/transcript")]
    error = desk.refusal(desk.look)
    assert (error.fault, "nothing came for too long" in str(error)) == (Fault.PASSING, True)


def test_where_nobody_answers_the_provider_is_away(desk):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        desk.url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert desk.refusal(desk.look).fault is Fault.AWAY


@pytest.mark.parametrize("url", ["no address", "ftp://127.0.0.1/", "http://127.0.0.1:x"])
def test_an_address_that_is_none_is_said_in_words(desk, url):
    desk.url = url
    error = desk.refusal(desk.look)
    assert (error.fault, "ASSEMBLYAI_BASE_URL is no web address" in str(error)) == (Fault.ACCOUNT, True)


ERRORS = {
    "File does not appear to contain audio. File type is text/html.": Why.RECORDING,
    "Transcoding failed. File type is audio/x-wav (GSM).": Why.RECORDING,
    "Audio file could not be decoded": Why.RECORDING,
    "Audio duration is too short.": Why.RECORDING,
    "language_detection cannot be performed on files with no spoken audio.": Why.SPEECHLESS,
    "Download error, unable to download https://cdn.assemblyai.com/upload/1.": Why.THEIRS,
    "Server error, developers have been alerted.": Why.THEIRS,
    "Your current account balance is negative.": Why.ACCOUNT,
    "Something quite new": Why.THEIRS,
    "": Why.THEIRS,
}
FAULTS = {
    Why.RECORDING: Fault.RECORDING,
    Why.SPEECHLESS: Fault.RECORDING,
    Why.THEIRS: Fault.PASSING,
    Why.ACCOUNT: Fault.ACCOUNT,
}


@pytest.mark.parametrize("error", ERRORS)
def test_a_jobs_own_error_says_whose_fault_it_is(error):
    assert why(error) is ERRORS[error]


@pytest.mark.parametrize("about", FAULTS)
def test_a_job_that_failed_is_begun_anew_unless_the_recording_is_at_fault(desk, about):
    desk.simulator.fails_with = next(error for error, what in ERRORS.items() if what is about)
    error = desk.refusal()
    assert error.fault is FAULTS[about]
    assert desk.simulator.fails_with.split(".")[0] in str(error)
    desk.simulator.fails_with = ""
    desk.look()
    assert desk.submissions() == (1 if error.permanent else 2)
    if not error.permanent:
        assert desk.finish().asked_again == 0


def test_no_spoken_audio_where_nobody_speaks_is_an_empty_transcript(desk):
    desk.simulator.fails_with, desk.speaks = "There is no spoken audio in this file.", False
    made = desk.finish()
    assert (made.utterances, made.notes, made.cost_usd) == ((), ("No speech was heard in this recording.",), 0.0)


def test_a_recording_that_is_too_large_or_too_long_is_not_sent(desk):
    with (desk.folder / "recording").open("wb") as file:
        file.truncate(2_400_000_000)
    error = desk.refusal(desk.look)
    assert (error.fault, "has 2.40 GB, and AssemblyAI takes 2.2 GB" in str(error)) == (Fault.RECORDING, True)
    desk.seconds = 11 * 3600
    error = desk.refusal(desk.look)
    assert (error.fault, "lasts 11.0 hours" in str(error), desk.simulator.seen) == (Fault.RECORDING, True, [])
