"""What acts are done to: made anew for each who tries, so that nobody finds done what another did."""

from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import TypeVar

from sqlmodel import Session

from pipeline.sound.contract import Flaw
from records import access, agent_edits, api_keys, bulk, db, saved_view_edits, webhooks
from records.access import COMMAND_LINE
from records.agents import AgentCampaign
from records.db import stored_id
from records.deliveries import Delivery, DeliveryState, new_event_id
from records.roles import Role
from records.statuses import CallStatus, SftpBatchStatus, SftpFileStatus, Verdict
from records.statuses import SftpFileStatus as Status
from tests.pages.conftest import Cast
from tests.pipeline import reviewed
from tests.records.finished import finished_call
from tests.records.made import agent, person, stored_call
from tests.records.sftp_made import stored_batch, stored_file, stored_folder

T = TypeVar("T")
PUBLIC = "https://receiver.example.com/"
serial = count(1)


def name() -> str:
    return f"Thing {next(serial)}"


class Things(Cast):
    """Support's, and what hangs on it; Max manages Sales."""

    def __init__(self) -> None:
        super().__init__()
        self.max = _written(lambda session: person(session, Role.MANAGER, self.sales))
        _written(lambda session: stored_folder(session, self.support))
        self.call()  # Ada speaks for Support alone

    def call(self, **facts: object) -> str:
        made = {"agent_id": self.ada.id, **facts}
        return _written(lambda session: finished_call(session, self.support, **made).id)

    def failed(self, code: str) -> str:
        facts = {"status": CallStatus.FAILED, "error_code": code}
        return _written(lambda session: stored_call(session, self.support, **facts).id)

    def reviewed(self) -> str:
        """A call with a flagged version, so that its review is open."""
        return reviewed.judged(self.support, Verdict.FAIL, flagged=True, agent_id=self.ada.id).id

    def agent(self) -> int:
        """Somebody who speaks for Support."""
        made = _written(lambda session: stored_id(agent(session, name()).id))
        _written(lambda session: session.add(AgentCampaign(agent_id=made, campaign_id=stored_id(self.support.id))))
        self.call(agent_id=made)
        return made

    def somebody(self, role: Role = Role.MANAGER) -> int:
        return _written(lambda session: stored_id(person(session, role).id))

    def member(self) -> int:
        return _written(lambda session: stored_id(person(session, Role.MANAGER, self.support).id))

    def key(self) -> str:
        return _written(lambda session: api_keys.create(session, COMMAND_LINE, "support")[1])

    def webhook(self) -> int:
        made = _written(lambda session: webhooks.create(session, COMMAND_LINE, "support", PUBLIC)[0])
        return stored_id(made.id)

    def delivery(self) -> int:
        ended = {"state": DeliveryState.FAILED, "ended_at": db.now()}
        row = Delivery(webhook_id=self.webhook(), event_id=new_event_id(), type="call.completed", payload="{}", **ended)
        return _stored(row)

    def job(self, failed: str = "") -> int:
        number = _written(lambda session: stored_id(bulk.create(session, COMMAND_LINE, "support", expected=3).id))
        if failed:
            call_id = self.failed(failed)
            _written(lambda session: bulk.note_call(session, number, name(), call_id, duplicate=False))
        return number

    def agent_with_alias(self) -> tuple[int, str]:
        number, alias = self.agent(), name()
        _written(lambda session: agent_edits.add_alias(session, COMMAND_LINE, number, alias))
        return number, alias

    def shared_view(self) -> int:
        """Of somebody who is not here."""
        owner = _written(lambda session: access.identity(session, person(session, Role.OWNER)))
        return saved_view_edits.save(owner, name(), "status=failed", shared=True)

    @cached_property
    def batch(self) -> int:
        """The one that is open; there can be no other."""
        waiting = SftpBatchStatus.WAITING_FOR_CSV
        return _written(lambda session: stored_id(stored_batch(session, self.support, waiting).id))

    def file(self, status: Status = SftpFileStatus.FAILED, code: str = "unreadable") -> int:
        return _written(lambda session: stored_id(stored_file(session, self.support, status, code=code).id))

    def cut_short(self) -> int:
        return self.file(code=Flaw.CUT_SHORT)


def _written(make: Callable[[Session], T]) -> T:
    with db.writing() as session:
        return make(session)


def _stored(row: Delivery) -> int:
    def add(session: Session) -> int:
        session.add(row)
        session.flush()
        return stored_id(row.id)

    return _written(add)
