"""Every page in a real browser, with hostile words wherever the database holds somebody's words."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from records import access, audit, db, retention, review_acts, saved_view_edits
from records.calls import Call
from records.deliveries import Delivery, DeliveryState, new_event_id
from records.roles import Role
from records.tables import METADATA
from records.webhooks import Webhook
from tests import demo, demo_sftp
from tests.browser.conftest import settled
from tests.daily import daily
from tests.demo import Demo
from tests.demo_sftp import Seen
from tests.records.made import person
from tests.screenshots import pages
from tests.security import poison

MADE_OF_WORDS = f"""() => {{
  const all = (selector) => [...document.querySelectorAll(selector)];
  const made = [
    ...all('img[src="x"], img[src*="{poison.HOST}"], a[href^="javascript" i], a[href*="{poison.HOST}"], iframe'),
    ...all('[onerror], [onload], .katex'),
    ...all('script').filter((node) => node.textContent.includes('__xss')),
    ...all('strong, code').filter((node) => ['c', 'd'].includes(node.textContent)),
  ];
  return [window.__xss ?? '', ...made.map((node) => node.outerHTML.slice(0, 200))].filter(Boolean);
}}"""
SHOWN = f"/__xss|{poison.HOST}|:material.delete/.test(document.body.innerText)"
SHOW_NOTHING = 1  # page of the share: those about oneself and the system hold hardly a word of others
SHARES = daily(1, [slice(number, None, 6) for number in range(6)])
TABS = ("checks", "agreement", "general", "sftp", "api", "webhooks", "members")


def everything() -> tuple[Demo, Seen]:
    """A contact centre that has used everything, and then every word of it hostile."""
    made = demo.make(calls=60)
    with db.writing() as session:
        seen = demo_sftp.make(session, made.campaigns)
        owner = access.identity(session, made.people[Role.OWNER])
        call = session.get_one(Call, made.good_call)
        call.details, call.external_id = {"team": "north"}, "A-1"
        retention.hold(session, owner, made.flagged_call, why="The court asked.")
        review_acts.dispute(session, owner, call.id, call.version_number, position=0, words="It was said.")
        hook = session.exec(select(Webhook.id)).one()
        tries = [{"at": "2026-11-29T12:00:00Z", "error": "refused", "status": None, "ms": 3, "answer": "No."}]
        sent = {"state": DeliveryState.FAILED, "tries": 1, "ended_at": db.now(), "log": tries}
        session.add(Delivery(webhook_id=hook, event_id=new_event_id(), type="call.completed", payload="{}", **sent))
        audit.log(session, owner, "person.rename", "somebody", name="one -> another")
    saved_view_edits.save(owner, "Mine", "status=failed", shared=True)
    with db.writing() as session:
        poison.spread(session)
    return made, seen


def test_every_column_that_can_hold_words_is_hostile_or_ours():
    words, ours = poison.named(poison.WORDS), poison.named(poison.OURS)
    for table in METADATA.sorted_tables:
        hostile, safe = words.get(table.name, set()), ours.get(table.name, set())
        assert hostile | safe == poison.columns(table), table.name
        assert not hostile & safe


@pytest.mark.parametrize("share", SHARES, ids=lambda share: f"pages-{share.start}-of-{share.step}")
def test_no_page_makes_anything_of_hostile_words(browse, monkeypatch, share):
    monkeypatch.setattr(demo_sftp, "MANY", 30)
    made, seen = everything()
    page, found, shown = browse(made.people[Role.OWNER]), {}, 0
    page.on("dialog", lambda dialog: found.setdefault(page.url, []).append(dialog.message))
    for address in addresses(made, seen)[share]:
        page.goto(address)
        settled(page)
        shown += page.evaluate(SHOWN)
        for place in looked_into(page):
            if of_words := page.evaluate(MADE_OF_WORDS):
                found[f"{address} {place}"] = of_words
    assert found == {}
    assert shown >= len(addresses(made, seen)[share]) - SHOW_NOTHING


def addresses(made: Demo, seen: Seen) -> list[str]:
    return [*dict(pages(made, seen)).values(), *(f"/campaign?id=customer-service&tab={tab}" for tab in TABS)]


def looked_into(page: Page) -> Iterator[str]:
    """The page as it opens, then with what it keeps folded."""
    yield ""
    for kind in ("stExpander", "stPopoverButton"):
        for place in page.get_by_test_id(kind).all():
            opened(place.locator("summary") if kind == "stExpander" else place)
            settled(page)
            yield kind
            if kind == "stPopoverButton":
                page.keyboard.press("Escape")


def opened(place: Locator) -> None:
    if place.is_visible() and place.is_enabled():
        place.click()


def test_no_table_is_saved_by_streamlit_s_own_csv_which_keeps_formulas(browse, home):
    with db.writing() as session:
        owner = person(session, Role.OWNER)
    page = browse(owner)
    page.goto("/system")
    settled(page)
    page.get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_role("button", name="Search").first).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV").first).to_be_hidden()
