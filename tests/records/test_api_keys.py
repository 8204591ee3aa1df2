import hashlib
from datetime import timedelta

import pytest
from sqlmodel import select

from records import api_keys, db
from records.access import COMMAND_LINE, Identity, NotFound
from records.api_keys import ApiKey
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable
from records.db import now
from records.roles import Role
from tests.records import made


def make(campaign: Campaign, *, who: Identity = COMMAND_LINE, **facts) -> tuple[ApiKey, str]:
    with db.writing() as session:
        return api_keys.create(session, who, campaign.slug, **facts)


def revoke(which: str, *, who: Identity = COMMAND_LINE) -> ApiKey:
    with db.writing() as session:
        return api_keys.revoke(session, who, which)


def keys() -> list[ApiKey]:
    with db.reading() as session:
        return list(session.exec(select(ApiKey).order_by(ApiKey.id)))


def audit(*acts: str) -> list[tuple]:
    with db.reading() as session:
        rows = session.exec(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.act, row.subject, row.by, row.campaign_id) for row in rows if row.act.startswith("key.")]


def test_the_key_is_shown_once_and_only_its_hash_is_stored(campaign: Campaign, home):
    row, key = make(campaign, name="Dialler")
    stored = keys()[0].model_dump_json()
    assert key not in stored
    assert keys()[0].key_hash == hashlib.sha256(key.encode()).hexdigest()
    assert (row.shown, key.startswith(row.shown), len(row.shown)) == (key[:9], True, 9)
    for file in home.iterdir():
        assert key.encode() not in file.read_bytes(), f"{file.name} holds the key itself"


def test_a_key_has_256_bits_after_its_prefix_and_is_like_no_other():
    made_ones = {api_keys.new_key() for _ in range(50)}
    assert len(made_ones) == 50
    for key in made_ones:
        assert key.startswith("tv_")
        assert len(key.removeprefix("tv_")) == 43  # 32 bytes in base64


def test_a_key_keeps_who_made_it_and_when_it_ends(campaign: Campaign):
    end = now() + timedelta(days=30)
    make(campaign, name="Dialler", expires_at=end)
    row = keys()[0]
    assert (row.created_by, row.expires_at, row.revoked_at, row.last_used_at) == ("command line", end, None, None)


@pytest.mark.parametrize("by", ["id", "shown", "shown with dots", "whole key"])
def test_a_key_is_revoked_by_its_number_its_first_characters_or_whole(campaign: Campaign, by: str):
    other, _ = make(campaign)
    row, key = make(campaign, name="Dialler")
    which = {"id": str(row.id), "shown": row.shown, "shown with dots": row.shown + "…", "whole key": key}[by]
    assert revoke(which).id == row.id
    ended = {each.id: each.revoked_at is not None for each in keys()}
    assert ended == {other.id: False, row.id: True}


def test_revoking_again_changes_no_date_and_adds_no_line(campaign: Campaign):
    row, _ = make(campaign)
    first = revoke(str(row.id)).revoked_at
    assert revoke(str(row.id)).revoked_at == first
    assert [line[0] for line in audit()] == ["key.create", "key.revoke"]


@pytest.mark.parametrize("which", ["", "…", "tv_", "0", "-1", "99", "9" * 40, "tv_nothing", "1; DROP", "\x00", "é"])
def test_what_fits_no_key_is_refused_in_words(database: str, which: str):
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
    make(campaign)
    with pytest.raises(NotFound, match="Name it by its number, or by the whole key"):
        revoke(which)
    assert keys()[0].revoked_at is None


def test_first_characters_that_fit_two_keys_revoke_neither(campaign: Campaign, monkeypatch):
    made_ones = iter(["tv_same00" + "a" * 37, "tv_same00" + "b" * 37])
    monkeypatch.setattr(api_keys, "new_key", lambda: next(made_ones))
    make(campaign)
    _, second = make(campaign)
    with pytest.raises(NotFound):
        revoke("tv_same00")
    assert [row.revoked_at for row in keys()] == [None, None]
    assert revoke(second).revoked_at is not None


@pytest.mark.parametrize("role", Role)
def test_only_seniors_make_and_revoke_keys(campaign: Campaign, role: Role):
    row, key = make(campaign)
    who = Identity(user_id=None, role=role, label="somebody", campaign_ids=frozenset({campaign.id}))
    if role in {Role.OWNER, Role.SENIOR_MANAGER}:
        make(campaign, who=who)
        revoke(key, who=who)
        assert [line[2] for line in audit()] == ["command line", "somebody", "somebody"]
        return
    with pytest.raises(NotFound, match=r"There is no campaign 'support'\."):
        make(campaign, who=who)
    for which in (str(row.id), row.shown, key):
        with pytest.raises(NotFound, match="No key fits"):
            revoke(which, who=who)
    assert ([each.revoked_at for each in keys()], len(audit())) == ([None], 1)


def test_a_key_for_no_campaign_is_refused_and_leaves_no_line(campaign: Campaign):
    with db.writing() as session, pytest.raises(NotFound):
        api_keys.create(session, COMMAND_LINE, "nowhere")
    assert (keys(), audit()) == ([], [])


def test_each_act_has_its_line_without_the_secret(campaign: Campaign):
    row, key = make(campaign, name="Dialler")
    revoke(key)
    subject = f"{row.shown}… Dialler"
    assert audit() == [
        ("key.create", subject, "command line", campaign.id),
        ("key.revoke", subject, "command line", campaign.id),
    ]


def test_a_name_too_long_for_the_database_is_refused_in_words(database: str):
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
    make(campaign, name="n" * 200)
    with pytest.raises(NotUsable, match="at most 200 characters"):
        make(campaign, name="n" * 201)
    assert len(keys()) == 1


def test_a_campaigns_keys_are_listed_by_whether_they_ended(database, campaign: Campaign):
    with db.writing() as session:
        other = made.stored_campaign(session, "Sales")
    make(other)
    plain, later, late, gone = (
        make(campaign, expires_at=end)[0].id
        for end in (None, now() + timedelta(days=1), now() - timedelta(days=1), now() + timedelta(days=1))
    )
    revoke(str(gone))
    with db.reading() as session:
        in_use = [key.id for key in api_keys.of_campaign(session, COMMAND_LINE, "support")]
        ended = [key.id for key in api_keys.of_campaign(session, COMMAND_LINE, "support", ended=True)]
        with pytest.raises(NotFound):
            api_keys.of_campaign(session, Identity(None, Role.MANAGER, "m", None, frozenset({campaign.id})), "support")
    assert (in_use, ended) == ([later, plain], [gone, late])
