"""A recording that is missing from storage is put back when the same file comes again."""

from shutil import copyfileobj

from pipeline.storage import Storage, recording_key
from records import db
from records.calls import Call
from records.moves import note

PUT_BACK = "The recording was missing from storage, and was put back from the same file, which came again."


def put_back(shelf: Storage, key: str, call: Call, *, by: str) -> None:
    """Copy what lies at `key`, the call's very bytes, to where its recording should be. Raises StorageAway.

    What retention has removed stays away.
    """
    home = recording_key(call.id)
    if call.recording_gone_at is not None or _is_there(shelf, home):
        return
    with shelf.open(key) as source, shelf.write(home) as sink:
        copyfileobj(source, sink)
    with db.writing() as session:
        note(session, call, was=call.status, to=call.status, words=PUT_BACK, by=by)


def _is_there(shelf: Storage, key: str) -> bool:
    try:
        shelf.size(key)
    except FileNotFoundError:
        return False
    return True
