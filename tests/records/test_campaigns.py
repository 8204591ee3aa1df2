import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from records import db
from records.access import COMMAND_LINE, Identity, NotAllowed
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable, create, slug_of
from records.checks import Check, CheckSpec, PhraseRule
from records.roles import Role
from tests.conftest import CHECKS


def make(name: str, checks=(), *, slug: str = "", who: Identity = COMMAND_LINE) -> Campaign:
    with db.writing() as session:
        return create(session, who, name, checks, slug=slug)


def slugs() -> list[str]:
    with db.reading() as session:
        return sorted(session.exec(select(Campaign.slug)))


def audit() -> list[tuple]:
    with db.reading() as session:
        rows = session.exec(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.act, row.subject, row.by, row.campaign_id, row.details) for row in rows]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Customer Service", "customer-service"),
        ("  Ärger & Lösung!  ", "arger-losung"),
        ("Crème brûlée №5", "creme-brulee-no5"),
        ("ﬁne", "fine"),
        ("a--b__c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("24/7", "24-7"),
        ("x" * 300, "x" * 80),
        ("日本語", ""),
        ("🎧", ""),
        ("", ""),
        ("-", ""),
    ],
)
def test_a_slug_is_the_name_in_plain_letters(name: str, slug: str):
    assert slug_of(name) == slug


@given(st.text(max_size=200))
def test_any_name_gives_a_slug_that_is_its_own_slug(name: str):
    slug = slug_of(name)
    assert slug_of(slug) == slug
    assert len(slug) <= 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug == slug.strip("-")


def test_a_campaign_has_the_products_defaults(home):
    made = make("Support")
    assert (made.flag_threshold, made.review_bound, made.section_thresholds, made.active) == (70, 0.5, {}, True)
    assert (made.transcriber, made.redact, made.channel_map) == ("", False, "detect")


def test_checks_keep_their_order_and_come_back_as_they_were(home):
    made = make("Support", CHECKS)
    with db.reading() as session:
        rows = session.exec(select(Check).where(Check.campaign_id == made.id).order_by(Check.position)).all()
    assert [row.position for row in rows] == [1, 2, 3]
    assert tuple(row.spec() for row in rows) == CHECKS


def test_a_slug_may_be_chosen(home):
    assert make("日本語", slug="japanese").slug == "japanese"
    assert make("🎧", slug="headphones").name == "🎧"


@pytest.mark.parametrize("name", ["日本語", "🎧", "", "   ", "!!!"])
def test_a_name_without_plain_letters_needs_a_slug(home, name: str):
    with pytest.raises(NotUsable, match=r"such as 'customer-service'\. Give one\."):
        make(name)
    assert slugs() == []


@pytest.mark.parametrize("slug", ["Customer", "a b", "a/b", "../x", "ä", "-a", "a-", "a--b", "x" * 81, "🎧"])
def test_a_slug_that_is_none_is_refused(home, slug: str):
    with pytest.raises(NotUsable, match="lower-case letters, digits and '-' only"):
        make("Support", slug=slug)
    assert slugs() == []


@pytest.mark.parametrize("name", ["support", "Support!", "SUPPORT"])
def test_a_slug_that_is_taken_is_refused_by_name(campaign: Campaign, name: str):
    with pytest.raises(NotUsable, match="There is a campaign 'support' already"):
        make(name)
    assert slugs() == ["support"]


def test_two_that_take_one_slug_at_once_make_one_campaign(database: str, monkeypatch):
    """Both looked and found it free; the database decides."""
    make("Support")
    monkeypatch.setattr("records.campaigns._taken", lambda _session, _slug: False)
    with pytest.raises(NotUsable, match="There is a campaign 'support' already"):
        make("Support")
    assert slugs() == ["support"]


@pytest.mark.parametrize("length", [200, 201])
def test_a_name_too_long_for_the_database_is_refused_in_words(database: str, length: int):
    if length <= 200:
        assert make("n" * length).name == "n" * length
        return
    with pytest.raises(NotUsable, match="at most 200 characters"):
        make("n" * length)
    assert slugs() == []


@pytest.mark.parametrize("character", ["\x00", "\n", "\x1b", "\ud800", "\u2028"])
def test_a_name_with_characters_that_cannot_be_shown_is_refused(database: str, character: str):
    with pytest.raises(NotUsable, match="characters that cannot be shown"):
        make(f"Sup{character}port")
    assert slugs() == []


@pytest.mark.parametrize("name", ["👩‍👩‍👧 team", "می‌خواهم x", "été"])
def test_joiners_that_scripts_and_emoji_need_are_kept(database: str, name: str):
    assert make(name, slug="x").name == name


@pytest.mark.parametrize("role", Role)
def test_only_seniors_make_campaigns(home, role: Role):
    who = Identity(user_id=None, role=role, label="somebody")
    if role in {Role.OWNER, Role.SENIOR_MANAGER}:
        make("Support", who=who)
        assert audit()[0][2] == "somebody"
        return
    with pytest.raises(NotAllowed):
        make("Support", who=who)
    assert (slugs(), audit()) == ([], [])


def test_the_audit_line_says_what_was_made(home):
    made = make(" Support ", CHECKS)
    assert audit() == [("campaign.create", "Support", "command line", made.id, {"slug": "support", "checks": 3})]


def test_a_refused_campaign_leaves_no_line(campaign: Campaign):
    before = audit()
    with pytest.raises(NotUsable):
        make("Support")
    assert audit() == before


def test_a_name_is_kept_as_text_whatever_it_looks_like(database: str):
    name = "<script>alert('x')</script> 🎧 =1+1"
    made = make(name, [CheckSpec(name="<b>", rule=PhraseRule(any=("=cmd|' /C calc'",)))])
    with db.reading() as session:
        assert session.get_one(Campaign, made.id).name == name
