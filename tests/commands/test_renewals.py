"""Parts of a page that renew themselves, asked for as a browser asks that has not heard yet what the last click did."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection

from records import bulk, db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.records.made import stored_call, stored_campaign
from tests.records.sftp_made import stored_batch, stored_file, stored_folder
from tests.served import Served
from tests.website import page_socket, run_page

QUIET_S = 1.5  # nothing came for so long: nothing comes any more
PATIENCE_S = 60


@pytest.fixture
def home(served_home: Path) -> Path:
    return served_home


@pytest.fixture
def support(home) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


@pytest.fixture
def batch(support) -> int:
    """One file was imported, one failed."""
    with db.writing() as session:
        stored_folder(session, support)
        batch = stored_batch(session, support, SftpBatchStatus.PROCESSING)
        stored_file(session, support, SftpFileStatus.MATCHED, "support/a.wav", batch)
        stored_file(session, support, SftpFileStatus.FAILED, "support/b.wav", batch, reason="Cut off.")
        return batch.id or 0


class Viewer:
    """A browser's page: what the server said of it, and asks of its own."""

    def __init__(self, line: ClientConnection, page: str, query: str) -> None:
        self._line = line
        self.heard = run_page(line, page, query)
        self.query, self.page = query, self._page()

    def _page(self) -> str:
        """Its hash: as the menu says, which comes after the run's own message."""
        return [each.navigation.page_script_hash for each in self.heard if each.WhichOneof("type") == "navigation"][-1]

    def part(self, words: str) -> str:
        """The part of the page in which something that is named so is shown."""
        found = [each.delta.fragment_id for each in self.heard if words in str(each.delta) and each.delta.fragment_id]
        assert found, f"no part shows {words}"
        return found[0]

    def widget(self, key: str) -> str:
        """The input with this key, as the browser names it."""
        ids = [each.delta.new_element for each in self.heard if each.WhichOneof("type") == "delta"]
        names = [getattr(one, one.WhichOneof("type") or "markdown") for one in ids]
        return next(one.id for one in names if getattr(one, "id", "").endswith(f"-{key}"))

    def click(self, key: str, value: str) -> None:
        """On what a component of ours shows."""
        state = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{self.widget(key)}__events")
        state.json_trigger_value = json.dumps([{"event": "clicked", "value": value}])
        self._ask(self.part(key), state, auto=False)

    def again(self) -> None:
        """As by a click on something outside all parts."""
        self._ask("", auto=False)

    def renew(self, part: str, *states: WidgetState) -> None:
        """As the browser's timer does, with the page, the address and the inputs that it knows."""
        self._ask(part, *states, auto=True)

    def _ask(self, part: str, *states: WidgetState, auto: bool) -> None:
        ask = BackMsg()
        ask.rerun_script.page_script_hash, ask.rerun_script.query_string = self.page, self.query
        ask.rerun_script.fragment_id, ask.rerun_script.is_auto_rerun = part, auto
        ask.rerun_script.widget_states.widgets.extend(states)
        self._line.send(ask.SerializeToString())

    def leaves(self) -> list[ForwardMsg]:
        """All that came until the run of another page had begun."""
        came: list[ForwardMsg] = []
        while not came or came[-1].new_session.page_script_hash in {"", self.page}:
            came.append(ForwardMsg.FromString(self._line.recv(timeout=PATIENCE_S, decode=False)))
        return came

    def answers(self, runs: int) -> list[ForwardMsg]:
        """All that came until so many runs were over and nothing came any more."""
        came: list[ForwardMsg] = []
        while True:
            over = sum(each.WhichOneof("type") == "script_finished" for each in came)
            try:
                message = self._line.recv(timeout=QUIET_S if over >= runs else PATIENCE_S, decode=False)
            except TimeoutError:
                return came
            came.append(ForwardMsg.FromString(message))


@contextmanager
def viewer(served: Served, token: str, page: str, query: str = "") -> Iterator[Viewer]:
    with page_socket(served.site, Cookie=f"tv_session={token}") as line:
        yield Viewer(line, page, query)


def runs(came: list[ForwardMsg]) -> list[tuple[str, list[str]]]:
    """Of each run its page, and its parts if it was of parts."""
    began = [each for each in came if each.WhichOneof("type") == "new_session"]
    return [(each.new_session.page_script_hash, list(each.metadata.run.fragment_ids)) for each in began]


def addresses(came: list[ForwardMsg]) -> list[str]:
    return [each.page_info_changed.query_string for each in came if each.WhichOneof("type") == "page_info_changed"]


def test_a_part_of_the_page_that_was_left_does_not_come_into_the_next_one(support, owner, token, served):
    with db.writing() as session:
        job = bulk.create(session, COMMAND_LINE, support.slug, expected=2, name="March")
        bulk.note_call(session, job.id or 0, "a.wav", stored_call(session, support).id, duplicate=False)
    with viewer(served, token, "") as page:
        tracker = page.part("March")
        page.click("tracker", str(job.id))
        page.renew(tracker)
        came = page.leaves()
        page.renew(tracker)
        page.click("tracker", str(job.id))  # a double click
        came += page.answers(runs=1)
    left = [parts for where, parts in runs(came) if where == page.page]
    assert left == [[tracker]], "the click's own run, and no other"
    assert addresses(came)[-1] == f"id={job.id}"


def test_a_part_that_its_page_stops_before_does_not_come_into_what_is_left(support, owner, token, served):
    with db.writing() as session:
        job = bulk.create(session, COMMAND_LINE, support.slug, expected=2, name="March")
    with viewer(served, token, "bulk_job", f"id={job.id}") as page:
        followed = page.part("March")
        with db.writing() as session:
            session.delete(job)
        page.again()
        page.renew(followed)
        came = page.answers(runs=1)
    assert runs(came) == [(page.page, [])]
    assert "March" not in last_run(came)


def test_what_a_click_chose_is_not_changed_back(batch, owner, token, served):
    with viewer(served, token, "sftp_batches", f"id={batch}") as page:
        shown = page.part("sftp-tally")
        nothing_chosen = WidgetState(id=page.widget("sftp_batch-status"))
        nothing_chosen.string_array_value.data.extend([])
        page.click("sftp-tally", "failed")
        page.renew(shown, nothing_chosen)
        came = page.answers(runs=2)
    assert addresses(came) == [f"id={batch}&status=failed"]
    assert len(runs(came)) == 2, "the click's run, and the renewal"
    assert "a.wav" not in last_run(came)
    assert "b.wav" in last_run(came)


def last_run(came: list[ForwardMsg]) -> str:
    began = max(at for at, each in enumerate(came) if each.WhichOneof("type") == "new_session")
    return "".join(str(each.delta) for each in came[began:])


def test_what_is_renewed_at_once_is_all_renewed(batch, owner, token, served):
    with viewer(served, token, "sftp_batches") as page:
        parts = [each.auto_rerun.fragment_id for each in page.heard if each.WhichOneof("type") == "auto_rerun"]
        assert len(parts) > 1
        for part in parts * 2:
            page.renew(part)
        came = page.answers(runs=len(parts))
    assert {part for _, some in runs(came) for part in some} == set(parts)
