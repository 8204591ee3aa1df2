"""`totalview key`: what a list tells of keys, and a rate of a key's own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from commands.keys import app
from records import api_keys, db
from records.access import COMMAND_LINE
from records.api_keys import ApiKey
from records.campaigns import create


def key(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def sales(campaign):
    with db.writing() as session:
        return create(session, COMMAND_LINE, "Sales", [])


def listed(*arguments: str):
    told = key("list", "--json", *arguments)
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_key_takes_a_rate_of_its_own_and_else_the_servers(campaign, monkeypatch):
    first, second = key("create", "--campaign", "support", "--rate", "50"), key("create", "--campaign", "support")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert [row["rate"] for row in listed()] == [6000, 50]
    with db.reading() as session:
        assert session.exec(select(ApiKey.rate).order_by(ApiKey.id)).all() == [50, None]


@pytest.mark.parametrize("given", ["2097-01-31", "20970131", "2097-W05-4"])
def test_a_key_works_to_the_end_of_its_last_day_however_that_is_written(campaign, given):
    assert key("create", "--campaign", "support", "--expires", given).exit_code == 0
    with db.reading() as session:
        assert session.exec(select(ApiKey.expires_at)).one() == datetime(2097, 1, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("rate", ["0", "-1", "many", "1000001"])
def test_a_rate_that_no_key_can_have_is_refused(campaign, rate):
    assert key("create", "--campaign", "support", "--rate", rate).exit_code == 2
    assert listed() == []


def test_the_list_tells_keys_apart_and_never_shows_one(campaign, sales):
    secrets = [
        key("create", "--campaign", slug, "--name", name).stdout.strip()
        for slug, name in [("support", "dialler"), ("sales", "😀")]
    ]
    rows = listed()
    assert [(row["campaign"], row["name"], row["begins"]) for row in rows] == [
        ("sales", "😀", secrets[1][:9]),
        ("support", "dialler", secrets[0][:9]),
    ]
    assert [row["number"] for row in rows] == [2, 1]
    shown = key("list").stdout + json.dumps(rows)
    assert not any(secret in shown for secret in secrets)


def test_the_list_of_one_campaign_holds_no_other_s(campaign, sales):
    for slug in ("support", "sales"):
        key("create", "--campaign", slug)
    assert [row["campaign"] for row in listed("--campaign", "sales")] == ["sales"]
    unknown = key("list", "--campaign", "nowhere")
    assert (unknown.exit_code, unknown.stderr) == (1, "There is no campaign 'nowhere'.\n")


def test_the_state_says_which_keys_still_work(campaign):
    with db.writing() as session:
        past = db.now() - timedelta(seconds=1)
        api_keys.create(session, COMMAND_LINE, "support", expires_at=past)
        revoked, _ = api_keys.create(session, COMMAND_LINE, "support", expires_at=past)
        used, _ = api_keys.create(session, COMMAND_LINE, "support", expires_at=db.now() + timedelta(days=1))
        api_keys.used(session, used)
        api_keys.revoke(session, COMMAND_LINE, str(revoked.id))
    rows = listed()
    assert [row["state"] for row in rows] == ["active", "revoked", "expired"]
    assert [bool(row["last_used"]) for row in rows] == [True, False, False]
    heading, first, *_ = key("list").stdout.splitlines()
    assert heading.split()[:4] == ["Number", "Campaign", "Name", "Begins"]
    assert first.endswith("active")


def test_a_campaign_without_keys_says_how_to_make_one(campaign):
    assert "key create" in key("list").stdout
