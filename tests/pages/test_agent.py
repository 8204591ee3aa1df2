"""One agent's page: figures, profile, merging, as each person sees and does it."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from dashboard.agents import trend
from records import agent_edits, db
from records.access import COMMAND_LINE
from records.agent_edits import Profile
from records.agents import Agent, AgentAlias, AgentCampaign
from records.people import User
from records.statuses import Verdict
from tests.daily import daily
from tests.pages.agent_dialogs import click, labels, said
from tests.pages.conftest import shown
from tests.records.finished import add_version, finished_call, greeting

ABSENT = "There is no such agent"


def add(name: str, *campaigns: str, aliases: tuple[str, ...] = (), team: str = "") -> int:
    with db.writing() as session:
        return agent_edits.create(session, COMMAND_LINE, Profile(name, team, aliases, campaigns)).id or 0


def open_agent(see, who, number: object):
    return see(who, "agent.py", id=str(number))


def row(number: int) -> Agent | None:
    with db.reading() as session:
        return session.get(Agent, number)


def test_an_agent_is_shown_to_those_who_manage_them_and_absent_to_others(cast, see):
    theirs = add("Ben", "sales", team="North")
    for who in (cast.olivia, cast.sam):
        at = open_agent(see, who, theirs)
        assert (shown(at, "heading")["title"], shown(at, "heading")["facts"]) == ("Ben", ["Team North", "Sales"])
    at = open_agent(see, cast.mia, theirs)
    assert [title.value for title in at.title] == [ABSENT]
    assert labels(at) == ["Agents"]


@pytest.mark.parametrize(
    "number", daily(4, ["", "9999", "³", "\x00", "0", "-1", "99999999999", "1; DROP", "٣", "<b>1</b>"])
)
def test_an_address_that_names_nobody_says_so(cast, see, number):
    assert [title.value for title in open_agent(see, cast.sam, number).title] == [ABSENT]


def test_a_name_stays_text_everywhere(cast, see):
    nasty = "**Bob** <b>x</b> :red[y] 😀"
    number = add(nasty, "support", team=nasty, aliases=(nasty,))
    with db.writing() as session:
        finished_call(session, cast.support, agent_id=number)
        session.get_one(User, cast.adam.id).agent_id = number
        session.get_one(User, cast.adam.id).name = nasty
    at = open_agent(see, cast.sam, number)
    assert shown(at, "heading")["title"] == nasty
    assert nasty.casefold() in [text.value for text in at.text]
    marked = [each.value for each in (*at.markdown, *at.caption, *at.subheader, *at.title)]
    assert not [words for words in marked if "<b>" in words or "**Bob" in words]
    click(at, "Deactivate")
    assert f"{nasty} ({nasty})" in [text.value for text in at.text]


def test_a_manager_sees_figures_of_assigned_campaigns_only(cast, see):
    with db.writing() as session:
        finished_call(session, cast.support, score=90, agent_id=cast.ada.id, filename="mine.wav")
        bad = finished_call(session, cast.sales, score=10, agent_id=cast.ada.id, flagged=True, filename="theirs.wav")
        add_version(session, bad, checks=(greeting(name="Sales check", verdict=Verdict.FAIL),))

    def figures(who) -> list[str]:
        at = open_agent(see, who, cast.ada.id)
        files = [row["cells"][0]["text"] for row in shown(at, "table")["rows"]]
        checks = [list(frame.value["Check"]) for frame in at.dataframe]
        return [[metric.value for metric in at.metric], sorted(files), checks]

    assert figures(cast.mia) == [["1", "90", "0%"], ["mine.wav"], []]
    assert figures(cast.sam) == [["2", "50", "50%"], ["mine.wav", "theirs.wav"], [["Sales check"]]]


def test_a_new_agent_has_no_figures_and_says_so(cast, see):
    at = open_agent(see, cast.sam, cast.ada.id)
    assert [metric.value for metric in at.metric] == ["0", "–", "–"]
    captions = " ".join(each.value for each in at.caption)
    for words in ("No call of the last 90 days has a score yet", "No check failed", "No call is linked"):
        assert words in captions


def test_the_name_is_changed(cast, see):
    at = open_agent(see, cast.sam, cast.ada.id)
    click(at, "Edit")
    at.text_input[1 if at.text_input[0].label != "Name" else 0].set_value("Ada Lovelace-Moss")
    click(at, "Edit", "Save")
    assert row(cast.ada.id).name == "Ada Lovelace-Moss"
    assert shown(at, "heading")["title"] == "Ada Lovelace-Moss"


def test_other_names_are_added_and_removed_and_a_taken_one_is_refused(cast, see):
    add("Ben", "support", aliases=("4711",))
    at = open_agent(see, cast.sam, cast.ada.id)
    at.text_input(key=f"alias-{cast.ada.id}-0").set_value("Ada@Example.org")
    click(at, "Add name")
    assert said(at) == [r"ada@example\.org was added\."]
    at.text_input(key=f"alias-{cast.ada.id}-1").set_value("4711")
    click(at, "Add name")
    assert [error.value for error in at.error] == [
        r"'4711' is Ben's already\. Remove it there first, or merge the two\."
    ]
    assert at.text_input(key=f"alias-{cast.ada.id}-1").value == "4711"
    click(at, "Remove")
    with db.reading() as session:
        assert session.exec(select(AgentAlias.alias).where(AgentAlias.agent_id == cast.ada.id)).all() == []


def test_campaigns_are_chosen_among_ones_own(cast, see):
    number = add("Ben", "support", "sales")
    at = open_agent(see, cast.mia, number)
    (box,) = at.multiselect
    assert (box.options, box.value) == (["Support"], ["support"])
    at = open_agent(see, cast.sam, number)
    at.multiselect[0].set_value(["sales"])
    click(at, "Save campaigns")
    with db.reading() as session:
        assert session.exec(select(AgentCampaign.campaign_id)).all() == [cast.sales.id]


def test_accounts_are_linked_by_those_who_manage_people_only(cast, see):
    number = add("Ben", "support")
    assert "Link an account" not in labels(open_agent(see, cast.mia, number))
    at = open_agent(see, cast.sam, cast.ada.id)
    click(at, "Unlink")
    at = open_agent(see, cast.sam, number)
    click(at, "Link an account")
    box = next(box for box in at.selectbox if box.label == "Account")
    box.set_value(cast.adam.id)
    click(at, "Link an account", "Link account")
    with db.reading() as session:
        assert session.get_one(User, cast.adam.id).agent_id == number


def test_an_agent_is_deactivated_and_comes_back(cast, see):
    at = open_agent(see, cast.sam, cast.ada.id)
    click(at, "Deactivate")
    assert row(cast.ada.id).active
    at.button[[button.label for button in at.button].index("Deactivate")].click()
    [button for button in at.button if button.label == "Deactivate"][-1].click()
    at.run()
    assert row(cast.ada.id).active is False
    assert [badge["label"] for badge in shown(at, "heading")["badges"]] == ["Deactivated"]
    assert "Merge" not in labels(at)
    click(at, "Reactivate")
    assert row(cast.ada.id).active


def test_two_are_merged_after_the_counts_were_told(cast, see):
    second = add("A. Moss", "sales", aliases=("ada@example.org",))
    with db.writing() as session:
        for _ in range(3):
            finished_call(session, cast.sales, agent_id=second)
    at = open_agent(see, cast.sam, cast.ada.id)
    click(at, "Merge")
    box = next(box for box in at.selectbox if box.label == "Agent")
    assert "A. Moss" in box.options
    assert "Ada Moss" not in box.options
    box.set_value(second)
    click(at, "Merge")
    told = [text.value for text in at.text]
    assert {"• 3 calls", "• Other names: ada@example.org, A. Moss", "• Campaigns: Sales"} <= set(told)
    assert row(second) is not None
    for button in at.button:
        if button.label == "Merge":
            button.click()
    at.run()
    assert row(second) is None
    assert any("3 calls moved" in words for words in said(at))


def test_a_manager_sees_a_foreign_agent_whose_calls_are_theirs_and_changes_nothing(cast, see):
    heard, both = add("Ben", "sales", aliases=("b@x",)), add("Zoe", "support", "sales")
    with db.writing() as session:
        finished_call(session, cast.support, agent_id=heard)
    changing = {"Edit", "Merge", "Deactivate", "Remove", "Add name"}
    at = open_agent(see, cast.mia, heard)
    assert "Ben works for none of your campaigns" in " ".join(each.value for each in at.caption)
    assert not {*changing, "Save campaigns"} & set(labels(at))
    at = open_agent(see, cast.mia, both)
    assert "Zoe works in campaigns that are not yours too" in " ".join(each.value for each in at.caption)
    assert not changing & set(labels(at))
    assert "Save campaigns" in labels(at)
    assert changing <= set(labels(open_agent(see, cast.sam, heard)))


def test_a_manager_is_told_why_two_cannot_be_merged(cast, see):
    mine, both = add("Ben", "support"), add("Ben O", "support", "sales")
    at = open_agent(see, cast.mia, mine)
    click(at, "Merge")
    next(box for box in at.selectbox if box.label == "Agent").set_value(both)
    click(at, "Merge")
    assert [error.value.replace("\\", "") for error in at.error] == [
        "Ben O works in campaigns that are not yours too. Ask an Owner or a Senior Manager."
    ]
    assert all(button.disabled for button in [each for each in at.button if each.label == "Merge"][1:])


def test_who_lost_the_role_meanwhile_deactivates_nobody(cast, see):
    at = open_agent(see, cast.sam, cast.ada.id)
    click(at, "Deactivate")
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = "compliance_officer"
    for button in at.button:
        if button.label == "Deactivate":
            button.click()
    at.run()
    assert row(cast.ada.id).active
    assert "Deactivate" not in labels(at)


@pytest.mark.parametrize(("days", "number"), [(1, 90), (7, 13)])
def test_the_course_ends_today_and_covers_ninety_days_by_the_viewers_calendar(days, number):
    zone = ZoneInfo("Europe/Berlin")  # its clocks go back on 25 October 2026
    spans = trend.spans(date(2026, 11, 29), days, zone)
    assert len(spans) == number
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans[0][0].date() <= date(2026, 9, 1)
    assert spans[-1][0].date() <= date(2026, 11, 29) < spans[-1][1].date()
    assert all((start.hour, end.hour) == (0, 0) for start, end in spans)
