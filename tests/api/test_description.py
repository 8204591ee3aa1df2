"""The API as it runs, held against its own description by schemathesis: see schemathesis.toml beside this."""

from pathlib import Path

import pytest

from records.campaigns import Campaign
from tests.api.described import BY_BEARER, BY_HEADER, BY_NOTHING, everything, prove, served


def test_requests_of_every_kind_are_answered_as_described(home: Path, campaign: Campaign):
    known = everything(campaign)
    with served(home) as site:
        prove(site, known, "--max-examples", "5")


@pytest.mark.long
@pytest.mark.parametrize("auth", [BY_BEARER, BY_HEADER, BY_NOTHING], ids=["bearer", "header", "anonymous"])
def test_whatever_is_asked_is_answered_as_described(database: str, home: Path, campaign: Campaign, auth: str):
    known = everything(campaign)
    with served(home) as site:
        prove(site, known, "--max-examples", "60", auth=auth)
