"""Behind a proxy, people are counted by the address that it passes on: in the web process as it runs."""

import httpx
import pytest

from dashboard.door.throttle import LINKS
from tests.served import served, served_home

__all__ = ["served", "served_home"]  # fixtures made elsewhere


@pytest.fixture
def home(served_home):
    return served_home


def asked(site, forwarded: str, times: int = 1) -> list[int]:
    with httpx.Client(base_url=site.address, headers={"X-Forwarded-For": forwarded}) as client:
        return [client.get("/welcome", params={"token": f"guess-{n}"}).status_code for n in range(times)]


def test_a_proxy_on_this_machine_is_believed_and_only_for_the_last_address_that_it_adds(home, served):
    assert asked(served.site, "203.0.113.9", LINKS + 1) == [410] * LINKS + [429]
    assert asked(served.site, "203.0.113.10") == [410]
    assert asked(served.site, "198.51.100.1, 203.0.113.9") == [429], "what a client writes before it counts for nothing"
