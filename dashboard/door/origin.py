"""Whether a request comes from this site's own pages: what the browser itself says of it."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from config import settings

_OURS = {"same-origin", "none"}  # none: the person's own doing, such as sending a form again


def foreign(connection: HTTPConnection) -> bool:
    """True when a browser says that another site sent this. Clients that say nothing are no browsers."""
    fetch_site = connection.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in _OURS
    origin = connection.headers.get("origin")
    return origin is not None and not ours(origin, connection.headers.get("host", ""))


def ours(origin: str, host: str) -> bool:
    """True when an Origin header names this site, by the Host asked for or by its public address."""
    place = urlsplit(origin).netloc.lower()
    return bool(place) and place in {host.lower(), urlsplit(settings().public_url).netloc.lower()}
