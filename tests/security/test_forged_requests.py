"""What another site's page sends with a signed-in person's cookie: it acts nowhere, and opens no socket."""

import httpx
import pytest
from sqlmodel import select
from websockets.exceptions import ConnectionClosed, InvalidStatus

from records import db
from records.tables import METADATA
from tests.security.callers import world
from tests.security.places import everywhere
from tests.security.requests import request
from tests.website import Website, page_socket, run_page

ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
)
ASK, REFUSED = ("GET", "HEAD"), range(400, 500)
PLACES = sorted(place for place in everywhere() if not place.startswith("SOCKET"))


def by_the_owner(site: Website, places: list[str], **sent: str) -> dict[str, int]:
    """What each place answers to the Owner's browser, sent by somebody else's page."""
    here = world()
    cookie = here.headers("owner")["Cookie"]
    found = {}
    with httpx.Client(base_url=site.address, timeout=60) as client:
        before = everything_stored()
        for place in places:
            method, path, rest = request(place, here.known)
            headers = {**rest.get("headers", {}), "Cookie": cookie, **sent}
            found[place] = client.request(method, path, **{**rest, "headers": headers}).status_code
        assert everything_stored() == before
    return found


def everything_stored() -> dict[str, list[tuple[object, ...]]]:
    with db.reading() as session:
        rows = session.connection().execute
        return {table.name: list(map(tuple, rows(select(table)))) for table in METADATA.sorted_tables}


@pytest.mark.parametrize("sent", ELSEWHERE, ids=lambda sent: "-".join(sent.values()))
def test_another_site_s_page_acts_nowhere(home, site: Website, sent):
    acting = [place for place in PLACES if place.split()[0] not in ASK]
    answers = by_the_owner(site, acting, **sent)
    assert {place: status for place, status in answers.items() if status not in REFUSED} == {}


def test_no_link_of_another_site_s_page_changes_anything(home, site: Website):
    asking = [place for place in PLACES if place.split()[0] in ASK]
    answers = by_the_owner(site, asking, **ELSEWHERE[0])
    assert {place for place, status in answers.items() if place.endswith(".csv") and status not in REFUSED} == set()


def test_another_site_s_page_opens_no_socket(home, site: Website):
    cookie = world().headers("owner")["Cookie"]
    with page_socket(site, Cookie=cookie) as opened:
        assert run_page(opened)
    for origin in ("https://evil.test", "null", site.address.replace("127.0.0.1", "localhost")):
        with (
            pytest.raises((InvalidStatus, ConnectionClosed)),
            page_socket(site, Cookie=cookie, Origin=origin) as opened,
        ):
            run_page(opened)
