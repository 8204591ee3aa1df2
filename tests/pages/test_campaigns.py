"""The list of campaigns, and making one, as people use it."""

import pytest
from sqlmodel import select

from dashboard.navigation import PAGES
from pipeline.templates import TEMPLATES
from records import db
from records.campaigns import Campaign
from records.checks import Check
from records.people import Assignment
from records.statuses import CallStatus
from tests.pages.conftest import mounted, shown
from tests.records.made import person, stored_call, stored_campaign

NASTY = "<b>bold</b> **stars** :smile: $x$ [a](http://evil.test) :red[x]"


def names(at) -> list[str]:
    return [row["cells"][0]["text"] for row in shown(at, "table")["rows"]]


def everything(at) -> str:
    return " ".join(str(each.value) for kind in ("subheader", "markdown", "caption") for each in at.get(kind))


def campaigns() -> dict[str, Campaign]:
    with db.reading() as session:
        return {each.slug: each for each in session.exec(select(Campaign))}


def begin(at, name: str):
    at.button(key="create").click().run()
    at.text_input(key="create-name").set_value(name).run()
    return at


def test_a_row_shows_what_a_campaign_judges_by_and_how_it_fared(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, score=80, flagged=True, status=CallStatus.COMPLETED)
        stored_call(session, cast.support, score=61, status=CallStatus.COMPLETED)
        session.get_one(Campaign, cast.sales.id).transcriber = "deepgram"
    table = shown(see(cast.olivia, "campaigns.py"), "table")
    titles = [column["title"] for column in table["columns"]]
    assert titles == ["Campaign", "Checks", "Calls, 30 days", "Average score", "Flagged", "Transcriber", "Status"]
    sales, support = [dict(zip(titles, row["cells"], strict=True)) for row in table["rows"]]
    assert table["rows"][1]["href"] == "/campaign?id=support"
    assert (support["Checks"]["text"], support["Calls, 30 days"]["text"]) == ("0", "2")
    assert (support["Average score"]["text"], support["Flagged"]["text"]) == ("70.5", "50%")
    assert support["Transcriber"]["text"] == "Offline draft (English)"
    assert (sales["Transcriber"]["text"], sales["Average score"], sales["Flagged"]) == ("Deepgram", None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("olivia", ["Sales", "Support"]),
        ("sam", ["Sales", "Support"]),
        ("carla", ["Sales", "Support"]),
        ("mia", ["Support"]),
    ],
)
def test_each_sees_their_own_campaigns_and_only_seniors_may_create(cast, see, name, expected):
    at = see(getattr(cast, name), "campaigns.py")
    assert names(at) == expected
    assert ("create" in [button.key for button in at.button]) == (name in ("olivia", "sam"))


def test_an_agent_and_a_stranger_find_no_such_page(cast, see):
    for user in (cast.adam, None):
        at = see(user)
        with pytest.raises(ValueError, match="page"):
            at.switch_page(str(PAGES / "campaigns.py"))
        assert "Support" not in str(at.main)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("olivia", "Create your first campaign"),
        ("carla", "An Owner or a Senior Manager can create the first one."),
        ("mia", "Ask an Owner or a Senior Manager to assign you to one."),
    ],
)
def test_where_there_is_none_the_page_says_what_to_do(cast, see, name, words):
    with db.writing() as session:
        for assignment in session.exec(select(Assignment)):
            session.delete(assignment)
        if name != "mia":
            for campaign in session.exec(select(Campaign)):
                session.delete(campaign)
    at = see(getattr(cast, name), "campaigns.py")
    assert mounted(at) == []
    assert words in everything(at)
    assert ("use-sales" in [button.key for button in at.button]) == (name == "olivia")


def test_the_first_campaign_begins_with_the_template_that_was_chosen(home, see, cast):
    with db.writing() as session:
        for assignment in session.exec(select(Assignment)):
            session.delete(assignment)
        for campaign in session.exec(select(Campaign)):
            session.delete(campaign)
    at = see(cast.olivia, "campaigns.py")
    at.button(key="use-collections").click().run()
    assert at.selectbox(key="create-template").value == "collections"
    at.text_input(key="create-name").set_value("Arrears").run()
    at.button(key="create-now").click().run()
    assert campaigns()["arrears"].name == "Arrears"


def test_a_campaign_is_made_from_a_template_under_the_proposed_slug_and_opens(cast, see):
    at = begin(see(cast.sam, "campaigns.py"), "Ärger & Lob")
    assert at.text_input(key="create-slug").value == "arger-lob"
    at.selectbox(key="create-template").set_value("sales").run()
    assert len(at.dataframe[0].value) == len(TEMPLATES["sales"].checks)
    at.button(key="create-now").click().run()
    assert not at.exception
    made = campaigns()["arger-lob"]
    with db.reading() as session:
        checks = session.exec(select(Check.name).where(Check.campaign_id == made.id).order_by(Check.position)).all()
    assert tuple(checks) == tuple(spec.name for spec in TEMPLATES["sales"].checks)
    assert (at.title[0].value, at.query_params["id"]) == ("Ärger & Lob".replace("&", r"\&"), "arger-lob")


def test_a_slug_of_ones_own_is_kept_whatever_the_name_becomes(cast, see):
    at = begin(see(cast.olivia, "campaigns.py"), "One")
    at.text_input(key="create-slug").set_value("mine").run()
    at.text_input(key="create-name").set_value("Two").run()
    assert at.text_input(key="create-slug").value == "mine"
    at.selectbox(key="create-template").set_value("empty").run()
    at.button(key="create-now").click().run()
    assert campaigns()["mine"].name == "Two"


@pytest.mark.parametrize(
    ("name", "slug", "words"),
    [
        ("", "", "A campaign needs a name"),
        ("Support", "", "There is a campaign 'support' already"),
        ("New", "Not A Slug", "lower-case letters, digits"),
        ("日本語", "", "Give one"),
    ],
)
def test_what_cannot_be_made_says_why_and_nothing_typed_is_lost(cast, see, name, slug, words):
    at = begin(see(cast.olivia, "campaigns.py"), name)
    if slug:
        at.text_input(key="create-slug").set_value(slug).run()
    at.button(key="create-now").click().run()
    assert words in at.error[0].value.replace("\\", "")
    assert at.text_input(key="create-name").value == name
    assert set(campaigns()) == {"support", "sales"}


def test_who_loses_the_role_while_the_dialog_is_open_makes_nothing(cast, see):
    at = begin(see(cast.sam, "campaigns.py"), "Late")
    with db.writing() as session:
        session.get_one(type(cast.sam), cast.sam.id).role = cast.mia.role
    at.button(key="create-now").click().run()
    assert "late" not in campaigns()


def test_archived_campaigns_are_shown_when_asked_for_and_last(cast, see):
    with db.writing() as session:
        session.get_one(Campaign, cast.sales.id).active = False
    at = see(cast.olivia, "campaigns.py")
    assert names(at) == ["Support"]
    at.toggle(key="campaigns-archived").set_value(True).run()
    assert names(at) == ["Support", "Sales"]
    assert shown(at, "table")["rows"][1]["cells"][-1]["label"] == "Archived"


def test_many_campaigns_can_be_searched_by_name_whatever_the_case(cast, see):
    with db.writing() as session:
        for number in range(6):
            stored_campaign(session, f"Team {number} ÄRGER")
    at = see(cast.olivia, "campaigns.py")
    at.text_input(key="campaigns-text").set_value(" 3 ärger ").run()
    assert names(at) == ["Team 3 ÄRGER"]
    at.text_input(key="campaigns-text").set_value("nothing like it").run()
    assert mounted(at) == []
    assert "No campaign matches" in everything(at)


def test_a_name_from_outside_is_only_a_components_text(cast, see):
    with db.writing() as session:
        session.get_one(Campaign, cast.support.id).name = NASTY
        person(session, cast.mia.role)
    at = see(cast.olivia, "campaigns.py")
    assert NASTY in names(at)
    for kind in ("markdown", "title", "caption", "html", "subheader"):
        assert not [each for each in at.get(kind) if "stars" in str(each.value)], kind
    title = see(cast.olivia, "campaign.py", id="support").title[0].value
    assert "**" not in title
    assert "](" not in title
