"""Which addresses a webhook may name and reach: a public one, by http or https, unless the deployment allows others."""

import ipaddress
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import httpx

from config import settings
from records.campaigns import NotUsable
from records.lines import unshown
from records.webhooks import LONGEST_URL

IP = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[IP]]

HIGHEST_PORT = 65535
SITE_LOCAL = IPv6Network("fec0::/10")  # given up, and still in use
EMBEDDING = (  # networks whose addresses stand for an IPv4 address, and where in them it stands (bits from the right)
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)


class Refused(Exception):  # noqa: N818  what is done with it
    """This address may not be called; the message says why."""


class Unknown(Exception):  # noqa: N818  what the name is
    """DNS does not know the name, or does not answer."""


def parsed(url: str) -> httpx.URL:
    """The address as it will be called. Raises NotUsable with a sentence; looks nothing up."""
    given = url.strip()
    if not given or len(given) > LONGEST_URL or unshown(given) or any(character.isspace() for character in given):
        raise NotUsable(
            f"An address has 1 to {LONGEST_URL} characters, and no spaces, such as https://example.com/hook."
        )
    try:
        address = httpx.URL(given)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise NotUsable("This is no address that can be called. Write it like https://example.com/hook.") from error
    if address.scheme not in ("http", "https"):
        raise NotUsable("An address begins with https:// or http://, such as https://example.com/hook.")
    if address.userinfo:
        raise NotUsable("Leave the user name and the password out of the address: messages are signed instead.")
    if address.fragment or "#" in given:
        raise NotUsable("Leave out what stands behind '#': it would never reach the receiver.")
    if not address.raw_host.strip(b".") or not 0 < port(address) <= HIGHEST_PORT:
        raise NotUsable(
            "The address names no host, or no port from 1 to 65535. Write it like https://example.com/hook."
        )
    if len(str(address)) > LONGEST_URL:
        raise NotUsable(f"An address may have at most {LONGEST_URL} characters.")
    return address


def port(address: httpx.URL) -> int:
    """Its port, also where it is not written."""
    default = 443 if address.scheme == "https" else 80
    return default if address.port is None else address.port


def is_public(ip: IP) -> bool:
    """Whether this address belongs to the public internet, and to a single machine there."""
    inner = _embedded(ip)
    if inner is not None:
        return is_public(inner)
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local:
        return False
    return ip.is_global and ip not in SITE_LOCAL


def resolved(host: str, number: int) -> list[IP]:
    """Every address behind a name. Raises Unknown."""
    try:
        found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unknown(f"The name '{host}' is not known. Check the address, and the server's DNS.") from error
    return list(dict.fromkeys(ipaddress.ip_address(address[0]) for *_, address in found))


def callable_addresses(host: str, number: int, resolve: Resolve = resolved) -> list[IP]:
    """The addresses behind a host, all of which may be called now. Raises Refused, Unknown."""
    found = resolve(host, number)
    private = [ip for ip in found if not is_public(ip)]
    if private and not settings().webhooks_private:
        behind = "" if str(private[0]) == host else f" is at {private[0]}, which"
        raise Refused(
            f"{host}{behind} is no public address, so that TotalView does not call it. Give the receiver a public "
            "address, or set TOTALVIEW_WEBHOOKS_PRIVATE=true where your own network is meant."
        )
    return found


def usable(url: str, resolve: Resolve = resolved) -> str:
    """The address as it is stored, once it has been looked through and looked up. Raises NotUsable.

    Asks DNS, so never inside a transaction. What it finds is no promise: each try looks again (`sender.py`).
    """
    address = parsed(url)
    if not settings().webhooks_private:
        try:
            callable_addresses(address.raw_host.decode(), port(address), resolve)
        except (Refused, Unknown) as error:
            raise NotUsable(str(error)) from error
    return str(address)


def _embedded(ip: IP) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if isinstance(ip, IPv4Address):
        return None
    for network, place in EMBEDDING:
        if ip in network:
            return IPv4Address(int(ip) >> place & 0xFFFFFFFF)
    return None
