"""Where the web process listens: any address that this machine has, of either kind."""

import socket
from contextlib import closing

import pytest

from web.listening import CannotListen, listen, reached_at


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::", "::1"])  # noqa: S104  what is tried
def test_what_listens_is_reached_by_this_machine(host):
    with closing(listen(host, 0)) as listener:
        port = listener.getsockname()[1]
        there = reached_at(host, port).removeprefix("http://").rpartition(":")[0].strip("[]")
        socket.create_connection((there, port), 5).close()


@pytest.mark.parametrize("asked", ["127.0.0.1", "::1"])
def test_every_address_is_both_kinds(asked):
    with closing(listen("::", 0)) as listener:
        socket.create_connection((asked, listener.getsockname()[1]), 5).close()


def test_a_taken_port_and_an_address_of_somewhere_else_are_told_in_words():
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotListen, match=f"Port {port} is taken by another program"):
            listen("127.0.0.1", port)
    with pytest.raises(CannotListen, match=r"This machine has no address 192\.0\.2\.1 to listen on"):
        listen("192.0.2.1", 0)
