"""Campaigns by mouse and keyboard: made from a template, edited, imported, tried, and edited by two at once."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from pipeline import checksheet
from records import check_edits, db
from records.access import COMMAND_LINE
from records.campaigns import Campaign, create
from records.people import User
from records.results import StoredTranscript
from records.roles import Role
from tests.browser.conftest import fits, settled
from tests.conftest import CHECKS
from tests.pipeline.made import measured
from tests.records.finished import finished_call
from tests.records.made import person

FILE = """checks:
  - {name: Disclosure, section: Opening, kind: phrase, any: [call may be recorded], weight: 30, critical: true}
  - {name: Polite, section: Handling, kind: ai, criterion: "The agent is polite.", weight: 10}
"""


@pytest.fixture
def sam(home) -> User:
    with db.writing() as session:
        return person(session, Role.SENIOR_MANAGER)


@pytest.fixture
def support(home) -> Campaign:
    with db.writing() as session:
        return create(session, COMMAND_LINE, "Support", CHECKS)


def checks(slug: str = "support") -> list[tuple[str, float]]:
    with db.reading() as session:
        rows = check_edits.load(session, COMMAND_LINE, slug).rows
    return [(row.spec.name, row.spec.weight) for row in rows]


def opened(page: Page, slug: str = "support", tab: str = "") -> Page:
    page.goto(f"/campaign?id={slug}" + (f"&tab={tab}" if tab else ""))
    return settled(page)


def row(page: Page, name: str):
    """The row of a check: its name stands in an input."""
    return page.get_by_role("row").filter(has=page.get_by_label(f"Name: {name}", exact=True))


def save(page: Page) -> None:
    page.get_by_role("button", name="Save checks").click()
    expect(page.get_by_text("Calls are judged by these checks from now on.")).to_be_visible()


def names(page: Page) -> list[str]:
    return [box.input_value() for box in page.get_by_label(re.compile("^Name: ")).all()]


def test_a_campaign_is_made_from_a_template_and_a_weight_changes_every_share(browse, sam):
    page = browse(sam)
    page.goto("/campaigns")
    page.get_by_text("Create your first campaign").wait_for()
    page.get_by_role("button", name="Use").first.click()
    page.get_by_label("Name", exact=True).press_sequentially("Help desk")
    expect(page.get_by_label("Slug", exact=True)).to_have_value("help-desk")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Help desk")).to_be_visible()
    assert page.url.endswith("/campaign?id=help-desk")
    weight = page.get_by_label("Weight: Greeting")
    weight.fill("25")
    weight.press("Enter")
    expect(row(page, "Greeting").get_by_text("20%")).to_be_visible()
    expect(page.get_by_text("Unsaved changes: 1 changed")).to_be_visible()
    save(page)
    assert checks("help-desk")[0] == ("Greeting", 25)
    page.get_by_role("button", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="Help desk").click()
    expect(page.get_by_label("Weight: Greeting")).to_have_value("25")


@pytest.mark.long
def test_rows_are_moved_by_buttons_keys_and_dragging_and_removed_and_duplicated(browse, sam, support):
    page = opened(browse(sam))
    page.get_by_label("Move down: Greeting").click()
    expect(page.get_by_label(re.compile("^Name: ")).first).to_have_value("Disclosure")
    page.get_by_label("Name: Greeting").press("Alt+ArrowDown")
    expect(page.get_by_label(re.compile("^Name: ")).last).to_have_value("Greeting")
    handle, target = row(page, "Greeting").locator(".tv-handle"), row(page, "Disclosure")
    handle.drag_to(target, target_position={"x": 60, "y": 4})
    expect(page.get_by_label(re.compile("^Name: ")).first).to_have_value("Greeting")
    page.get_by_label("Duplicate: No long silence").click()
    expect(page.get_by_label("Name: No long silence (2)")).to_be_visible()
    page.get_by_label("Remove: Disclosure").click()
    expect(page.get_by_label("Name: Disclosure")).to_have_count(0)
    assert names(page) == ["Greeting", "No long silence", "No long silence (2)"]
    save(page)
    assert [name for name, _ in checks()] == names(page)


@pytest.mark.long
def test_what_is_typed_fast_from_input_to_input_all_arrives(browse, sam, support):
    page = opened(browse(sam))
    for name, weight in (("Greeting", "1"), ("Disclosure", "2"), ("No long silence", "3")):
        page.get_by_label(f"Weight: {name}").fill(weight)
    page.get_by_label("Critical: Greeting").check()
    expect(page.get_by_text("Unsaved changes: 3 changed")).to_be_visible()
    save(page)
    assert checks() == [("Greeting", 1), ("Disclosure", 2), ("No long silence", 3)]


@pytest.mark.long
def test_a_file_of_checks_is_looked_at_and_taken_over(browse, sam, support):
    page = opened(browse(sam))
    page.get_by_role("button", name="Import").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "c.yaml", "mimeType": "text/yaml", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Take over 2 checks").click()
    expect(page.get_by_text("Unsaved changes: 1 added, 1 changed, 2 removed")).to_be_visible()
    save(page)
    assert checks() == [("Disclosure", 30), ("Polite", 10)]
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "support-checks.yaml"
    assert checksheet.read(download.value.path().read_text()) == checksheet.read(FILE)


@pytest.mark.long
def test_a_phrase_check_is_tried_on_a_call_before_it_is_saved(browse, sam, support):
    with db.writing() as session:
        finished_call(session, support, filename="a.wav")
        session.exec(select(StoredTranscript)).one().figures = measured(12, speech_s=90.0).model_dump(mode="json")
    page = opened(browse(sam))
    page.get_by_label("Edit: Disclosure").click()
    phrases = page.get_by_label("Phrases, one a line", exact=True)
    phrases.fill("sorry to hear that")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.get_by_text("Said: 'sorry to hear that'.")).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    expect(row(page, "Disclosure").get_by_text("Any of “sorry to hear that”")).to_be_visible()
    assert checks()[1] == ("Disclosure", 20)
    expect(page.get_by_text("Unsaved changes: 1 changed")).to_be_visible()


def test_two_editors_collide_and_nothing_is_lost(browse, sam, support):
    with db.writing() as session:
        olivia = person(session, Role.OWNER)
    mine, theirs = opened(browse(sam)), opened(browse(olivia))
    for page, value in ((mine, "11"), (theirs, "99")):
        page.get_by_label("Weight: Greeting").fill(value)
        page.get_by_label("Weight: Greeting").press("Enter")
        expect(page.get_by_text("Unsaved changes: 1 changed")).to_be_visible()
    save(theirs)
    mine.get_by_role("button", name="Save checks").click()
    expect(mine.get_by_text("Somebody else saved these checks while you edited them")).to_be_visible()
    expect(mine.get_by_label("Weight: Greeting")).to_have_value("11")
    assert checks()[0] == ("Greeting", 99)
    mine.get_by_role("button", name="Keep mine").click()
    expect(mine.get_by_text("Somebody else saved")).to_have_count(0)
    save(settled(mine))  # while the page is being redrawn, its old button is there beside the new one
    assert checks()[0] == ("Greeting", 11)


@pytest.mark.long
def test_settings_wait_typed_while_one_looks_elsewhere_and_the_pages_fit_a_phone(browse, sam, support):
    page = opened(browse(sam, viewport={"width": 390, "height": 844}))
    assert fits(page)
    page.get_by_role("tab", name="General").click()
    page.get_by_label("Name", exact=True).fill("Help desk")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("Unsaved changes: name")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="Support").click()
    settled(page).get_by_role("tab", name="General").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Help desk")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("heading", name="Help desk")).to_be_visible()
