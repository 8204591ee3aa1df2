"""Bytes between paramiko's thread and whoever reads: in order, none lost, and nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from threading import Event
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paramiko.buffered_pipe import PipeTimeout

from pipeline.sftp.connection.arrived import Arrived

BYTES = bytes(range(256)) * 4


@given(cuts=st.lists(st.integers(0, len(BYTES)), max_size=9), reads=st.lists(st.integers(0, 400), max_size=9))
def test_however_it_comes_and_is_read_it_is_the_same(cuts, reads):
    arrived, got = Arrived(), []
    for begin, end in pairwise(sorted([0, *cuts, len(BYTES)])):
        arrived.feed(BYTES[begin:end])
    arrived.close()
    for number, left in zip(
        reads, accumulate(reads, lambda left, n: max(left - n, 0), initial=len(BYTES)), strict=False
    ):
        got.append(arrived.read(number, 1))
        assert len(got[-1]) == min(number, left)
    assert b"".join([*got, arrived.empty()]) == BYTES
    assert (len(arrived), arrived.read_ready(), arrived.read(5, 1)) == (0, False, b"")


def test_a_reader_waits_for_all_that_it_wants():
    arrived = Arrived()
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(arrived.read, 6, 20)
        arrived.feed(b"two")
        assert not read.done()
        arrived.feed(b" six and more")
        assert read.result(20) == b"two si"
    assert arrived.empty() == b"x and more"


def test_at_the_end_it_gets_what_there_is():
    arrived = Arrived()
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(arrived.read, 6, 20)
        arrived.feed(b"two")
        arrived.close()
        assert read.result(20) == b"two"
    assert arrived.read(1) == b""


def test_silence_is_a_timeout_and_slowness_is_none():
    arrived, begun = Arrived(), Event()
    with pytest.raises(PipeTimeout):
        arrived.read(1, 0.01)

    def bring() -> None:
        begun.set()
        for _ in range(6):
            sleep(0.25)
            arrived.feed(b"a")

    with ThreadPoolExecutor(1) as server:
        server.submit(bring)
        begun.wait()
        assert arrived.read(6, 1) == b"aaaaaa", "together they take longer than the timeout"
    arrived.feed(b"b")
    with pytest.raises(PipeTimeout):
        arrived.read(2, 0.01)
    assert arrived.read(1, 1) == b"b", "a timeout loses nothing"
