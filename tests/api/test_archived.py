"""An archived campaign takes no recordings over the API, and goes on showing what it has."""

import pytest

from api.app import PREFIX
from records import campaigns, db
from records.access import COMMAND_LINE
from tests.api.resumable import begin, begun, kind, patch, said
from tests.api.uploading import recording, stored_files, upload


@pytest.fixture
def archive(campaign):
    def do() -> None:
        with db.writing() as session:
            campaigns.edit(session, COMMAND_LINE, "support", campaigns.changes(active=False))

    return do


def test_each_way_in_is_refused_in_words(caller_client, archive, asked):
    archive()
    ways = (
        upload(caller_client, recording(1)),
        begin(caller_client, 10, **said(filename="a.wav")),
        caller_client.post(f"{PREFIX}/bulk_jobs", json={"expected": 2}),
    )
    for answer in ways:
        assert kind(answer) == (403, "forbidden")
        assert "'support' is archived and takes no new calls" in answer.json()["detail"]
    assert (asked, stored_files()) == ([], [])


def test_an_upload_that_was_begun_before_is_refused_at_its_end(caller_client, archive, asked):
    data = recording(2)
    where = begun(caller_client, len(data), filename="a.wav")
    archive()
    answer = patch(caller_client, where, data)
    assert kind(answer) == (403, "forbidden")
    assert (asked, stored_files()) == ([], [])


def test_what_it_has_stays_to_be_seen(caller_client, archive, asked):
    call = upload(caller_client, recording(3)).json()["id"]
    archive()
    assert caller_client.get(f"{PREFIX}/calls/{call}").status_code == 200
    assert caller_client.get(f"{PREFIX}/campaign").json()["slug"] == "support"
