"""The API as it runs, held against its own description by schemathesis: see schemathesis.toml beside this."""

from pathlib import Path

import pytest

from records.campaigns import Campaign
from tests.api.described import BY_BEARER, BY_HEADER, BY_NOTHING, everything, prove, served


def test_requests_of_every_kind_are_answered_as_described(home: Path, campaign: Campaign):
    known = everything(campaign)
    with served(home) as site:
        prove(site, known, "--phases", "coverage,fuzzing,stateful", "--max-examples", "3")


@pytest.mark.long
@pytest.mark.timeout(900)  # 51 to 71 s alone on two cores
@pytest.mark.parametrize("auth", [BY_BEARER, BY_HEADER], ids=["bearer", "header"])
def test_whatever_is_asked_is_answered_as_described(database: str, home: Path, campaign: Campaign, auth: str):
    known = everything(campaign)
    with served(home) as site:
        prove(site, known, "--max-examples", "60", auth=auth)


@pytest.mark.long
def test_whatever_is_asked_without_a_key_is_refused_as_described(home: Path, campaign: Campaign):
    known = everything(campaign)
    with served(home) as site:
        nothing_is_accepted = ("--exclude-checks", "positive_data_acceptance", "--warnings", "off")
        prove(site, known, "--max-examples", "20", *nothing_is_accepted, auth=BY_NOTHING)
