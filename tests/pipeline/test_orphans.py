import os
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import orphans
from pipeline.storage import Folder, recording_key, rendition_key
from records.campaigns import Campaign
from records.db import now, writing
from tests.records import made

OLD, YOUNG = timedelta(hours=25), timedelta(hours=23)


@pytest.fixture
def shelf(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "storage")


def put(shelf: Folder, key: str, age: timedelta) -> str:
    with shelf.write(key) as sink:
        sink.write(b"sound")
    moment = (now() - age).timestamp()
    os.utime(shelf._root / key, (moment, moment))
    return key


def left(shelf: Folder) -> set[str]:
    return {path.relative_to(shelf._root).as_posix() for path in shelf._root.rglob("*") if path.is_file()}


def test_only_rooms_that_nobody_works_in_any_more_are_cleared(tmp_path: Path):
    for name, age in (("run-1-abc", OLD), ("run-2-def", YOUNG), ("other", OLD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "channel_0.s16").write_bytes(b"samples")
        moment = (now() - age).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    assert orphans.sweep_scratch(tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"run-2-def", "other"}
    assert orphans.sweep_scratch(tmp_path / "nowhere") == 0


def test_only_what_is_old_and_nobodys_goes(campaign: Campaign, shelf: Folder):
    with writing() as session:
        owned = made.stored_call(session, campaign).id
    nobodys = f"{1:032x}"
    kept = {
        put(shelf, recording_key(owned), OLD),
        put(shelf, recording_key(f"{2:032x}"), YOUNG),
        put(shelf, recording_key(f"{3:032x}") + ".abc.part", YOUNG),
    }
    put(shelf, recording_key(nobodys), OLD)
    put(shelf, recording_key(nobodys) + ".abc.part", OLD)
    put(shelf, recording_key(owned) + ".abc.part", OLD)  # an owned call's recording is whole, so this is a rest
    assert orphans.sweep(shelf) == 3
    assert left(shelf) == kept
    assert orphans.sweep(shelf) == 0


def test_more_than_one_batch_is_swept_whole(campaign: Campaign, shelf: Folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(orphans, "AT_ONCE", 3)
    with writing() as session:
        owned = {made.stored_call(session, campaign).id for _ in range(4)}
    kept = {put(shelf, recording_key(call), OLD) for call in owned}
    for number in range(10):
        put(shelf, recording_key(f"{number:032x}"), OLD)
    assert orphans.sweep(shelf) == 10
    assert left(shelf) == kept


def test_each_hour_looks_through_a_part_and_a_day_through_all(home, shelf: Folder):
    """Of a million recordings the list alone takes longer than an hourly job may."""
    for number in range(256):
        put(shelf, recording_key(f"{number:02x}" + "0" * 30), OLD)
        put(shelf, rendition_key(f"{number:02x}" + "0" * 30), OLD)
        put(shelf, recording_key(f"{number:02x}" + "1" * 30) + ".abc.part", OLD)
    put(shelf, "checks/" + "0" * 32, OLD)
    swept = [orphans.sweep(shelf, hour) for hour in range(24)]
    assert sum(swept) == 3 * 256 + 1
    assert max(swept) <= 3 * 11 + 1
    assert left(shelf) == set()


def test_storage_that_is_not_there_has_no_orphans(home, shelf: Folder):
    assert orphans.sweep(shelf) == 0


def test_a_call_that_comes_in_late_but_within_a_day_keeps_its_recording(campaign: Campaign, shelf: Folder):
    """An upload may take hours: its bytes are younger than a day until its row is there."""
    key = put(shelf, recording_key(f"{7:032x}"), YOUNG)
    assert orphans.sweep(shelf) == 0
    with writing() as session:
        made.stored_call(session, campaign, id=f"{7:032x}")
    os.utime(shelf._root / key, (0, 0))
    assert orphans.sweep(shelf) == 0
    assert left(shelf) == {key}
