"""The server, spoken to over its API: one request at a time, with what each answer means for whoever sends."""

import ssl
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import httpx

from commands.sending.patience import Blame, GiveUp, NotSent, Patience, Tries, Trouble, wish

CONNECT_S, WRITE_S = 15.0, 60.0
ANSWER_S = 180.0  # a recording is looked at, and a long one put together, before its upload is answered
PROBLEM = "urn:totalview:problem:"
LONGEST_WORDS = 500
_BUSY = {  # what may pass, and whose fault it is
    408: Blame.LINE,
    423: Blame.HELD,
    425: Blame.LINE,
    429: Blame.RATE,
    460: Blame.SERVER,  # tus: the checksum does not fit
    500: Blame.SERVER,
    502: Blame.LINE,
    503: Blame.LINE,
    504: Blame.LINE,
}
_AGAIN = {"just-deleted", "wrong-offset"}  # kinds of 409 that a second try cures

Content = bytes | Iterable[bytes]
Json = dict[str, Any]


class Refused(Exception):  # noqa: N818  as the server says it
    """The server does not take this recording; the message is the server's."""


class Gone(Exception):  # noqa: N818  as the server says it
    """What was asked for is not there, or not any more. `unknown`: the server knows of no such thing."""

    def __init__(self, words: str, *, unknown: bool) -> None:
        super().__init__(words)
        self.unknown = unknown


class Server:
    """A TotalView server, by the address of its dashboard and a key. Threads may share it."""

    def __init__(self, url: str, key: str, patience: Patience, *, most_at_once: int) -> None:
        """Raises ValueError, in words, for what is no address or no key."""
        self.url = address(url)
        if not key.strip().isascii() or not key.strip().isprintable():
            raise ValueError("This is no API key: a key is made of plain letters, digits, - and _.")
        self.patience = patience
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers={"Authorization": f"Bearer {key.strip()}", "User-Agent": "totalview-upload", "Accept": "*/*"},
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, write=WRITE_S, pool=None),
            limits=httpx.Limits(max_connections=most_at_once, max_keepalive_connections=most_at_once),
        )

    def close(self) -> None:
        self._http.close()

    def tries(self) -> Tries:
        """A new count of tries."""
        return Tries(self.patience)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401  httpx's own arguments
        """The answer to a request that may be repeated. Raises Refused, Gone, NotSent, GiveUp, Stopped."""
        tries = self.tries()
        while True:
            try:
                return self.once(method, path, **more)
            except Trouble as trouble:
                tries.again(trouble)

    def once(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Content | None = None,
        **more: Any,  # noqa: ANN401  httpx's own arguments
    ) -> httpx.Response:
        """One try. Raises as `ask`, and Trouble for what may pass."""
        self.patience.check()
        try:
            answer = self._http.request(method, path, headers=headers, content=content, **more)
        except httpx.TransportError as error:
            raise self._of_line(error) from error
        except httpx.HTTPError as error:  # such as an answer that is compressed wrongly
            raise self._useless() from error
        if _BUSY.get(answer.status_code) is not Blame.LINE:
            self.patience.heard()
        self._judge(answer)
        return answer

    def json(self, answer: httpx.Response) -> Json:
        """An answer's object. Raises GiveUp when it is none, so that it is no TotalView which answers."""
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._no_totalview()
        return found

    def _judge(self, answer: httpx.Response) -> None:
        """Raise what an answer means that is no success."""
        status = answer.status_code
        if answer.is_success:
            return
        if answer.is_redirect:
            target = answer.headers.get("location", "another address")
            raise GiveUp(f"{self.url} sends on to {target[:200]}. Give that server's own address as --url.")
        words = said(answer) or f"The server answered {status} to {answer.request.method}."
        kind = _kind(answer)
        if status in _BUSY or kind in _AGAIN or status > HTTPStatus.INTERNAL_SERVER_ERROR:
            retry_after = wish(answer.headers.get("retry-after", ""))
            raise Trouble(_BUSY.get(status, Blame.SERVER), words, retry_after)
        if status == HTTPStatus.UNAUTHORIZED:
            raise GiveUp("The server does not take this key: it is wrong, revoked or expired. Use another key.")
        if kind == "cancelled":
            raise GiveUp(f"{words} What is in stays.")
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise Gone(words, unknown=status == HTTPStatus.NOT_FOUND)
        if status == HTTPStatus.FORBIDDEN:
            raise GiveUp(words)
        if status == HTTPStatus.CONFLICT:
            raise NotSent(words)
        raise Refused(words)

    def _of_line(self, error: httpx.TransportError) -> Exception:
        """What a broken line, or none, means."""
        match error:
            case httpx.UnsupportedProtocol() | httpx.ProxyError():
                return GiveUp(f"{self.url} cannot be reached: {error}.")
            case httpx.TimeoutException():
                return Trouble(Blame.LINE, f"{self.url} does not answer in time.")
        if "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(error.__cause__, ssl.CertificateError):
            return GiveUp(f"{self.url} shows a certificate that cannot be trusted, so that nothing was sent: {error}.")
        return Trouble(Blame.LINE, f"{self.url} cannot be reached ({error or type(error).__name__}).")

    def _useless(self) -> Trouble:
        return Trouble(Blame.LINE, f"{self.url} answers in a way that cannot be read.")

    def _no_totalview(self) -> GiveUp:
        return GiveUp(f"What answers at {self.url} is no TotalView with an API. Check --url.")

    def campaign(self) -> Json:
        """The key's campaign. Raises GiveUp."""
        try:
            return self.json(self.ask("GET", "campaign"))
        except (Refused, Gone, NotSent) as error:
            raise self._no_totalview() from error

    def known(self, sha256: str) -> str | None:
        """The id of the campaign's call that has these bytes. Raises NotSent, GiveUp."""
        try:
            items = self.json(self.ask("GET", "calls", params={"sha256": sha256, "limit": "1"})).get("items")
        except (Refused, Gone) as error:
            raise NotSent(str(error)) from error
        if not isinstance(items, list):
            raise self._no_totalview()
        # A server that knew no such filter would answer with any call.
        return next((str(item["id"]) for item in items if item.get("sha256") == sha256), None)


def address(url: str) -> str:
    """The server's address without the API's path. Raises ValueError in words."""
    trimmed = url.strip().rstrip("/").removesuffix("/api/v1").removesuffix("/api").rstrip("/")
    try:
        found = httpx.URL(trimmed)
    except httpx.InvalidURL as error:
        raise ValueError(f"'{url}' is no address: {error}.") from error
    host_is_one = found.host and not set(found.host) & set("% []") and (found.port or 1) < 1 << 16
    if found.scheme not in {"http", "https"} or not host_is_one or found.query or found.fragment:
        raise ValueError(f"'{url}' is no address of a server. Write it like https://calls.example.com.")
    return trimmed


def said(answer: httpx.Response) -> str:
    """The server's own words, where it gave any."""
    detail = _problem(answer).get("detail")
    return detail[:LONGEST_WORDS] if isinstance(detail, str) else ""


def _kind(answer: httpx.Response) -> str:
    return str(_problem(answer).get("type", "")).removeprefix(PROBLEM)


def _problem(answer: httpx.Response) -> Json:
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
