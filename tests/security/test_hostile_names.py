"""Names and addresses that want more than to be a name: in every download's header, and in every address of a file."""

from http.client import HTTPConnection
from urllib.parse import quote, unquote, urlsplit

import httpx
import pytest

from records import db
from records.calls import Call
from tests.api.described import COMPLETED
from tests.daily import daily
from tests.security.callers import world
from tests.website import Website

NAMES = (
    'a"; filename="evil.exe.wav',
    "a\r\nSet-Cookie: tv_session=planted\r\n\r\n<script>.wav",
    "\u202egpj.exe.wav",
    "../../etc/passwd",
    "录音 Özge 🙂.wav",
    "x" * 300 + ".wav",
    "half \ud83d.wav".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "CON.wav%0d%0aX-Evil: 1",
)
DOWNLOADS = (
    f"/recordings/{COMPLETED}?download=1",
    f"/api/v1/calls/{COMPLETED}/transcript?format=txt",
    f"/api/v1/calls/{COMPLETED}/transcript?format=srt",
    f"/api/v1/calls/{COMPLETED}?include=transcript",
    "/calls.csv",
    "/audit_log.csv",
)
UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "..%252f", "....//", "..;/", "%c0%ae%c0%ae/")
FOLDERS = ("/static/", "/media/", "/component/", "/_stcore/bidi-components/", "/recordings/", "/queues/static/")
FOLDERS += ("/api/v1/docs/", "/api/v1/recordings/", "/app/static/")
WANTED = ("etc/passwd", "proc/self/environ", "totalview.db")
LEAKED = (b"root:", b"SQLite format 3", b"TOTALVIEW_HOME=")


@pytest.mark.parametrize("name", daily(3, NAMES), ids=range(len(NAMES)))
def test_whatever_a_recording_is_called_its_downloads_have_their_own_headers_alone(home, site: Website, name):
    here = world()
    with db.writing() as session:
        session.get_one(Call, COMPLETED).filename = name
    with httpx.Client(base_url=site.address, timeout=60) as client:
        for path in DOWNLOADS:
            answer = client.get(path, headers=here.headers("owner"))
            assert answer.status_code == 200, path
            assert "set-cookie" not in answer.headers
            assert "x-evil" not in answer.headers
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert not answer.headers["content-type"].startswith("text/html")
        saved = client.get(DOWNLOADS[0], headers=here.headers("owner")).headers["content-disposition"]
        by_key = client.get(f"/api/v1/calls/{COMPLETED}/recording", headers=here.headers("key"), follow_redirects=True)
    assert by_key.headers["content-disposition"] == saved
    kind, _, given = saved.partition("; filename*=utf-8''")
    assert (kind, unquote(given)) == ("attachment", name)


@pytest.mark.parametrize("folder", daily(3, FOLDERS))
def test_no_address_leads_out_of_its_folder(home, site: Website, folder):
    headers = world().headers("owner")
    place = urlsplit(site.address)
    paths = [f"{folder}{up * 8}{file}" for up in UP for file in WANTED]
    paths += [f"{folder}{quote(absolute, safe='')}" for absolute in ("/etc/passwd", "file:///etc/passwd")]
    for path in paths:
        line = HTTPConnection(place.hostname or "", place.port, timeout=60)  # sends the address as it stands
        line.request("GET", path, headers=headers)
        body = line.getresponse().read()
        line.close()
        assert not [mark for mark in LEAKED if mark in body], path
