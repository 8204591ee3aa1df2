"""The tab Checks: read by some, edited by others as a draft, saved at once."""

import pytest
import yaml
from sqlmodel import select

from dashboard.campaigns.draft import Draft
from dashboard.navigation import PAGES
from records import check_edits, db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.check_edits import Kept
from records.checks import AiRule, Check, CheckSpec
from records.people import User
from records.roles import Role
from tests.conftest import CHECKS
from tests.pages.conftest import mounted, shown

SAVE, DRAFT = "save-checks-support", "checks-draft-support"
POLITE = CheckSpec(name="Polite", section="Handling", rule=AiRule(criterion="The agent is polite."))


@pytest.fixture
def support(cast) -> Campaign:
    with db.writing() as session:
        for place, spec in enumerate(CHECKS, start=1):
            session.add(Check.of(spec, campaign_id=cast.support.id or 0, position=place))
    return cast.support


def stored() -> list[Kept]:
    with db.reading() as session:
        return list(check_edits.load(session, COMMAND_LINE, "support").rows)


def rows(at) -> list[dict]:
    return shown(at, "checkgrid")["rows"]


def act(at, *events: dict):
    """What the grid would tell."""
    draft: Draft = at.session_state[DRAFT]
    first = draft.heard[1] + 1
    draft.hear({"from": "a", "events": [{"n": first + place, **event} for place, event in enumerate(events)]})
    return at.run()


def weight(at, value: str, row: int = 0):
    return act(at, {"act": "set", "row": rows(at)[row]["key"], "field": "weight", "value": value})


def keys(at) -> set[str]:
    return {button.key for button in at.button if button.key}


def words(at) -> str:
    return " ".join(str(each.value) for each in at.markdown)


def badges(at) -> str:
    return " ".join(each.value for each in at.markdown if "badge" in each.value)


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia"])
def test_who_may_edit_gets_a_grid_and_the_other_tabs_and_the_others_read(cast, support, see, name):
    at = see(getattr(cast, name), "campaign.py", id="support")
    assert not at.exception
    senior = name in ("olivia", "sam")
    assert shown(at, "checkgrid")["editable"] is senior
    assert [tab.label.rpartition(" ")[2] for tab in at.tabs] == (
        ["Checks", "Agreement", *(["General", "SFTP", "API", "Webhooks", "Members"] if senior else [])]
    )
    assert (SAVE in keys(at)) is senior
    assert [row["name"] for row in rows(at)] == [spec.name for spec in CHECKS]


@pytest.mark.parametrize("slug", ["sales", "nowhere", "", "a\x00b", "'; drop table campaign"])
def test_what_is_not_yours_is_not_there(cast, support, see, slug):
    at = see(cast.mia, "campaign.py", id=slug)
    assert at.title[0].value == "There is no such campaign"
    assert mounted(at) == []


def test_an_agent_finds_no_such_page(cast, support, see):
    at = see(cast.adam)
    with pytest.raises(ValueError, match="page"):
        at.switch_page(str(PAGES / "campaign.py"))


def test_a_row_says_what_is_asked_and_what_it_weighs(cast, support, see):
    at = see(cast.mia, "campaign.py", id="support")
    first, second, third = rows(at)
    assert first["rule"] == "Any of “thank you for calling” · by the agent"
    assert (first["kind"]["label"], first["weight"], first["share"]) == ("Phrase", "10", "28.6%")
    assert (second["critical"], third["rule"]) == (True, "Longest silence: at most 20 s")
    assert "3 checks. Weight in all: 35." in [each.value for each in at.caption]


def test_a_weight_is_changed_in_the_draft_with_its_share_and_stored_only_when_saved(cast, support, see):
    at = see(cast.sam, "campaign.py", id="support")
    assert at.button(key=SAVE).disabled
    weight(at, "25")
    assert (rows(at)[0]["share"], stored()[0].spec.weight) == ("50%", 10)
    assert "Unsaved changes: 1 changed" in badges(at)
    at.button(key=SAVE).click().run()
    assert [kept.spec.weight for kept in stored()] == [25, 20, 5]
    assert at.toast[0].value.startswith("Saved: 1 changed.")
    assert at.button(key=SAVE).disabled


def test_a_draft_waits_while_one_looks_at_another_page(cast, support, see):
    at = weight(see(cast.sam, "campaign.py", id="support"), "25")
    at.switch_page(str(PAGES / "campaigns.py")).run()
    at.query_params["id"] = "support"
    at.switch_page(str(PAGES / "campaign.py")).run()
    assert rows(at)[0]["weight"] == "25"
    assert not at.button(key=SAVE).disabled


def test_a_mistake_stands_in_its_row_and_keeps_everything_from_being_saved(cast, support, see):
    at = weight(see(cast.sam, "campaign.py", id="support"), "lots")
    assert (rows(at)[0]["weight"], rows(at)[0]["wrong"]) == ("lots", {"weight": "Give a weight from 0 to 100."})
    assert at.button(key=SAVE).disabled
    assert "1 to mend" in badges(at)


def test_discarding_asks_first(cast, support, see):
    at = weight(see(cast.sam, "campaign.py", id="support"), "25")
    at.button(key="discard-support").click().run()
    at.button(key="discard-not").click().run()
    assert (rows(at)[0]["weight"], "discard-now" in keys(at)) == ("25", False)
    at.button(key="discard-support").click().run()
    at.button(key="discard-now").click().run()
    assert rows(at)[0]["weight"] == "10"


def test_two_editors_collide_in_words_and_each_can_go_on(cast, support, see):
    mine = weight(see(cast.sam, "campaign.py", id="support"), "25")
    theirs = weight(see(cast.olivia, "campaign.py", id="support"), "30")
    theirs.button(key=SAVE).click().run()
    mine.button(key=SAVE).click().run()
    assert "Theirs: 1 changed" in mine.warning[0].value
    assert rows(mine)[0]["weight"] == "25", "nothing is lost"
    assert mine.button(key=SAVE).disabled
    mine.button(key="keep-mine-support").click().run()
    mine.button(key=SAVE).click().run()
    assert stored()[0].spec.weight == 25
    weight(theirs, "40")
    theirs.button(key="take-theirs-support").click().run()
    assert rows(theirs)[0]["weight"] == "25"


def test_who_loses_the_role_saves_nothing(cast, support, see):
    at = weight(see(cast.sam, "campaign.py", id="support"), "25")
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.COMPLIANCE_OFFICER
    at.button(key=SAVE).click().run()
    assert stored()[0].spec.weight == 10


def test_checks_are_pasted_looked_at_and_taken_over(cast, support, see):
    at = see(cast.sam, "campaign.py", id="support")
    at.button(key="import-support").click().run()
    at.text_area(key="import-text").set_value("checks:\n  - {name: A, kind: frase}").run()
    assert any("Check 1 ('A'): kind: must be ai, phrase or metric." in each.value for each in at.code)
    text = yaml.safe_dump(
        {"checks": [{"name": "Greeting", "section": "Opening", "kind": "ai", "criterion": "Greets."}]}
    )
    at.text_area(key="import-text").set_value(text).run()
    assert list(at.dataframe[0].value["Check"]) == ["Greeting"]
    at.button(key="import-take").click().run()
    assert [row["name"] for row in rows(at)] == ["Greeting"]
    before = stored()
    at.button(key=SAVE).click().run()
    assert [(kept.id, kept.spec.rule) for kept in stored()] == [(before[0].id, AiRule(criterion="Greets."))]


def test_without_checks_the_tab_says_what_to_do(cast, see):
    assert "An Owner or a Senior Manager can add some." in words(see(cast.mia, "campaign.py", id="support"))
    at = see(cast.olivia, "campaign.py", id="support")
    assert at.subheader[0].value == "No checks yet"
    assert mounted(at).count("checkgrid") == 0


def test_a_name_from_outside_is_only_a_components_text(cast, support, see):
    with db.writing() as session:
        session.exec(select(Check)).first().name = "**stars** :red[x]"
    at = see(cast.olivia, "campaign.py", id="support")
    assert rows(at)[0]["name"] == "**stars** :red[x]"
    assert "stars" not in " ".join(
        str(each.value) for kind in ("markdown", "caption", "title") for each in at.get(kind)
    )
