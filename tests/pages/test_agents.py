"""The list of agents, unlinked calls and import, as each person sees them."""

import tomllib

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from pipeline import agentsheet
from records import agent_edits, agent_list, db
from records.access import COMMAND_LINE
from records.agent_edits import Profile
from records.agents import Agent, AgentAlias
from records.calls import Call
from tests.house_rules import ROOT
from tests.pages.agent_dialogs import click, labels, said, send
from tests.pages.conftest import PATIENCE_S, mounted, session_of, shown
from tests.records.finished import finished_call
from tests.records.made import stored_call

NASTY = "**Bob** <b>x</b> :red[y] 😀"


def add(name: str, *campaigns: str, aliases: tuple[str, ...] = (), team: str = "") -> int:
    with db.writing() as session:
        return agent_edits.create(session, COMMAND_LINE, Profile(name, team, aliases, campaigns)).id or 0


def listed(at) -> list[str]:
    return [row["cells"][0]["text"] for row in shown(at, "table")["rows"]] if "table" in mounted(at) else []


@pytest.mark.parametrize("page", ["agents.py", "agent.py"])
def test_who_does_not_manage_agents_finds_no_such_page(cast, see, page):
    for who in (cast.carla, cast.adam, None):
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            see(who, page)
        at = alone(page, who)
        assert [title.value for title in at.title] == ["There is no such page" if who else "You are signed out"]
        assert labels(at) == []


def alone(page: str, who) -> AppTest:
    """The page without the entry that leaves it out of the menu: its own guard is asked."""
    at = AppTest.from_file(ROOT / "pages" / page, default_timeout=PATIENCE_S)
    at.user = {"sid": session_of(who) if who else None}
    return at.run()


def test_everybody_else_sees_the_agents_of_their_campaigns(cast, see):
    add("Ben", "sales")
    add("Cleo", "support")
    assert {who: listed(see(getattr(cast, who), "agents.py")) for who in ("olivia", "sam", "mia")} == {
        "olivia": ["Ada Moss", "Ben", "Cleo"],
        "sam": ["Ada Moss", "Ben", "Cleo"],
        "mia": ["Cleo"],
    }


def test_a_row_shows_figures_and_opens_the_agent(cast, see):
    with db.writing() as session:
        finished_call(session, cast.support, score=80, agent_id=cast.ada.id)
        finished_call(session, cast.support, score=61, agent_id=cast.ada.id, flagged=True)
    (row,) = shown(see(cast.mia, "agents.py"), "table")["rows"]
    assert row["href"] == f"/agent?id={cast.ada.id}"
    texts = [cell and cell["text"] for cell in row["cells"]]
    assert texts[:7] == ["Ada Moss", None, None, "2", "70.5", "50%", cast.adam.name]


def test_names_stay_text(cast, see):
    add(NASTY, "support", team="# Team")
    with db.writing() as session:
        stored_call(session, cast.support, agent_given=NASTY + "!")
    at = see(cast.mia, "agents.py", tab="unlinked")
    assert NASTY + "!" in [text.value for text in at.text]
    assert r"Link to \*\*Bob\*\* \<b\>x\</b\> \:red\[y\] 😀 (# Team)".replace("(# Team)", r"\(\# Team\)") in labels(at)
    assert not [each.value for each in (*at.markdown, *at.caption) if "<b>" in each.value or "**Bob" in each.value]


def test_filters_stand_in_the_address_and_nonsense_there_is_ignored(cast, see):
    add("Ben Okoye", "support", team="North")
    add("Cleo", "sales", team="South", aliases=("ben@example.org",))
    at = see(cast.sam, "agents.py", q="ben", team="South", sort="worst", campaign="nowhere", inactive="x")
    assert listed(at) == ["Cleo"]
    assert (at.selectbox(key="agents-campaign").value, at.toggle(key="agents-inactive").value) == ("", False)
    at.selectbox(key="agents-team").set_value("").run()
    assert listed(at) == ["Ben Okoye", "Cleo"]
    assert {name: at.query_params[name] for name in at.query_params} == {"q": "ben", "sort": "worst"}
    at.text_input(key="agents-q").set_value("zzz").run()
    assert listed(at) == []
    click(at, "Clear filters")
    assert listed(at) == ["Ada Moss", "Ben Okoye", "Cleo"]
    assert list(at.query_params) == []


def test_pages_are_turned_in_the_address(cast, see, monkeypatch):
    monkeypatch.setattr(agent_list, "SIZE", 2)
    for name in ("Ben", "Cleo"):
        add(name)
    at = see(cast.sam, "agents.py")
    assert listed(at) == ["Ada Moss", "Ben"]
    click(at, "Next")
    assert (listed(at), at.query_params["page"]) == (["Cleo"], "2")
    click(at, "Previous")
    assert listed(at) == ["Ada Moss", "Ben"]


def test_deactivated_agents_are_shown_when_asked_for(cast, see):
    number = add("Ben")
    with db.writing() as session:
        session.get_one(Agent, number).active = False
    at = see(cast.sam, "agents.py")
    assert listed(at) == ["Ada Moss"]
    at.toggle(key="agents-inactive").set_value(True).run()
    assert [row["cells"][1]["label"] for row in shown(at, "table")["rows"]] == ["Active", "Deactivated"]


def test_empty_lists_say_what_to_do_next(cast, see):
    at = see(cast.mia, "agents.py")
    assert [heading.value for heading in at.subheader] == ["No agents yet"]
    assert any("Add them one by one" in each.value for each in at.markdown)
    at = see(cast.mia, "agents.py", tab="unlinked")
    assert [heading.value for heading in at.subheader] == ["Every call that names an agent is linked"]


def test_an_agent_is_added_in_the_dialog_and_nothing_typed_is_lost(cast, see):
    at = see(cast.mia, "agents.py")

    def sent(name: str) -> None:
        at.button(key="add-agent").click()
        at.run()
        at.text_input(key="add-name").set_value(name)
        at.text_area(key="add-aliases").set_value("zoe@example.org\n4711\n")
        for key in ("add-agent", "FormSubmitter:add-Add agent"):
            at.button(key=key).click()
        at.run()

    sent("  ")
    assert said(at) == [r"Give the agent a name\."]
    assert at.text_area(key="add-aliases").value == "zoe@example.org\n4711\n"
    sent("Zoë Strauß")
    assert listed(at) == ["Zoë Strauß"]
    assert said(at) == [r"Zoë Strauß was added\."]
    with db.reading() as session:
        assert set(session.exec(select(AgentAlias.alias))) == {"zoe@example.org", "4711"}


def test_unlinked_names_come_with_suggestions_and_are_linked(cast, see):
    with db.writing() as session:
        for _ in range(3):
            stored_call(session, cast.support, agent_given="ada.moss")
        stored_call(session, cast.sales, agent_given="elsewhere")
        finished_call(session, cast.support, agent_id=cast.ada.id)
    at = see(cast.mia, "agents.py", tab="unlinked")
    assert at.tabs[1].label == "Unlinked calls (3)"
    assert [text.value for text in at.text] == ["ada.moss"]
    click(at, "Link to Ada Moss")
    assert any("The name will not be remembered for Ada Moss" in each.value for each in at.caption)
    send(at, "Link to Ada Moss", "Link 3 calls")
    assert any("3 calls linked to Ada Moss" in words for words in said(at))
    assert at.tabs[1].label == "Unlinked calls (0)"
    with db.reading() as session:
        assert len(session.exec(select(Call.id).where(Call.agent_id == cast.ada.id)).all()) == 4


def test_nobody_is_chosen_by_chance(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, agent_given="x9981")
    add("Ben")
    at = see(cast.sam, "agents.py", tab="unlinked")
    click(at, "Link to …")
    assert at.selectbox[0].value is None
    assert next(button for button in at.button if button.label == "Link 1 call").disabled


def test_a_new_agent_is_made_from_a_name(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, agent_given="Dan Silva")
    at = see(cast.mia, "agents.py", tab="unlinked")
    click(at, "New agent")
    assert at.text_input(key="from-dan silva-name").value == "Dan Silva"
    assert at.multiselect(key="from-dan silva-campaigns").value == ["support"]
    at.button(key="FormSubmitter:from-dan silva-Add agent").click()
    click(at, "New agent")
    assert any("Dan Silva was added, and 1 call linked" in words.replace("\\", "") for words in said(at))


def test_who_lost_the_role_meanwhile_changes_nothing(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, agent_given="ada.moss")
    at = see(cast.sam, "agents.py", tab="unlinked")
    click(at, "Link to Ada Moss")
    with db.writing() as session:
        session.merge(cast.sam).role = "compliance_officer"
    click(at, "Link to Ada Moss", "Link 1 call")
    assert labels(at) == [] or "Link 1 call" not in labels(at)
    with db.reading() as session:
        assert session.exec(select(Call.agent_id)).all() == [None]


def test_a_csv_file_is_looked_at_and_then_imported(cast, see):
    sheet = "name,team,email,campaigns\nBen Okoye,North,b@example.org,support\n,x,,\nCleo,,c@x,sales\n"
    at = see(cast.mia, "agents.py")
    click(at, "Import CSV")
    at.file_uploader(key="agents-csv").set_value(("agents.csv", sheet.encode("utf-16"), "text/csv"))
    click(at, "Import CSV")
    assert [(each.label, each.value) for each in at.metric] == [
        ("Problem", "2"),
        ("New", "1"),
        ("Updates", "0"),
        ("No change", "0"),
    ]
    words = list(at.dataframe[0].value["Outcome"])
    assert words[0] == "Problem: Give the agent a name."
    assert words[1].startswith("Problem: There is no campaign 'sales'.")
    assert words[2] == "New"
    click(at, "Import CSV", "Import 1 agent, leave out 2 lines")
    assert listed(at) == ["Ben Okoye"]


def test_the_dialog_offers_as_much_as_the_server_takes_and_a_sheet_may_have(cast, see):
    at = see(cast.sam, "agents.py")
    click(at, "Import CSV")
    offered = at.file_uploader(key="agents-csv").proto.max_upload_size_mb
    taken = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["maxUploadSize"]
    assert offered == taken == agentsheet.MOST_BYTES // 1_000_000


def test_a_file_that_is_no_sheet_is_refused_in_words(cast, see):
    at = see(cast.sam, "agents.py")
    click(at, "Import CSV")
    at.file_uploader(key="agents-csv").set_value(("agents.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "text/csv"))
    click(at, "Import CSV")
    assert len(at.error) == 1
    assert not [label for label in labels(at) if label.startswith("Import 1")]
