"""However a resumable upload is cut, broken off and taken up again, the recording is the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import children, resumable
from pipeline.resumable import Addition, WrongChecksum, WrongOffset
from pipeline.storage import Folder
from records.uploads import ResumableUpload
from tests.pipeline.arriving import here, wav
from tests.pipeline.resuming import OWNER, add, begun, bytes_of, die, finish, fresh, lapse, pieces_of, sha1

DATA = wav()
pytestmark = pytest.mark.usefixtures("campaign")


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["send", "break off", "die", "wrong offset", "checksum", "bad checksum", "pause"]),
        st.integers(1, 3000),
    ),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, serial=st.integers(0, 2**31), grows=st.booleans())
def test_any_sequence_of_cuts_retries_and_wrong_offsets_gives_the_same_bytes(acts, serial: int, grows: bool):
    data = DATA + serial.to_bytes(4, "big") * 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resumable, "PIECE", 1000)
        if not grows:  # as in a bucket
            patch.setattr(Folder, "grow", lambda *_: None)
        upload = begun(data)
        for act, count in acts:
            act_out(act, upload, data, count)
        rest = fresh(upload).received
        lapse(upload)
        add(upload, data[rest:], rest)
        assert sum(size for _, size in pieces_of(upload)) == len(data)
        ended = finish(upload)
    assert bytes_of(ended.call_id) == data
    assert pieces_of(upload) == []


def act_out(act: str, upload: ResumableUpload, data: bytes, count: int) -> None:
    lapse(upload)
    offset = fresh(upload).received
    part = data[offset : offset + count]
    match act:
        case "wrong offset":
            with pytest.raises(WrongOffset):
                add(upload, part, offset + count)
        case "checksum":
            add(upload, part, offset, **sha1(part))
        case "bad checksum":
            with pytest.raises(WrongChecksum):
                add(upload, part, offset, **sha1(part + b"!"))
        case "die":
            addition = Addition(OWNER, upload.id, offset)
            addition.write(part)
            die(addition)
        case "pause":
            addition = Addition(OWNER, upload.id, offset)
            addition.write(part[: count // 2])
            addition.pause()
            addition.write(part[count // 2 :])
            addition.close()  # without an end: what is not safe by now is lost
        case _:
            add(upload, part, offset, block=170)
