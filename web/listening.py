"""Where the web process listens, and at which address this machine itself reaches it."""

import errno
import socket

BACKLOG = 2048
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound


class CannotListen(Exception):  # noqa: N818  what it is
    """The message says why, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; `::` takes IPv4 too, where the system can. Raises CannotListen."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(place, family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        raise CannotListen(_why_not(error, host, port)) from error


def reached_at(host: str, port: int) -> str:
    """The URL of what listens there, for this machine."""
    host = _EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is taken by another program. "
                "Stop that program, or choose another port with --port or TOTALVIEW_PORT."
            )
        case errno.EACCES:
            return f"Port {port} may not be used by this account. Choose one above 1023."
    return f"This machine has no address {host} to listen on. Set --host or TOTALVIEW_HOST to one that it has."
