"""A server with something of everything to ask about, and schemathesis let loose on it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from api import downloads
from pipeline import announced
from pipeline.announced import Announced
from pipeline.intake import Facts
from pipeline.storage import recording_key, storage
from records import db
from records.access import COMMAND_LINE
from records.agents import AgentAlias
from records.api_keys import ApiKey, create
from records.bulk import BulkJob
from records.campaigns import Campaign
from records.signing import secret_for
from records.statuses import CallStatus
from records.uploads import ResumableUpload
from tests.house_rules import ROOT
from tests.installation import installed
from tests.pipeline.arriving import wav
from tests.records.finished import finished_call
from tests.records.made import agent, stored_call, stored_campaign
from tests.website import Website, website

RECORDING = wav(seconds=0.2)
COMPLETED, PENDING, FAILED, ELSEWHERE = ("c0" * 16, "b0" * 16, "fa" * 16, "ee" * 16)
BEGUN, BECOME, ANOTHERS = ("0b" * 16, "c1" * 16, "e1" * 16)
DOOMED = [f"d{number}" * 16 for number in range(3)]

BY_BEARER = '[auth.openapi]\nKey = { bearer = "${TOTALVIEW_API_KEY}" }'  # as schemathesis.toml has it
BY_HEADER = '[auth.openapi]\nKeyHeader = { api_key = "${TOTALVIEW_API_KEY}" }'
BY_NOTHING = ""


@dataclass(frozen=True)
class Known:
    """What a program would know: a key, and a link to a recording."""

    key: str
    token: str


def everything(campaign: Campaign) -> Known:
    """Rows under the ids that schemathesis.toml names."""
    with db.writing() as session:
        elsewhere = stored_campaign(session, "Elsewhere")
        ada = agent(session, "Ada")
        session.add(AgentAlias(alias="ada@example.org", agent_id=ada.id))
        finished_call(session, campaign, id=COMPLETED, agent_id=ada.id, external_id="A-1001", details={"team": "north"})
        stored_call(session, campaign, id=PENDING)
        failure = {"status": CallStatus.FAILED, "error_code": "no_speech", "error": "Nobody speaks in this recording."}
        stored_call(session, campaign, id=FAILED, **failure)
        finished_call(session, elsewhere, id=ELSEWHERE)
        session.add_all(BulkJob(campaign_id=campaign.id, expected=3, by="a test") for _ in range(2))  # ids 1 and 2
        key, secret = create(session, COMMAND_LINE, campaign.slug, name="schemathesis")
        for upload_id in (BEGUN, *DOOMED):
            upload(session, key, upload_id)
        upload(session, key, BECOME, call_id=COMPLETED, received=len(RECORDING))
        upload(session, create(session, COMMAND_LINE, elsewhere.slug, name="another")[0], ANOTHERS)
        signer = downloads._signer(secret_for(session, downloads.PURPOSE))
        token = signer.dumps([COMPLETED, campaign.id])
    with storage().write(recording_key(COMPLETED)) as sink:
        sink.write(RECORDING)
    return Known(secret, str(token))


def upload(session: Session, key: ApiKey, upload_id: str, **facts: object) -> None:
    """A resumable upload that this key has begun."""
    size = len(RECORDING)
    session.add(
        ResumableUpload(
            id=upload_id,
            campaign_id=key.campaign_id,
            owner=f"key:{key.id}",
            api_key_id=key.id,
            filename="call.wav",
            facts=announced.as_kept(Announced("call.wav", size, Facts())),
            size=size,
            **facts,
        )
    )


@contextmanager
def served(home: Path) -> Iterator[Website]:
    """The API alone, which counts nobody's requests."""
    with installed(home), website(home, options=["--api-only"], TOTALVIEW_API_RATE="1000000") as site:
        yield site


def prove(site: Website, known: Known, *options: str, auth: str = BY_BEARER) -> None:
    """Nothing that the server answers is otherwise than it says of itself."""
    folder = site.said.parent
    config = folder / "schemathesis.toml"
    template = (ROOT / "tests/api/schemathesis.toml").read_text()
    assert BY_BEARER in template
    config.write_text(template.replace("${RECORDING_TOKEN}", known.token).replace(BY_BEARER, auth))
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", config, "run", f"{site.address}/api/v1/openapi.json", "--no-color", *options]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "TOTALVIEW_API_KEY": known.key}
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
    said = done.stdout.partition("== FAILURES ==")[2] or done.stdout
    assert done.returncode == 0, said + done.stderr
    assert "Traceback" not in site.said.read_text(), site.said.read_text()
    assert "WARNINGS" not in done.stdout, done.stdout
    assert re.search(r"[1-9]\d* generated, [1-9]\d* passed", done.stdout), done.stdout
