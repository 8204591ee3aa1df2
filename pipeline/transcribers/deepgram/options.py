"""What a campaign's wishes are in Deepgram's words. Pure."""

from collections.abc import Iterable
from math import ceil
from typing import Any, NamedTuple

from pipeline.sound.contract import Layout
from pipeline.transcribers.contract import Order

MODEL = "nova-3"
TAKES_KEYTERMS = "nova-3"
MOST_KEYTERMS, MOST_TOKENS, LETTERS_A_TOKEN = 100, 500, 3
ANY_LANGUAGE = ("", "auto", "detect")
REDACTED = ["pii", "pci", "numbers"]
ENGLISH = "en"


class Asking(NamedTuple):
    """One request: the SDK's arguments for it, and what follows for reading the answer."""

    options: dict[str, Any]
    model: str
    language: str  # '' where Deepgram is to find out
    channels: int
    keyterms: bool
    redact: bool
    notes: tuple[str, ...] = ()


def asking(order: Order) -> Asking:
    """Two speakers on two channels are transcribed each by itself; all else is one channel, speakers by voice."""
    wishes = order.wishes
    dual = order.sound.layout is Layout.DUAL
    model, language = wishes.model.strip() or MODEL, wishes.language.strip().replace("_", "-")
    language = "" if language.lower() in ANY_LANGUAGE else language
    terms = _keyterms(wishes.keyterms) if model.startswith(TAKES_KEYTERMS) else []
    options: dict[str, Any] = {"model": model, "smart_format": True, "punctuate": True}
    options |= {"multichannel": True} if dual else {"diarize_model": "latest"}
    options |= {"language": language} if language else {"detect_language": True}
    if terms:
        options["keyterm"] = terms
    if wishes.redact:
        options["redact"] = REDACTED
    notes = (*_left_out(len(terms), wishes.keyterms, model), *_not_english(language, redact=wishes.redact))
    return Asking(options, model, language, 2 if dual else 1, bool(terms), wishes.redact, notes)


def _keyterms(phrases: Iterable[str]) -> list[str]:
    """The first phrases that Deepgram's bounds have room for; tokens are estimated, and rather too many."""
    chosen: list[str] = []
    room = MOST_TOKENS
    for phrase in dict.fromkeys(map(_plain, phrases)):
        tokens = max(len(phrase.split()), ceil(len(phrase) / LETTERS_A_TOKEN))
        if phrase and tokens <= room and len(chosen) < MOST_KEYTERMS:
            chosen.append(phrase)
            room -= tokens
    return chosen


def _plain(phrase: str) -> str:
    """One phrase: commas, semicolons and line breaks would make it several."""
    return " ".join(phrase.replace(",", " ").replace(";", " ").split())


def _left_out(sent: int, phrases: Iterable[str], model: str) -> tuple[str, ...]:
    wanted = len({_plain(phrase) for phrase in phrases} - {""})
    if not model.startswith(TAKES_KEYTERMS) or sent >= wanted:
        return ()
    return (f"Deepgram was told of {sent} of the {wanted} phrases that the checks listen for: it takes no more.",)


def _not_english(language: str, *, redact: bool) -> tuple[str, ...]:
    if not redact or language.lower().split("-")[0] == ENGLISH:
        return ()
    return ("Deepgram redacts names and addresses in English only: read this transcript before you pass it on.",)
