"""Which addresses may be called: public ones, and never one of this machine or its networks by another name."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import settings
from pipeline.webhooks import address
from pipeline.webhooks.address import Refused, Unknown, is_public, parsed, usable
from records.campaigns import NotUsable

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.1.2.3"),
    "0.0.0.0",  # noqa: S104  nothing is bound to it
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
]
PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]
BLOCKED = [ipaddress.ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")]
BLOCKED += [ipaddress.ip_network(block) for block in ("169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4", "0.0.0.0/8")]


def at(*found: str):
    """A DNS that knows these addresses for every name."""
    return lambda _host, _port: [ip_address(each) for each in found]


@pytest.mark.parametrize("ip", PRIVATE)
def test_what_is_not_on_the_public_internet_is_private(ip: str):
    assert not is_public(ip_address(ip))


@pytest.mark.parametrize("ip", PUBLIC)
def test_what_is_public_may_be_called(ip: str):
    assert is_public(ip_address(ip))


@given(st.sampled_from(BLOCKED), st.integers(0, 2**32 - 1))
def test_no_address_of_a_private_block_passes_in_any_dress(block: ipaddress.IPv4Network, number: int):
    inner = int(block.network_address) + number % block.num_addresses
    assert not is_public(IPv4Address(inner))
    for dressed in (0xFFFF << 32 | inner, 0x64FF9B << 96 | inner, 0x2002 << 112 | inner << 80, inner):
        assert not is_public(IPv6Address(dressed))


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_stands_for(ip: IPv4Address):
    assert is_public(IPv6Address(0xFFFF << 32 | int(ip))) == is_public(ip)


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "example.com/hook", "ftp://example.com", "file:///etc/passwd", "https://", "http:///hook"),
        *("https://ana:secret@example.com/", "https://ana@example.com/", "https://:x@example.com/"),
        *("https://example.com/#part", "https://example.com:0/", "https://example.com:70000/", "https://exa mple.com/"),
        *("https://example.com/\x00x", "https://example.com/a b", "javascript:alert(1)"),
        *("https://[::1/", "https://" + "a" * 2100 + ".com", "https://.../", "https://\ud800.com/"),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(url: str):
    with pytest.raises(NotUsable) as refusal:
        parsed(url)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://example.com/hook?token=1", "https://example.com/hook?token=1"),
        ("HTTPS://Example.COM:8443/Hook", "https://example.com:8443/Hook"),
        ("http://example.com\n", "http://example.com"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
    ],
)
def test_an_address_is_stored_as_it_will_be_called(url: str, stored: str):
    assert usable(url, at("93.184.216.34")).replace("bücher", "xn--bcher-kva") == stored


@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_address_or_a_sentence(text: str):
    for given_text in (text, f"https://{text}", f"https://example.com/{text}"):
        assert outcome(given_text).endswith((".", "http", "https"))


def outcome(text: str) -> str:
    try:
        return parsed(text).scheme
    except NotUsable as refusal:
        return str(refusal)


@pytest.mark.parametrize("found", [["10.0.0.8"], ["93.184.216.34", "10.0.0.8"], ["::ffff:10.0.0.8"]])
def test_a_name_that_leads_inside_is_refused_at_save(found: list[str]):
    with pytest.raises(NotUsable, match=r"10\.0\.0\.8|a00:8") as refusal:
        usable("https://hooks.example.com/", at(*found))
    assert "TOTALVIEW_WEBHOOKS_PRIVATE=true" in str(refusal.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "017700000001", "localhost", "[::1]"])
def test_this_machine_is_refused_however_it_is_written(host: str):
    with pytest.raises(NotUsable, match=r"no public address|is not known"):
        usable(f"http://{host}:8000/hook")


def test_a_name_that_nobody_knows_is_refused():
    def unknown(host: str, _port: int):
        raise Unknown(f"The name '{host}' is not known.")

    with pytest.raises(NotUsable, match=r"The name 'hooks\.example' is not known"):
        usable("https://hooks.example/", unknown)


def test_dns_that_fails_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object, **__: object):
        raise OSError("no network")

    monkeypatch.setattr("socket.getaddrinfo", fails)
    with pytest.raises(Unknown, match="Check the address"):
        address.resolved("example.com", 443)


def test_the_deployment_may_allow_its_own_network(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()
    assert usable("http://hooks.internal:8080/x", at("10.0.0.8")) == "http://hooks.internal:8080/x"
    assert address.callable_addresses("hooks.internal", 8080, at("10.0.0.8")) == [ip_address("10.0.0.8")]


def test_every_address_behind_a_name_must_be_public():
    with pytest.raises(Refused, match=r"is at 10\.0\.0\.8"):
        address.callable_addresses("hooks.example", 443, at("93.184.216.34", "10.0.0.8"))
