"""A client that nobody wrote does the main job: its generator knew the API's description and nothing else."""

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from api.app import PREFIX, build
from records.campaigns import Campaign
from tests.api.uploading import key_of
from tests.clients.generator import generate
from tests.installation import installed
from tests.pipeline.arriving import wav
from tests.website import website

CALLED_AT = datetime(2026, 3, 4, 13, 5, tzinfo=UTC)


class Generated:
    """The generated package, and a client of it with a key."""

    def __init__(self, address: str, key: str) -> None:
        self.models: ModuleType = importlib.import_module("totalview_client.models")
        self.types: ModuleType = importlib.import_module("totalview_client.types")
        client = importlib.import_module("totalview_client").AuthenticatedClient
        self.client = client(base_url=f"{address}{PREFIX}", token=key, raise_on_unexpected_status=True)

    def ask(self, function: str, *arguments: Any, **named: Any) -> Any:
        """The typed answer of one of its functions, such as `calls.get_call`."""
        return importlib.import_module(f"totalview_client.api.{function}").sync(*arguments, client=self.client, **named)

    def upload(self, data: bytes, name: str = "call.wav", **facts: Any) -> Any:
        file = self.types.File(payload=BytesIO(data), file_name=name, mime_type="audio/wav")
        return self.ask("uploads.upload_recording", body=self.models.UploadRecordingBody(file=file, **facts))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """`totalview_client` can be imported."""
    folder = tmp_path_factory.mktemp("generated")
    description = folder / "openapi.json"
    description.write_text(json.dumps(build().openapi()))
    generate(description, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "totalview_client"]:
        del sys.modules[name]


@pytest.fixture
def generated(package: None, home: Path, campaign: Campaign) -> Iterator[Generated]:
    key = key_of()
    with installed(home), website(home, options=["--api-only"]) as site:
        assert httpx.get(f"{site.address}{PREFIX}/openapi.json").json() == build().openapi()
        made = Generated(site.address, key)
        yield made
        made.client.get_httpx_client().close()


def test_a_generated_client_brings_recordings_and_asks_what_came_of_them(generated: Generated):
    models = generated.models
    job = generated.ask("bulk_jobs.create_bulk_job", body=models.NewBulkJob(expected=3, name="March"))
    facts = models.UploadRecordingBodyMetadata.from_dict({"team": "north", "wrap_up": None})
    accepted = generated.upload(
        wav(0), external_id="A-1", called_at=CALLED_AT, metadata=facts, accept_truncated=False, bulk_job_id=job.id
    )
    assert (accepted.status, accepted.source) == (models.CallStatus.PENDING, models.Source.API)

    call = generated.ask("calls.get_call", accepted.id)
    assert (call.external_id, call.called_at) == ("A-1", CALLED_AT)
    assert call.metadata.to_dict() == {"team": "north", "wrap_up": None}

    again = generated.upload(wav(0), "copy.wav", bulk_job_id=job.id)
    assert (again.id, again.duplicate) == (accepted.id, True)
    others = {generated.upload(wav(number)).id for number in (1, 2)}
    assert walked(generated) == others | {accepted.id}

    changes = models.CallChanges(metadata=models.CallChangesMetadataType0.from_dict({"team": None, "shift": 2}))
    assert generated.ask("calls.change_call", accepted.id, body=changes).metadata.to_dict() == {
        "wrap_up": None,
        "shift": 2,
    }
    rerun = models.Rerun(from_=models.RerunFrom.TRANSCRIPTION)
    assert generated.ask("calls.rerun_call", accepted.id, body=rerun).id == accepted.id
    standing = generated.ask("bulk_jobs.get_bulk_job", job.id)
    assert (standing.status, standing.counts.arrived, standing.counts.duplicates) == (
        models.BulkStatus.PROCESSING,
        2,
        1,
    )


def walked(generated: Generated) -> set[str]:
    """Every call, one a page."""
    found, cursor = set(), ""
    while cursor is not None:
        page = generated.ask("calls.list_calls", limit=1, cursor=cursor, status=[generated.models.CallStatus.PENDING])
        found |= {call.id for call in page.items}
        cursor = page.next_cursor
    return found


def test_a_generated_client_reads_problems_as_what_they_are(package: None, caller_client):
    generated = Generated(str(caller_client.base_url), "")
    caller_client.base_url = f"{caller_client.base_url}{PREFIX}"
    generated.client.set_httpx_client(caller_client)
    models = generated.models
    refused = generated.upload(b"these are words")
    assert isinstance(refused, models.ProblemDocument)
    assert (refused.type_, refused.reason) == ("urn:totalview:problem:not-a-recording", "not_audio")

    nowhere = generated.ask("calls.get_call", "0" * 32)
    assert (nowhere.status, nowhere.title) == (404, "Not found")
    accepted = generated.upload(wav())
    rerun = models.Rerun(from_=models.RerunFrom.ANALYSIS)
    nothing = generated.ask("calls.rerun_call", accepted.id, body=rerun)
    assert nothing.type_ == "urn:totalview:problem:nothing-to-analyze"
    changes = models.CallChanges(agent="nobody goes by this")
    invalid = generated.ask("calls.change_call", accepted.id, body=changes)
    assert invalid.errors[0].to_dict()["where"] == ["body", "agent"]
