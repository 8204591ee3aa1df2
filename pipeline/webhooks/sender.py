"""One try over HTTP: to an address that was looked up, checked and connected to in one go, and no further."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from ssl import SSLContext

import httpcore
import httpx
from httpcore import SOCKET_OPTION, NetworkBackend, NetworkStream, SyncBackend

from pipeline.refusals import retry_after
from pipeline.webhooks import address
from pipeline.webhooks.address import Refused, Resolve, Unknown
from records.db import now

CONNECT_S = 5.0
WHOLE_S = 15.0
MOST_READ = 8192  # bytes of the answer's body
MOST_KEPT = 200  # characters of it in the log
_FIXED = {
    "Content-Type": "application/json",
    "User-Agent": "TotalView-Webhooks/1",
    "Accept": "*/*",
    "Accept-Encoding": "identity",  # nobody unpacks what a stranger packed
    "Connection": "close",
}
_WISHES = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True)
class Answer:
    """What came of one try. `error` is a sentence, empty when the receiver took the message."""

    status: int | None = None  # None: there was no answer
    error: str = ""
    text: str = ""
    ms: int = 0
    wish_s: float | None = None  # for so long it wants to be left alone

    @property
    def taken(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """The receiver says that nothing is to be sent here any more."""
        return self.status == HTTPStatus.GONE


def send(url: str, headers: Mapping[str, str], body: bytes, *, resolve: Resolve = address.resolved) -> Answer:
    """POST the body once. Never raises for what a receiver, a network or a wrong address does."""
    began = time.monotonic()
    try:
        status, answer_headers, text = _exchange(url, {**_FIXED, **headers}, body, _Checked(resolve, began + WHOLE_S))
    except (Refused, Unknown) as error:
        return Answer(error=str(error), ms=_since(began))
    except httpcore.TimeoutException as error:
        return Answer(error=_too_slow(error), ms=_since(began))
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.InvalidURL, OSError, ValueError) as error:
        return Answer(
            error=f"The receiver could not be reached: {_one_line(str(error)) or 'it hung up'}.", ms=_since(began)
        )
    wish = retry_after(answer_headers, now()) if status in _WISHES else None
    return Answer(status, _meaning(status), text, _since(began), wish)


class _Checked(NetworkBackend):
    """Connects to what it has looked up and checked itself, so that DNS cannot change its mind in between.

    The name in the URL stays what TLS asks for and what Host says: they are settled above this layer.
    """

    def __init__(self, resolve: Resolve, deadline: float) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._sockets = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, RUF100  the base class's name
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        found = address.callable_addresses(host, port, self._resolve)
        until = min(time.monotonic() + (timeout or CONNECT_S), self._deadline)
        for place, ip in enumerate(found):
            # Each its share: one that is silent leaves the others some.
            left_s = _left(until, httpcore.ConnectTimeout) / (len(found) - place)
            try:
                stream = self._sockets.connect_tcp(str(ip), port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(found) - 1:
                    raise
            else:
                return _InTime(stream, self._deadline)
        raise Unknown(f"There is no address behind the name '{host}'. Check the address, and the server's DNS.")


class _InTime(NetworkStream):
    """A stream that ends at a moment, however slowly the other side drips."""

    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  one deadline for all
        return self._stream.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  one deadline for all
        self._stream.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        left_s = min(timeout or CONNECT_S, _left(self._deadline, httpcore.ConnectTimeout))
        return _InTime(self._stream.start_tls(ssl_context, server_hostname, left_s), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _exchange(
    url: str, headers: Mapping[str, str], body: bytes, network: NetworkBackend
) -> tuple[int, dict[str, str], str]:
    """Status, headers and the beginning of the answer. No redirect, no cookie, no proxy: httpcore knows none."""
    there = httpx.URL(url)
    target = httpcore.URL(scheme=there.raw_scheme, host=there.raw_host, port=there.port, target=there.raw_path)
    timeouts = {"connect": CONNECT_S, "read": WHOLE_S, "write": WHOLE_S, "pool": WHOLE_S}
    pool = httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=network, max_connections=1)
    sent = list({"Host": there.netloc.decode("ascii"), **headers}.items())  # httpcore's has no brackets around IPv6
    with (
        pool,
        pool.stream("POST", target, headers=sent, content=body, extensions={"timeout": timeouts}) as answer,
    ):
        names = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
        return answer.status, names, _shown(_beginning(answer.iter_stream()))


@lru_cache(maxsize=1)
def _trusted() -> SSLContext:
    """The usual authorities, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()


def _beginning(chunks: Iterable[bytes]) -> bytes:
    """What a receiver says is worth a look, and no reason to read on for ever, or to fail what it has taken."""
    read = b""
    try:
        for chunk in chunks:
            read += chunk
            if len(read) >= MOST_READ:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        return read[:MOST_READ]
    return read[:MOST_READ]


def _shown(body: bytes) -> str:
    return _one_line(body.decode("utf-8", "replace"))[:MOST_KEPT]


def _one_line(text: str) -> str:
    return "".join(character for character in " ".join(text.split()) if character.isprintable()).rstrip(".")


def _meaning(status: int) -> str:
    """A sentence for what is no success; empty for 2xx."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return (
            f"The receiver points to another address ({status}). That is not followed: give the webhook the final one."
        )
    if status == HTTPStatus.GONE:
        return "The receiver wants no more messages here (410)."
    return f"The receiver answered {status}; only 200 to 299 counts as taken."


def _too_slow(error: httpcore.TimeoutException) -> str:
    if isinstance(error, httpcore.ConnectTimeout):
        return f"The receiver did not take the connection within {CONNECT_S:g} seconds."
    return f"The receiver did not answer within {WHOLE_S:g} seconds."


def _left(until: float, late: Callable[[str], Exception]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late("the time is up")
    return left


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
