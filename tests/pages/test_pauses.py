"""The banner over every page while a provider is paused."""

import pytest

from dashboard import words
from dashboard.pauses import GOES_ON
from records import db, outages
from records.outages import ProviderState
from tests.pages.conftest import mounted, shown
from tests.pages.one_call import NASTY, finished

EVERYBODY = ["olivia", "sam", "carla", "mia", "adam"]
HOSTILE = [
    NASTY,
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "x" * 300,
    "",
    "\u202ereversed 🙂",
    "$$x$$\n# Big",
]


def pause(provider: str, why: str = "No credit.") -> None:
    with db.writing() as session:
        outages.pause(session, provider, why, seconds=60)


def markup(at) -> str:
    """Everything that Streamlit would read as Markdown or HTML."""
    kinds = ("markdown", "caption", "title", "header", "subheader", "warning", "error", "info", "success", "html")
    return "\n".join(str(each.proto) for kind in kinds for each in at.get(kind))


def test_nothing_stands_over_the_page_while_all_is_well(cast, see):
    with db.writing() as session:
        outages.failed(session, "deepgram", 1)  # a failure is no pause yet
    assert "banner" not in mounted(see(cast.olivia))


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_sees_what_is_paused_since_when_and_why(cast, see, name):
    pause("deepgram", "Deepgram refuses the key. Check DEEPGRAM_API_KEY.")
    with db.reading() as session:
        since = session.get_one(ProviderState, "deepgram").paused_since
    assert since is not None
    at = see(getattr(cast, name))
    (note,) = shown(at, "banner")["notes"]
    assert note["lines"] == ["Deepgram refuses the key. Check DEEPGRAM_API_KEY.", GOES_ON]
    assert (note["title"], note["colour"]) == (f"Deepgram has been paused since {words.date(since)}", "orange")


def test_each_is_named_as_people_know_it_and_the_longest_comes_first(cast, see):
    for provider in ("assemblyai", "claude", "from another release"):
        pause(provider)
    titles = [note["title"].split(" has been")[0] for note in shown(see(cast.olivia), "banner")["notes"]]
    assert titles == ["AssemblyAI", "Claude", "from another release"]


@pytest.mark.parametrize("why", HOSTILE)
def test_a_providers_words_are_never_markup(cast, see, why):
    pause("claude", why)
    at = see(cast.olivia)
    assert not at.exception
    assert shown(at, "banner")["notes"][0]["lines"][0] == why
    assert not why or why not in markup(at)


def test_it_stands_over_a_calls_page_too_and_goes_when_the_provider_is_back(cast, see):
    pause("claude")
    call = finished(cast)
    at = see(cast.mia, "call.py", id=call.id)
    assert mounted(at)[:2] == ["banner", "heading"]
    with db.writing() as session:
        outages.well(session, "claude")
    assert "banner" not in mounted(at.run())


def test_a_stranger_learns_nothing_of_it(cast, see):
    pause("claude", "secret words")
    at = see(None)
    assert mounted(at) == []
    assert "secret words" not in markup(at)
