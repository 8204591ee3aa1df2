"""The sample calls are what the sample checks are about: one good call, one that must be flagged."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import checksheet
from pipeline.sound.contract import Layout
from pipeline.sound.decode import listen
from records.checks import CheckSpec, PhraseRule
from records.statuses import CheckKind
from samples import make

FOLDER = Path(make.__file__).parent
CALLS = {"good_call": make.GOOD_CALL, "flagged_call": make.FLAGGED_CALL}


def plain(words: str) -> str:
    return " ".join(re.findall(r"[a-z']+", words.lower()))


def checks() -> tuple[CheckSpec, ...]:
    return tuple(checksheet.read((FOLDER / "checks.yaml").read_text(encoding="utf-8")))


def said(name: str) -> str:
    """All that the agent says."""
    return " ".join(plain(turn.words) for turn in CALLS[name] if turn.channel == make.AGENT)


@pytest.mark.parametrize("name", CALLS)
def test_each_is_a_small_recording_of_two_speakers(name: str) -> None:
    path = FOLDER / f"{name}.opus"
    sound = listen(path, None)
    assert sound.layout == Layout.DUAL
    assert 20_000 < sound.duration_ms < 60_000
    assert path.stat().st_size < 150_000
    assert all(sum(stretch.ms for stretch in channel) > 3000 for channel in sound.speech)


def test_the_flagged_call_keeps_the_customer_waiting_and_the_good_one_does_not() -> None:
    longest = {}
    for name in CALLS:
        sound = listen(FOLDER / f"{name}.opus", None)
        spoken = sorted((s.start_ms, s.end_ms) for channel in sound.speech for s in channel)
        longest[name] = max(after[0] - before[1] for before, after in pairwise(spoken))
    assert longest["flagged_call"] > 12_000
    assert longest["good_call"] < 2000


def test_only_the_recording_disclosure_is_critical() -> None:
    assert [check.name for check in checks() if check.critical] == ["Recording disclosure"]


def test_every_kind_of_check_is_shown() -> None:
    kinds = [check.rule.kind for check in checks()]
    assert kinds.count(CheckKind.AI) == 2
    assert kinds.count(CheckKind.PHRASE) >= 5
    assert kinds.count(CheckKind.METRIC) >= 2
    assert all(check.section for check in checks())


def test_the_good_call_says_what_the_checks_ask_for() -> None:
    for check in checks():
        if isinstance(check.rule, PhraseRule):
            found = any(plain(phrase) in said("good_call") for phrase in check.rule.phrases)
            assert found != bool(check.rule.none), check.name


def test_the_flagged_call_lacks_the_disclosure_and_the_closing() -> None:
    missed = [
        check.name
        for check in checks()
        if isinstance(check.rule, PhraseRule)
        and check.rule.any
        and not any(plain(phrase) in said("flagged_call") for phrase in check.rule.any)
    ]
    assert {"Recording disclosure", "Offers further help", "Closes kindly"} <= set(missed)
    assert "Greeting" not in missed
