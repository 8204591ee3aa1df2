"""`totalview campaign create --template` and `campaign set`: what the page can do, without it."""

import json

import pytest
from typer.testing import CliRunner

import cli
from config import settings
from records import db
from tests.records.finished import finished_call


@pytest.fixture
def support(typed):
    assert typed("campaign", "create", "--name", "Support", "--template", "customer-service").returncode == 0


def test_a_campaign_begins_with_a_template(typed):
    made = typed("campaign", "create", "--name", "Arrears", "--template", "collections", "--json")
    assert json.loads(made.stdout) == {"slug": "arrears", "name": "Arrears", "id": 1, "checks": 12}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--template", "nonsense"], "There is no template 'nonsense'. There are: customer-service, sales"),
        (["--template", "sales", "--checks", "x.yaml"], "Give --checks or --template, not both."),
    ],
)
def test_what_it_cannot_begin_with_says_what_would_do(typed, arguments, words):
    made = typed("campaign", "create", "--name", "Support", *arguments)
    assert (made.returncode, words in made.stderr) == (1, True)
    assert typed("campaign", "list", "--json").stdout == ""


def test_settings_are_changed_and_shown(typed, support):
    made = typed(
        *("campaign", "set", "support", "--name", "Help desk", "--time-zone", "Europe/Vienna", "--month-first"),
        *("--archived", "--section-threshold", "Opening=80", "--section-threshold", "Closing = 60", "--json"),
    )
    assert made.returncode == 0, made.stderr
    now = json.loads(made.stdout)
    assert (now["slug"], now["name"], now["time_zone"]) == ("support", "Help desk", "Europe/Vienna")
    assert (now["active"], now["day_first"]) == (False, False)
    assert now["section_thresholds"] == {"Opening": 80, "Closing": 60}
    table = typed("campaign", "set", "support", "--active").stdout
    assert "Opening 80, Closing 60" in table
    cleared = typed("campaign", "set", "support", "--section-threshold", "", "--json")
    assert json.loads(cleared.stdout)["section_thresholds"] == {}


def test_how_long_things_are_kept_is_set_and_taken_back(typed, support):
    kept = ("--keep-recordings-days", "90", "--keep-transcripts-days", "365")
    now = json.loads(typed("campaign", "set", "support", *kept, "--json").stdout)
    assert (now["keep_recordings_days"], now["keep_transcripts_days"]) == (90, 365)
    now = json.loads(typed("campaign", "set", "support", "--keep-recordings-days", "0", "--json").stdout)
    assert (now["keep_recordings_days"], now["keep_transcripts_days"]) == (0, 365)


def test_turning_redaction_on_says_how_many_calls_are_withheld(campaign, monkeypatch):
    monkeypatch.setenv("DEEPGRAM_API_KEY", "k")
    settings.cache_clear()
    turn = ("campaign", "set", campaign.slug, "--redact", "--json")
    assert CliRunner().invoke(cli.app, turn).stderr == ""
    with db.writing() as session:
        finished_call(session, campaign)
    said = CliRunner().invoke(cli.app, turn)
    assert json.loads(said.stdout)["redact"] is True
    assert said.stderr.startswith("What was said in 1 call is withheld")
    assert CliRunner().invoke(cli.app, [*turn[:3], "--no-redact", "--json"]).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--keep-recordings-days", "-1"], "The keep recordings days cannot be used"),
        (["--section-threshold", "Opening"], "such as 'Opening=80'"),
        (["--section-threshold", "Nowhere=80"], "There is no section 'Nowhere'"),
        (["--time-zone", "Mars"], "there is no such time zone"),
        (["--redact"], "can redact. Turn redaction off, or choose"),
        (["--transcriber", "parrot"], "There is no transcriber 'parrot'"),
        (["--name", ""], "A campaign needs a name"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_changes_nothing(typed, support, arguments, words):
    before = typed("campaign", "set", "support", "--json").stdout
    refused = typed("campaign", "set", "support", *arguments)
    assert (refused.returncode, words in refused.stderr, refused.stdout) == (1, True, "")
    assert typed("campaign", "set", "support", "--json").stdout == before
