"""Recordings in a bucket, heard in Chromium by links that the bucket serves and that run out."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call
from records.people import User
from records.roles import Role
from records.statuses import CallStatus
from records.tables import METADATA
from tests.audio import pcm_wav, silence
from tests.browser.conftest import settled, until
from tests.records.finished import add_version, transcript
from tests.records.made import person, stored_call, stored_campaign
from tests.simulators.s3 import point_at, straight
from tests.simulators.s3_keys import KEY, SECRET
from tests.website import Website, website

BUCKET = "heard"
END_S = 280  # so far in that a browser has not fetched it yet: of these 19 MB it takes some 7 at first


@pytest.fixture(scope="module")
def on_s3(
    s3_server: tuple[str, object], _migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Website]]:
    """A web process whose recordings are in a bucket."""
    folder = tmp_path_factory.mktemp("on_s3")
    shutil.copy(_migrated, folder / "totalview.db")
    straight(s3_server[0]).create_bucket(Bucket=BUCKET)
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_EC2_METADATA_DISABLED": "true"}
    with website(folder, S3_BUCKET=BUCKET, S3_ENDPOINT_URL=s3_server[0], **keys) as running:
        yield folder, running


@pytest.fixture
def home(on_s3: tuple[Path, Website], s3_server: tuple[str, object], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same settings for this process, and nothing in the database."""
    monkeypatch.setenv("TOTALVIEW_HOME", str(on_s3[0]))
    point_at(monkeypatch, s3_server[0], BUCKET)
    with db.writing() as session:
        for table in reversed(METADATA.sorted_tables):
            session.connection().execute(table.delete())
    return on_s3[0]


@pytest.fixture
def site(on_s3: tuple[Path, Website]) -> Website:
    return on_s3[1]


@pytest.fixture
def owner(home: Path) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def call(home: Path) -> Call:
    """Five minutes, of which the first words and the last were understood."""
    with db.writing() as session:
        campaign = stored_campaign(session, "Support")
        made = stored_call(session, campaign, status=CallStatus.COMPLETED, container="wav", codec="pcm_s16le")
        add_version(session, made, content=transcript(("agent", 0, "Hello."), ("customer", END_S * 1000, "Good bye.")))
    with storage().write(recording_key(made.id)) as sink:
        sink.write(pcm_wav(silence(300, channels=2), 16_000))
    return made


def played_at(page: Page, seconds: float) -> None:
    """Wait until it plays behind this moment."""
    until(
        page,
        "from => { const a = document.querySelector('audio'); return !a.paused && a.currentTime > from; }",
        arg=seconds,
    )


class Bucket:
    """What the page fetches from the bucket; refuses as many requests as it is told to.

    A request that the site's redirect led to is noted, but cannot be refused here.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.answered: list[int] = []
        self._page, self._address, self._refusals = page, address, 0
        page.on("response", lambda answer: self.answered.append(answer.status) if address in answer.url else None)

    def refuse(self, times: int) -> None:
        """From now on. Nothing stands in between before: what is held up there can stay there."""
        self._refusals = times
        self._page.route(f"{self._address}/**", self._answer)

    def _answer(self, route: Route) -> None:
        if self._refusals:
            self._refusals -= 1
            route.fulfill(status=403, body="<Error><Code>AccessDenied</Code></Error>")
        else:
            route.continue_()


def begun(page: Page, call: Call) -> None:
    """The call's page, and its recording playing from the beginning."""
    page.goto(f"/call?id={call.id}")
    settled(page)
    until(page, "document.querySelector('audio')?.readyState > 0")
    page.get_by_role("button", name="Hello.").click()
    played_at(page, 0.2)


def test_the_bucket_is_heard_and_a_link_that_has_run_out_is_renewed_in_the_middle(browse, owner, call, s3_server):
    page = browse(owner)
    bucket = Bucket(page, s3_server[0])
    begun(page, call)
    assert set(bucket.answered) == {206}
    bucket.answered.clear()
    bucket.refuse(1)
    page.get_by_role("button", name="Good bye.").click()
    played_at(page, END_S + 0.2)
    assert (bucket.answered[0], set(bucket.answered[1:])) == (403, {206})
    expect(page.locator("[aria-current]")).to_contain_text("Good bye.")
    expect(page.get_by_text("This recording cannot be played here")).to_be_hidden()


def test_a_bucket_that_goes_on_refusing_is_said_and_not_asked_without_end(browse, owner, call, s3_server):
    page = browse(owner)
    bucket = Bucket(page, s3_server[0])
    begun(page, call)
    bucket.refuse(100)
    page.get_by_role("button", name="Good bye.").click()
    expect(page.get_by_text("This recording cannot be played here")).to_be_visible()
    page.get_by_role("button", name="Good bye.").click()
    assert bucket.answered.count(403) == 2, "once by the old link, once by a fresh one"
