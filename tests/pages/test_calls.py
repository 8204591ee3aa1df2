"""The list of calls as people use it."""

from datetime import UTC, datetime, timedelta

import pytest

from records import call_list, db
from records.statuses import CallStatus, Source
from tests.daily import daily
from tests.pages.conftest import mounted, shown
from tests.records.finished import add_version, finished_call
from tests.records.made import stored_call

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NASTY = "<b>bold</b> **stars** :smile: $x$ [a](http://evil.test) :red[x].wav"


def names(at) -> list[str]:
    return [row["cells"][0]["text"] for row in shown(at, "table")["rows"]]


def fill(campaign, number: int, **facts) -> None:
    with db.writing() as session:
        for n in range(number):
            stored_call(session, campaign, filename=f"{n}.wav", created_at=NOON - timedelta(minutes=n), **facts)


def test_a_row_shows_what_is_known_of_a_call(cast, see):
    facts = {"agent_id": cast.ada.id, "source": Source.SFTP, "flagged": True, "called_at": NOON, "duration_ms": 275_000}
    with db.writing() as session:
        call = finished_call(session, cast.support, filename="a.wav", score=69.6, created_at=NOON, **facts)
    table = shown(see(cast.olivia, "calls.py"), "table")
    row = table["rows"][0]
    cells = dict(zip([column["title"] for column in table["columns"]], row["cells"], strict=True))
    assert row["href"] == f"/call?id={call.id}"
    assert cells["Call"] == {"text": "a.wav", "title": "a.wav", "flag": "Flagged for review"}
    assert cells["Status"]["label"] == "Completed"
    assert cells["Score"] == {"value": 69.6, "text": "69.6"}
    assert (cells["Campaign"]["text"], cells["Agent"]["text"]) == ("Support", "Ada Moss")
    assert cells["Source"]["label"] == "SFTP"
    assert cells["Length"]["text"] == "4:35"
    assert (cells["Called"]["text"], cells["Added"]["text"]) == ("18 Nov 2026, 12:00", "18 Nov 2026, 12:00")


def test_what_is_not_known_is_left_open_and_never_nought(cast, see):
    fill(cast.support, 1)
    cells = shown(see(cast.olivia, "calls.py"), "table")["rows"][0]["cells"]
    assert [cells[n] for n in (2, 4, 6, 7)] == [None] * 4


def test_a_name_from_outside_reaches_the_screen_only_as_a_components_text(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, filename=NASTY)
    at = see(cast.olivia, "calls.py")
    assert names(at) == [NASTY]
    for kind in ("markdown", "title", "caption", "html", "header", "subheader", "text"):
        assert not [each for each in at.get(kind) if "stars" in str(each.value)], kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("olivia", {"support.wav", "sales.wav", "ada.wav"}),
        ("sam", {"support.wav", "sales.wav", "ada.wav"}),
        ("carla", {"support.wav", "sales.wav", "ada.wav"}),
        ("mia", {"support.wav"}),
        ("adam", {"ada.wav"}),
    ],
)
def test_each_sees_their_own_calls(cast, see, name, expected):
    with db.writing() as session:
        stored_call(session, cast.support, filename="support.wav")
        stored_call(session, cast.sales, filename="sales.wav")
        stored_call(session, cast.sales, filename="ada.wav", agent_id=cast.ada.id)
    at = see(getattr(cast, name), "calls.py")
    assert set(names(at)) == expected
    assert f"{len(expected)} call" in at.caption[0].value


@pytest.mark.parametrize("name", ["olivia", "mia", "adam"])
def test_with_no_calls_at_all_the_page_says_what_to_do(cast, see, name):
    if name != "olivia":
        fill(cast.sales, 1)
    at = see(getattr(cast, name), "calls.py")
    assert at.subheader[0].value == "No calls yet"
    assert at.code[0].value == "totalview process FILE"
    assert "table" not in mounted(at)


def test_when_nothing_matches_the_filters_can_be_cleared(cast, see):
    fill(cast.support, 2)
    at = see(cast.olivia, "calls.py", q="nothing like it", flagged="1")
    assert "table" not in mounted(at)
    assert "No call matches" in at.markdown[0].value
    next(each for each in at.button if each.label == "Clear filters").click().run()
    assert len(names(at)) == 2
    assert (at.text_input(key="q").value, at.toggle(key="flagged").value) == ("", False)
    assert "q" not in at.query_params


def test_a_filter_shows_in_the_address_and_narrows(cast, see):
    fill(cast.support, 2)
    fill(cast.sales, 1, status=CallStatus.FAILED, source=Source.SFTP)
    at = see(cast.olivia, "calls.py")
    at.multiselect(key="status").set_value([CallStatus.FAILED]).run()
    assert (at.query_params["status"], len(names(at))) == ("failed", 1)
    at.multiselect(key="status").set_value([]).run()
    at.multiselect(key="source").set_value([Source.SFTP]).run()
    assert (at.query_params["source"], len(names(at))) == ("sftp", 1)
    assert "status" not in at.query_params
    at.multiselect(key="campaign").set_value(["support"]).run()
    assert "table" not in mounted(at)
    at.multiselect(key="source").set_value([]).run()
    at.text_input(key="q").set_value("1.w").run()
    assert (at.query_params["q"], names(at)) == ("1.w", ["1.wav"])


def test_the_address_brings_the_filters_back(cast, see):
    fill(cast.support, 1, status=CallStatus.FAILED, flagged=True)
    fill(cast.support, 3)
    address = {"status": ["failed", "completed"], "campaign": "support", "flagged": "1", "q": "0", "source": "api"}
    at = see(cast.olivia, "calls.py", **address)
    assert at.multiselect(key="status").value == [CallStatus.COMPLETED, CallStatus.FAILED]
    assert at.multiselect(key="source").value == [Source.API]
    assert at.toggle(key="flagged").value is True
    assert names(at) == ["0.wav"]


@pytest.mark.parametrize(
    "address",
    daily(
        4,
        [
            {"status": ["nonsense", "FAILED"]},
            {"before": "-1-abc"},
            {"sort": "highest", "after": "99999999999999999-f-nan"},
            {"id": "left-behind", "version": "3", "t": "9"},
            {"source": "<script>"},
            {"campaign": ["nowhere", "'; drop table call"]},
            {"flagged": "yes"},
            {"after": "nonsense"},
            {"after": "99999999999999999999-abc"},
            {"after": "1700000000000000-"},
            {"sort": "sideways"},
            {"sort": "longest", "after": "99999999999999999-f-99999999999999999999"},
            {"after": "1700000000000000-'; --"},
        ],
    ),
)
def test_nonsense_in_the_address_is_passed_over(cast, see, address):
    fill(cast.support, 2)
    at = see(cast.olivia, "calls.py", **address)
    assert not at.exception
    assert len(names(at)) == 2
    assert "id" not in at.query_params


def test_unprintable_signs_are_not_looked_for(cast, see):
    fill(cast.support, 1)
    assert names(see(cast.olivia, "calls.py", q="0\x00.wav")) == ["0.wav"]


def test_older_and_newer_turn_the_pages(cast, see):
    fill(cast.support, 60)
    at = see(cast.olivia, "calls.py")
    assert "60 calls" in at.caption[0].value
    assert (names(at)[0], len(names(at))) == ("0.wav", 25)
    assert at.button(key="before").disabled
    at.button(key="after").click().run()
    assert (names(at)[0], names(at)[-1]) == ("25.wav", "49.wav")
    at.button(key="after").click().run()
    assert (names(at)[0], names(at)[-1]) == ("50.wav", "59.wav")
    assert at.button(key="after").disabled
    at.button(key="before").click().run()
    assert names(at)[0] == "25.wav"
    assert "after" not in at.query_params


def test_a_page_of_the_list_has_an_address_of_its_own(cast, see):
    fill(cast.support, 30)
    at = see(cast.olivia, "calls.py")
    at.button(key="after").click().run()
    again = see(cast.olivia, "calls.py", after=at.query_params["after"])
    assert names(again) == names(at) == [f"{n}.wav" for n in range(25, 30)]


def test_a_changed_filter_begins_at_the_first_page(cast, see):
    fill(cast.support, 30)
    at = see(cast.olivia, "calls.py")
    at.button(key="after").click().run()
    at.multiselect(key="source").set_value([Source.API]).run()
    assert "after" not in at.query_params
    assert names(at)[0] == "0.wav"


def test_a_number_above_the_cap_is_no_number(cast, see, monkeypatch):
    fill(cast.support, 3)
    monkeypatch.setattr(call_list, "COUNTED", 2)
    assert "2+ calls" in see(cast.olivia, "calls.py").caption[0].value


def test_somebody_with_one_campaign_is_not_asked_which(cast, see):
    fill(cast.support, 1)
    assert [each.label for each in see(cast.mia, "calls.py").multiselect] == ["Status", "Source"]
    assert [each.label for each in see(cast.olivia, "calls.py").multiselect] == ["Status", "Source", "Campaign"]


@pytest.mark.parametrize(
    ("status", "pace"), [(CallStatus.PENDING, 2), (CallStatus.TRANSCRIBING, 2), (CallStatus.COMPLETED, 10)]
)
def test_the_list_renews_itself_often_only_while_a_call_is_on_its_way(cast, see, status, pace, monkeypatch):
    paces = []
    fragment = st_fragment()
    monkeypatch.setattr("streamlit.fragment", lambda **how: paces.append(how["run_every"]) or fragment(**how))
    fill(cast.support, 1, status=status)
    see(cast.olivia, "calls.py")
    assert paces[-1] == pace


def st_fragment():
    import streamlit  # noqa: PLC0415  its fragment, before the test replaces it

    return streamlit.fragment


def test_what_becomes_of_a_call_is_seen_at_the_next_look(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support)
    at = see(cast.olivia, "calls.py")
    assert shown(at, "table")["rows"][0]["cells"][1]["label"] == "Pending"
    with db.writing() as session:
        session.get_one(type(call), call.id).status = CallStatus.ANALYZING
    at.run()
    assert shown(at, "table")["rows"][0]["cells"][1]["label"] == "Analyzing"


def test_the_inputs_follow_an_address_that_changes_under_the_open_page(cast, see):
    fill(cast.support, 3)
    at = see(cast.olivia, "calls.py")
    at.text_input(key="q").set_value("1.wav").run()
    assert names(at) == ["1.wav"]
    at.query_params["q"] = "2.wav"
    at.run()
    assert (at.text_input(key="q").value, names(at)) == ("2.wav", ["2.wav"])
    del at.query_params["q"]
    at.run()
    assert (at.text_input(key="q").value, len(names(at))) == ("", 3)


def test_what_was_said_and_the_order_show_in_the_address(cast, see):
    with db.writing() as session:
        for name, score in (("low", 20.0), ("high", 90.0), ("none", None)):
            call = stored_call(session, cast.support, filename=name, score=score, status=CallStatus.COMPLETED)
            add_version(session, call, score=score)
        stored_call(session, cast.support, filename="silent", status=CallStatus.COMPLETED)
    at = see(cast.olivia, "calls.py")
    at.text_input(key="text").set_value('"dead line" ').run()
    assert "table" not in mounted(at)
    at.text_input(key="text").set_value("dead line").run()
    at.selectbox(key="sort").set_value("lowest").run()
    assert (names(at), at.query_params["text"], at.query_params["sort"]) == (
        ["low", "high", "none"],
        "dead line",
        "lowest",
    )
    again = see(cast.olivia, "calls.py", text="dead line", sort="highest")
    assert (names(again), again.selectbox(key="sort").value) == (["high", "low", "none"], "highest")


@pytest.mark.parametrize("sort", ["lowest", "shortest", "called_first", "oldest"])
def test_every_order_turns_its_pages(cast, see, sort):
    fill(cast.support, 26, score=50.0, duration_ms=1000, called_at=NOON)
    fill(cast.support, 26)
    at = see(cast.olivia, "calls.py", sort=sort)
    seen = names(at)
    for _ in range(2):
        at.button(key="after").click().run()
        seen += names(at)
    assert sorted(seen) == sorted([f"{n}.wav" for n in range(26)] * 2)
    assert at.button(key="after").disabled
    at.button(key="before").click().run()
    assert names(at) == seen[25:50]
