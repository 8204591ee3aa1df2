"""Home as Chromium draws it: figures and bars that lead to their calls, on every width and in both themes."""

import pytest
from playwright.sync_api import Page, expect

from records import db
from records.people import User
from records.roles import Role
from records.statuses import CallStatus, Verdict
from tests.browser.conftest import fits, settled
from tests.records.figured import judge
from tests.records.made import agent, person, stored_call, stored_campaign

DONE = {"status": CallStatus.COMPLETED, "score": 55.0, "flagged": True}
AT_REST = """chart => new Promise(done => {
  let waits;
  const watcher = new MutationObserver(() => wait());
  const wait = () => { clearTimeout(waits); waits = setTimeout(() => { watcher.disconnect(); done(); }, 500); };
  watcher.observe(chart, {subtree: true, childList: true, attributes: true});
  wait();
})"""
NASTY = "<b>Said</b> their name [a](http://evil.test) $x$"


@pytest.fixture
def owner(home) -> User:
    """Of three calls two failed one check, and the third another."""
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        ada = agent(session, "Ada Moss")
        for check in (NASTY, NASTY, "Consent"):
            call = stored_call(session, support, agent_id=ada.id, **DONE)
            judge(session, call, **{check: Verdict.FAIL})
        stored_call(session, support, status=CallStatus.FAILED, error_code="not_audio", filename="broken.wav")
        return person(session, Role.OWNER)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    settled(page)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Wait for the bars. They are there before the chart is fitted to its place; a click in between is lost."""
    expect(page.locator(".st-key-chart_checks .barlayer path").first).to_be_visible()
    page.locator(".st-key-chart_checks").evaluate(AT_REST)


@pytest.mark.long
def test_what_waits_leads_to_its_calls_and_back_leads_to_the_same_days(browse, owner):
    page = opened(browse(owner), "/?days=7")
    page.get_by_role("link", name="See why").click()
    expect(page.get_by_text("1 call", exact=True)).to_be_visible()
    expect(page.get_by_text("broken.wav")).to_be_visible()
    assert "status=failed" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    assert "days=7" in page.url
    expect(page.get_by_role("radio", name="7 days")).to_be_checked()


@pytest.mark.long
def test_a_bar_leads_to_the_calls_that_failed_the_check_and_only_once(browse, owner):
    page = opened(browse(owner), "/")
    page.locator(".st-key-chart_checks .barlayer path").first.click(force=True)
    expect(page.get_by_text("2 calls", exact=True)).to_be_visible()
    chip = page.locator(".st-key-off_check")
    expect(chip).to_contain_text("Failed: <b>Said</b> their name")
    # What keeps a link from becoming one is unseen.
    assert (chip.text_content() or "").replace("\u2060", "").endswith(NASTY)
    assert chip.locator("a, b").count() == 0
    page.go_back()
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible()
    settled(page)
    drawn(page)


@pytest.mark.long
def test_a_chart_is_a_table_too(browse, owner):
    page = opened(browse(owner), "/")
    card = page.locator(".st-key-chart_checks_table")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(card.get_by_test_id("stDataFrame")).to_be_visible()
    expect(card.locator("td", has_text=NASTY)).to_be_attached()


def test_a_row_of_agents_leads_to_their_calls(browse, owner):
    page = opened(browse(owner), "/")
    page.get_by_role("link", name="Ada Moss").click()
    expect(page.get_by_text("3 calls", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Agent: Ada Moss")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("scheme", "red"), [("light", "rgb(220, 38, 38)"), ("dark", "rgb(248, 113, 113)")])
@pytest.mark.long
def test_home_fits_and_its_charts_wear_the_themes_colours(browse, owner, width, scheme, red):
    page = opened(browse(owner, viewport={"width": width, "height": 844}, color_scheme=scheme), "/")
    assert fits(page)
    bar = page.locator(".st-key-chart_checks .barlayer path").first
    assert bar.evaluate("bar => getComputedStyle(bar).fill") == red
