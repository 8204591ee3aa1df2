"""File names are for people: shown as text, never part of a path, whatever they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import settings
from pipeline import children
from records.campaigns import Campaign
from records.lines import clean_name, unshown
from tests.pipeline.arriving import here, in_storage, receive, wav


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("call.wav", "call.wav"),
        ("/var/spool/in/call.wav", "call.wav"),
        ("C:\\Recordings\\call.wav", "call.wav"),
        ("..\\..\\call.wav", "call.wav"),
        ("../../etc/passwd", "passwd"),
        ("4436170733 by cdeer @ 7_16_55 AM.wav", "4436170733 by cdeer @ 7_16_55 AM.wav"),
        ("c_20240126T03:07_UTC.wav", "c_20240126T03:07_UTC.wav"),
        ("1667337742543-+16695555518_E.mp3", "1667337742543-+16695555518_E.mp3"),
        ("100%.wav", "100%.wav"),
        ("%2e%2e%2fcall.wav", "%2e%2e%2fcall.wav"),
        ("🎧 call 👩‍👩‍👧.wav", "🎧 call 👩‍👩‍👧.wav"),
        ("<img src=x onerror=alert(1)>.wav", "<img src=x onerror=alert(1)>.wav"),
        ("**bold** [link](javascript:1).wav", "**bold** [link](javascript:1).wav"),
        ('=cmd|" -C calc"!A0.wav', '=cmd|" -C calc"!A0.wav'),
        ("a\x00b\nc\td\x1b[31m.wav", "abcd[31m.wav"),
        ("a\ud800b.wav", "ab.wav"),
        ("call\u202egpj.exe", "callgpj.exe"),
        ("  call.wav  ", "call.wav"),
        ("call.wav/", "call.wav"),
        ("", "recording"),
        ("   ", "recording"),
        ("/", "recording"),
        ("\x00", "recording"),
        (".", "recording"),
        ("..", ".."),
        ("x" * 255, "x" * 255),
        ("x" * 5000 + ".wav", "x" * 255),
        ("é" * 127 + "x", "é" * 127 + "x"),  # 255 bytes, as long as Linux takes
        ("AC\u2028DC.wav", "ACDC.wav"),
    ],
)
def test_a_name_is_shown_without_its_path_and_its_tricks(given: str, shown: str):
    assert clean_name(given) == shown


@given(st.text(st.characters(), max_size=300))
def test_any_name_can_be_shown_in_one_line(name: str):
    shown = clean_name(name)
    assert 0 < len(shown) <= 255
    assert not unshown(shown)
    assert "/" not in shown
    assert "\\" not in shown


@pytest.mark.parametrize(
    "name", ["../../../x.wav", "\x00", "🎧" * 100, "<b>", "a" * 255, "é" * 127 + "x", "..", "con", "", "x" * 10_000]
)
def test_a_name_is_no_part_of_the_path(campaign: Campaign, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(children, "run", here)
    call = receive(wav(), filename=name).call
    (path,) = in_storage()
    assert path == settings().folder / "storage" / "recordings" / call.id[:2] / call.id
