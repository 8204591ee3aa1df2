"""What a browser is, in few words."""

import pytest

from dashboard.door.browsers import short
from records import db, sessions
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.forms import send

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT}"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36 OPR/120.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        (f"{IPHONE} Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/150.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{ANDROID} Chrome/150.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{ANDROID} SamsungBrowser/28.0 Chrome/150.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/150.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.10.1", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>Firefox/</script>" * 1000, "Firefox"),
    ],
)
def test_it_is_named_as_people_name_it(said, words):
    assert short(said) == words


def test_a_sign_in_notes_the_browser_and_the_moment(visitor, ann):
    client = visitor()
    client.headers["User-Agent"] = f"{WINDOWS} {WEBKIT} Chrome/150.0.0.0 Safari/537.36"
    send(client, "/login", email="ann@example.org", password=PASSWORD)
    with db.reading() as session:
        who = sessions.find(session, client.cookies["tv_session"])
        assert [row.browser for row in sessions.open_ones(session, who)] == ["Chrome on Windows"]
