"""The log: lines that nobody can forge, that say what they are about, and that hold no secret."""

import json
import logging
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings, logs, settings
from config.hiding import HIDDEN, Hider
from config.logs import JsonLines, TextLines, about, visible

FORGED = "call.wav\n2026-01-01 00:00:00,000 ERROR api: all calls were deleted\r\x1b[2K\x85\u2028next"


def line(form, message: str, *given: object, error: BaseException | None = None, hider: Hider | None = None, **facts):
    trouble = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("pipeline.line", logging.WARNING, "", 0, message, given, trouble)
    if facts:
        setattr(record, logs.FACTS, facts)
    return form(hider or Hider(())).format(record)


def broken() -> BaseException:
    """An error with a traceback, whose words come from outside."""
    with pytest.raises(ValueError, match="all calls") as caught:
        int_of(FORGED)
    return caught.value


def int_of(text: str) -> int:
    raise ValueError(text)


@pytest.fixture
def logger() -> Iterator[None]:
    """The root logger is left as it was found."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, threading.excepthook)
    yield
    root.handlers[:], threading.excepthook = before[0], before[2]
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)


def test_text_is_for_people():
    assert line(TextLines, "Run %s failed.", 7)[23:] == " WARNING pipeline.line: Run 7 failed."


def test_what_a_line_is_about_stands_before_its_message_with_the_thread():
    with about(call_id="ab12", run=1), about(stage="analysis"):
        said = line(TextLines, "It failed. [call_id=forged]")
        data = json.loads(line(JsonLines, "It failed."))
    assert " pipeline.line [call_id=ab12 run=1 stage=analysis thread=MainThread]: It failed. [call_id=forged]" in said
    assert (data["call_id"], data["run"], data["stage"], data["thread"]) == ("ab12", 1, "analysis", "MainThread")
    assert "call_id" not in line(TextLines, "Afterwards it is about nothing.")


def test_two_threads_are_about_different_things():
    seen = {}

    def work(number: int) -> None:
        with about(run=number):
            both.wait(60)
            seen[number] = json.loads(line(JsonLines, "x"))["run"]

    both = threading.Barrier(2)
    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {1: 1, 2: 2}


def test_a_name_with_line_ends_forges_no_line():
    said = line(TextLines, "Refused: %s", FORGED)
    assert len(said.splitlines()) == 1
    assert r"call.wav\n2026" in said
    assert r"\x1b[2K\x85\u2028next" in said


def test_an_error_s_lines_are_indented_so_that_its_words_forge_none_either():
    first, *rest = line(TextLines, "It broke.", error=broken()).splitlines()
    assert first.endswith("It broke.")
    assert any("Traceback" in each for each in rest)
    assert all(each.startswith("    ") for each in rest)


@given(st.text())
def test_whatever_is_said_is_one_line_of_characters_that_are_seen(text):
    assert visible(text).isprintable()
    assert len(line(TextLines, "%s", text, x=text).splitlines()) == 1
    assert json.loads(line(JsonLines, "%s", text, x=text))["x"] == text
    assert len(line(JsonLines, "%s", text).splitlines()) == 1


def test_json_has_the_error_beside_the_message():
    said = line(JsonLines, "It broke.", error=broken())
    data = json.loads(said)
    assert len(said.splitlines()) == 1
    assert (data["level"], data["logger"], data["message"]) == ("WARNING", "pipeline.line", "It broke.")
    assert "Traceback" in data["error"]
    assert data["time"].endswith("+00:00")


def test_a_secret_is_hidden_in_messages_arguments_facts_of_errors_and_tracebacks():
    hider = Hider(["hunter2-hunter2"])
    for form in (TextLines, JsonLines):
        said = line(form, "x hunter2-hunter2 %s", "y hunter2-hunter2", error=ValueError("hunter2-hunter2"), hider=hider)
        assert "hunter2" not in said
        assert said.count(HIDDEN) == 3


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("postgresql://tv:p%40ss-word@db/tv", 'role "tv", password p@ss-word'),
        ("postgresql://tv:p%40ss-word@db/tv", "p%40ss-word"),
        ("-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\nkkkkkkkkkk\n-----END KEY-----", "bad line kkkkkkkkkk"),
        ("", "redis://default:s3cret-pass@cache:6379 is away"),
        ("", "headers: {'Authorization': 'Bearer abcdefgh12345678'}"),
        ("", "key tv_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("", "signed with whsec_abcdefghijklmnopqrstuvwxyz01"),
        ("", "[type=int_parsing, input_value='my card is\n4111', input_type=str]"),
    ],
)
def test_forms_in_which_secrets_and_words_come(secret, said):
    hidden = Hider([secret]).hide(said)
    assert HIDDEN in hidden
    for lost in ("p@ss", "p%40ss", "kkkk", "s3cret", "abcdefgh", "4111"):
        assert lost not in hidden


def test_nothing_is_hidden_where_there_is_no_secret():
    plain = "Call 5f2c enters the pipeline; https://calls.example.com/call?id=5f2c and a tv_ show, bearer of news."
    assert Hider(["", "abc"]).hide(plain) == plain


def test_every_secret_setting_is_known_and_aws_s_own(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-aws")
    names = [name for name, field in Settings.model_fields.items() if (field.json_schema_extra or {}).get("secret")]
    assert {"anthropic_api_key", "sftp_private_key", "database_url", "metrics_token"} <= set(names)
    known = Settings.model_construct(**{name: f"secret of {name}" for name in names})
    assert set(logs.secrets(known)) >= {f"secret of {name}" for name in names} | {"of-aws"}


def test_set_up_writes_as_the_settings_say(logger, monkeypatch, capsys):
    monkeypatch.setenv("TOTALVIEW_LOG_FORMAT", "json")
    monkeypatch.setenv("DEEPGRAM_API_KEY", "key-of-deepgram")
    settings.cache_clear()
    logs.set_up(["chatty"])
    logging.getLogger("chatty").info("this helps nobody")
    logging.getLogger("pipeline").info("with key-of-deepgram")
    thread = threading.Thread(target=lambda: 1 / 0, name="wild one")
    thread.start()
    thread.join()
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["message"] == f"with {HIDDEN}"
    assert second["message"] == "The thread wild one broke."
    assert "ZeroDivisionError" in second["error"]
