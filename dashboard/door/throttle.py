"""How many wrong guesses are let through at the door, and whose they are. The reasons stand in docs/sign-in.md.

Whoever guesses from elsewhere can close an account only to browsers that have never been signed in to it: one that has
bears a signed cookie, and is counted by itself.
"""

import hashlib
import secrets
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

from dashboard.door.signed import SignedCookie
from jobs.guesses import Bound, TooMany
from records.identity import Identity

HERE, ANYWHERE, ADDRESS, LINKS, CHANGE = 10, 30, 100, 30, 10
_KNOWN = SignedCookie("known", 180 * 24 * 3600)
_KNOWN_MOST = 8  # people who share a desk; the latest
_SHARED_BITS = 64  # of an IPv6 address: what one household or office has for itself


def sign_in(request: Request, email: str) -> tuple[Bound, ...]:
    """What a password for this address is counted under."""
    account = _digest(email)
    browser = _KNOWN.read(request).get(account)
    if isinstance(browser, str):
        return (Bound("known browser", HERE, (account, browser), forgiven=True),)
    place = address(request)
    return (
        Bound("account from one address", HERE, (account, place), forgiven=True),
        Bound("account from anywhere", ANYWHERE, (account,)),
        Bound("address", ADDRESS, (place,)),
    )


def link(request: Request) -> tuple[Bound, ...]:
    """What a one-time link's token is counted under."""
    return (Bound("links from one address", LINKS, (address(request),)),)


def change(who: Identity) -> tuple[Bound, ...]:
    """What one's current password is counted under, where it is asked for again."""
    return (Bound("change of password", CHANGE, (str(who.user_id),), forgiven=True),)


def known_from_now(request: Request, email: str) -> str:
    """The cookie's value after this person has signed in with this browser."""
    account, before = _digest(email), _KNOWN.read(request)
    number = before.pop(account, None) or secrets.token_urlsafe(12)
    latest = dict([*before.items()][-(_KNOWN_MOST - 1) :])
    return _KNOWN.sealed({**latest, account: number})


write_known = _KNOWN.write


def address(request: Request) -> str:
    """Where a request comes from; behind a proxy what it says, if it is one that uvicorn was told to believe."""
    host = request.client.host if request.client else ""
    try:
        place = ip_address(host)
    except ValueError:
        return host
    if isinstance(place, IPv6Address):
        if place.ipv4_mapped:
            return str(place.ipv4_mapped)
        return str(IPv6Network((int(place), _SHARED_BITS), strict=False))
    return str(place)


def words(refused: TooMany, otherwise: str) -> str:
    """'Too many tries. Try again in 12 minutes ...'"""
    minutes = -(-refused.wait_s // 60)
    return f"Too many wrong tries. Try again in {minutes} minute{'' if minutes == 1 else 's'}{otherwise}."


def headers(refused: TooMany) -> dict[str, str]:
    return {"Retry-After": str(refused.wait_s)}


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()[:32]
