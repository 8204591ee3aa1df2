"""Packets from a server that cannot be trusted: whatever they hold, reading them ends in one of two ways."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sftp.connection.listing import Kind, _names
from pipeline.sftp.connection.packets import Garbled, Reader, packed

STAT = packed(0xF, 0, 5, 1, 1, 0o100644, 1, 2)  # size, owner and group, mode, times


def test_a_listing_is_read():
    whole = packed(1, b"a.wav", b"-rw-r--r--") + STAT
    (found,) = _names(b"sales", Reader(whole))
    assert (found.raw, found.size, found.kind, found.modified.timestamp()) == (b"sales/a.wav", 5, Kind.FILE, 2)


def test_a_listing_that_promises_more_than_it_holds_is_garbled():
    whole = packed(1, b"a.wav", b"-rw-r--r--") + STAT
    for end in range(len(whole)):
        assert read(whole[:end]) is None
    assert read(packed(0xFFFFFFFF)) is None


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_be_garbled(some: bytes):
    for entry in read(packed(2) + some) or ():
        assert entry.raw.startswith(b"sales/")
        assert b"/" not in entry.raw.removeprefix(b"sales/")


def read(packet: bytes) -> list | None:
    try:
        return list(_names(b"sales", Reader(packet)))
    except Garbled:
        return None
