"""What a recording is called over HTTP, and for whose ears it is."""

import pytest
from starlette.requests import Request

from config import settings
from pipeline.storage import recording_key, storage
from records.campaigns import Campaign
from records.db import now
from tests.records.made import new_call
from web.recordings import OTHER_TYPE, audible, bucket_link, disposition, media_type, served

CAMPAIGN = Campaign(id=1, slug="a", name="A")


@pytest.mark.parametrize(
    ("container", "kind"),
    [
        ("wav", "audio/wav"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "audio/mp4"),
        ("matroska,webm", "audio/webm"),
        ("mp3", "audio/mpeg"),
    ],
)
def test_browsers_are_told_the_type(container, kind):
    assert media_type(container) == kind


@pytest.mark.parametrize("container", ["", "html", "gsm", "<script>"])
def test_any_other_type_is_some_sound_and_never_a_page(container):
    assert media_type(container) == OTHER_TYPE
    assert OTHER_TYPE.startswith("audio/")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("call.wav", "call.wav"),
        ("Gespräch 🙂.wav", "Gespr%C3%A4ch%20%F0%9F%99%82.wav"),
        ('a";x="b\r\nX-Evil: 1', "a%22%3Bx%3D%22b%0D%0AX-Evil%3A%201"),
        ("half \ud83d.wav", "half%20%3F.wav"),
    ],
)
def test_a_download_bears_the_uploaded_name_and_nothing_of_it_ends_the_header(name: str, sent: str):
    call = new_call(CAMPAIGN, filename=name)
    assert disposition(call, download=True) == f"attachment; filename*=utf-8''{sent}"
    assert disposition(call, download=False) == "inline"


def test_where_a_campaign_redacts_nobody_hears_the_recording():
    assert audible(CAMPAIGN)
    assert not audible(Campaign(id=2, slug="b", name="B", redact=True))


@pytest.mark.parametrize("served_by", [bucket_link, served])
def test_what_retention_has_removed_is_not_served_though_storage_has_it_still(home, monkeypatch, served_by):
    call = new_call(CAMPAIGN, recording_gone_at=now())
    with storage().write(recording_key(call.id)) as sink:
        sink.write(b"sound")
    monkeypatch.setenv("S3_BROWSER_LINKS", "true")
    settings.cache_clear()
    given = (Request({"type": "http", "method": "GET", "headers": []}), call) if served_by is served else (call,)
    with pytest.raises(FileNotFoundError, match=call.id):
        served_by(*given, download=True)
