import pytest

from records.statuses import BUSY, CALL_MOVES, FINISHED, BulkStatus, CallStatus, CheckKind, RunReason, Source, Verdict


@pytest.mark.parametrize("status", CallStatus)
def test_every_call_status_has_its_moves(status: CallStatus):
    assert CALL_MOVES[status], f"a call that is {status} could never leave"


def test_no_move_leads_to_the_status_it_came_from():
    assert not [status for status, targets in CALL_MOVES.items() if status in targets]


def test_the_moves_are_those_of_the_contract():
    """Every pair, so that a move added or lost shows here."""
    allowed = {(was.value, became.value) for was, targets in CALL_MOVES.items() for became in targets}
    assert allowed == {
        ("pending", "transcribing"),
        ("pending", "analyzing"),  # Run Analysis
        ("pending", "failed"),  # a cancelled bulk job
        ("transcribing", "analyzing"),
        ("transcribing", "failed"),
        ("analyzing", "completed"),
        ("analyzing", "failed"),
        ("completed", "pending"),
        ("failed", "pending"),
    }


def test_every_status_can_be_reached_and_can_end():
    def reachable(start: CallStatus) -> set[CallStatus]:
        seen, todo = set(), [start]
        while todo:
            for following in CALL_MOVES[todo.pop()] - seen:
                seen.add(following)
                todo.append(following)
        return seen

    for status in CallStatus:
        assert reachable(status) == set(CallStatus)


def test_finished_busy_and_waiting_are_all_there_is():
    assert FINISHED | BUSY | {CallStatus.PENDING} == set(CallStatus)
    assert not FINISHED & BUSY


@pytest.mark.parametrize("kind", [CallStatus, BulkStatus, Source, RunReason, CheckKind, Verdict])
def test_stored_values_are_lower_snake_case(kind: type):
    for member in kind:
        assert member.value == member.name.lower()


def test_the_words_are_the_manuals():
    labels = {kind.value.replace("_", " ").title() for kind in CallStatus}
    assert labels == {"Pending", "Transcribing", "Analyzing", "Completed", "Failed"}
    assert [source.value for source in Source] == ["ui", "api", "bulk_job", "sftp"]
