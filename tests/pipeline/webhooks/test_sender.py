"""One try against a real receiver: what is sent, what each answer means, and where a message never goes."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config import settings
from pipeline.webhooks import sender, signing
from pipeline.webhooks.sender import Answer, send
from records.db import now
from records.webhooks import new_secret
from tests.simulators.receiver import Receiver, Say, receiving

BODY = json.dumps({"type": "call.completed", "data": {"filename": "größer 📞.wav"}}).encode()


def here(_host: str, _port: int):
    """A DNS that knows every name as this machine."""
    return [ip_address("127.0.0.1")]


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private addresses are allowed."""
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()


@pytest.fixture
def receiver(inside) -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def signed(secret: str, moment: datetime | None = None) -> dict[str, str]:
    return signing.headers("msg_1", moment or now(), BODY, [secret])


def test_the_official_library_finds_our_signature_right(receiver: Receiver):
    secret = new_secret()
    answer = send(receiver.url, signed(secret), BODY)
    assert (answer.taken, answer.status) == (True, 200)
    [got] = receiver.got
    assert got.verified(secret) == json.loads(BODY)
    assert (got.method, got.path, got.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert got.headers["webhook-id"] == "msg_1"


def test_a_changed_body_another_secret_or_an_old_moment_is_found_wrong(receiver: Receiver):
    secret = new_secret()
    send(receiver.url, signed(secret), BODY)
    send(receiver.url, signed(secret), BODY + b" ")
    send(receiver.url, signed(secret, now() - timedelta(minutes=6)), BODY)
    fine, changed, old = receiver.got
    fine.verified(secret)
    for got, tried in ((changed, secret), (old, secret), (fine, new_secret())):
        with pytest.raises(Exception, match=r"No matching signature|too old"):
            got.verified(tried)


def test_while_a_secret_is_changed_over_either_finds_the_signature_right(receiver: Receiver):
    old, new = new_secret(), new_secret()
    send(receiver.url, signing.headers("msg_1", now(), BODY, [new, old]), BODY)
    receiver.got[0].verified(old)
    receiver.got[0].verified(new)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_taken(receiver: Receiver, status: int):
    receiver.says.append(Say(status))
    assert send(receiver.url, {}, BODY).taken


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_any_other_answer_is_a_try_in_vain(receiver: Receiver, status: int):
    receiver.says.append(Say(status, b"no\x00 such\n thing " + b"x" * 500))
    answer = send(receiver.url, {}, BODY)
    assert (answer.status, answer.taken, answer.gone) == (status, False, False)
    assert answer.error == f"The receiver answered {status}; only 200 to 299 counts as taken."
    assert answer.text == ("no such thing " + "x" * 500)[:200]


def test_a_redirect_is_not_followed(receiver: Receiver):
    receiver.says.append(Say(307, headers={"location": receiver.url.replace("/hook", "/other")}))
    answer = send(receiver.url, {}, BODY)
    assert "points to another address (307)" in answer.error
    assert [got.path for got in receiver.got] == ["/hook"]


def test_410_means_that_nothing_more_is_wanted(receiver: Receiver):
    receiver.says.append(Say(410))
    assert send(receiver.url, {}, BODY).gone


@pytest.mark.parametrize(("status", "wish"), [(429, 120.0), (503, 120.0), (500, None), (200, None)])
def test_a_wish_to_be_left_alone_counts_with_429_and_503(receiver: Receiver, status: int, wish: float | None):
    receiver.says.append(Say(status, headers={"retry-after": "120"}))
    assert send(receiver.url, {}, BODY).wish_s == wish


def test_a_receiver_that_takes_too_long_is_given_up(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sender, "WHOLE_S", 0.3)
    receiver.says.append(Say(wait_s=20))
    answer = send(receiver.url, {}, BODY)
    assert answer.error == "The receiver did not answer within 0.3 seconds."
    assert answer.ms >= 300


def test_an_answer_that_drips_is_cut_off_and_what_was_taken_stays_taken(receiver: Receiver, monkeypatch):
    monkeypatch.setattr(sender, "WHOLE_S", 0.4)
    receiver.says.append(Say(body=b"y" * 1000, drip_s=0.05))
    answer = send(receiver.url, {}, BODY)
    assert answer.taken
    assert set(answer.text) == {"y"}
    assert len(answer.text) < 100


def test_an_endless_answer_is_read_for_some_kilobytes(receiver: Receiver):
    receiver.says.append(Say(500, b"z" * 50_000_000))
    assert send(receiver.url, {}, BODY).text == "z" * 200


def test_what_is_not_kept_is_not_read():
    read: list[bytes] = []
    chunks = (read.append(b"z" * 1000) or read[-1] for _ in range(1000))
    assert sender._beginning(chunks) == b"z" * sender.MOST_READ
    assert len(read) == 9


@pytest.mark.parametrize("name", ["nobody listens", "hangs up", "speaks no http"])
def test_a_receiver_that_cannot_be_reached_is_a_sentence(receiver: Receiver, name: str):
    url = {"nobody listens": "http://127.0.0.1:9/", "speaks no http": receiver.url.replace("http:", "https:")}
    receiver.says.append(Say(hang_up=True))
    answer = send(url.get(name, receiver.url), {}, BODY)
    assert (answer.status, answer.taken) == (None, False)
    assert answer.error.startswith("The receiver could not be reached: ")


def test_a_name_that_is_not_known_is_a_sentence(inside):
    assert "'nowhere.invalid' is not known" in send("http://nowhere.invalid/", {}, BODY).error


def test_a_private_address_is_refused_at_dispatch():
    with receiving() as receiver:
        answer = send(receiver.url, {}, BODY)
    assert "no public address" in answer.error
    assert receiver.got == []


def test_dns_that_changes_its_mind_reaches_nobody():
    """Rebinding: a public answer at save, this machine at dispatch, and each lookup another."""
    with receiving() as receiver:
        answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"], ["127.0.0.1"]]
        asked = []

        def turning(host: str, _port: int):
            asked.append(host)
            return [ip_address(each) for each in answers[len(asked) - 1]]

        url = f"http://hooks.example:{receiver.port}/hook"
        sender.address.usable(url, turning)
        answer = send(url, {}, BODY, resolve=turning)
        assert "hooks.example is at 127.0.0.1" in answer.error
        assert receiver.got == []
        assert len(asked) == 2


def test_the_address_that_was_checked_is_the_one_connected_to(inside, receiver: Receiver):
    asked = []

    def once(host: str, _port: int):
        asked.append(host)
        return here(host, 0)

    assert send(f"http://hooks.example:{receiver.port}/x?y=1", {}, BODY, resolve=once).taken
    assert asked == ["hooks.example"]
    assert (receiver.got[0].headers["host"], receiver.got[0].path) == (f"hooks.example:{receiver.port}", "/x?y=1")


def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(inside, receiver: Receiver):
    two = [ip_address("127.0.0.2"), ip_address("127.0.0.1")]  # the first has no listener
    assert send(f"http://hooks.example:{receiver.port}/", {}, BODY, resolve=lambda *_: two).taken


def test_an_address_that_swallows_what_is_sent_leaves_time_for_the_next(inside, receiver: Receiver, monkeypatch):
    monkeypatch.setattr(sender, "CONNECT_S", 1.0)
    two = [ip_address("127.0.0.2"), ip_address("127.0.0.1")]
    with socket.create_server((str(two[0]), receiver.port), backlog=0), ExitStack() as full:
        for _ in range(3):  # nobody accepts, so that the kernel answers no more than these
            waiting = full.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((str(two[0]), receiver.port))
        assert send(f"http://hooks.example:{receiver.port}/", {}, BODY, resolve=lambda *_: two).taken


def test_an_ipv6_address_stands_in_brackets_where_the_receiver_reads_its_host(inside, receiver: Receiver):
    assert send(f"http://[::1]:{receiver.port}/hook", {}, BODY, resolve=here).taken
    assert receiver.got[0].headers["host"] == f"[::1]:{receiver.port}"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(receiver.url, {}, BODY).taken


def test_cookies_are_not_kept(receiver: Receiver):
    receiver.says.append(Say(headers={"set-cookie": "a=b"}))
    send(receiver.url, {}, BODY)
    send(receiver.url, {}, BODY)
    assert "cookie" not in receiver.got[1].headers


@pytest.fixture
def tls(tmp_path: Path, inside, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver whose certificate is for hooks.example, by an authority that is trusted here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    day = timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - day)
        .not_valid_after(datetime.now(UTC) + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*form))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    sender._trusted.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    with receiving(context) as running:
        yield running
    sender._trusted.cache_clear()


def test_tls_asks_for_the_name_in_the_url_though_an_address_is_connected_to(tls: Receiver):
    answer = send(f"https://hooks.example:{tls.port}/", {}, BODY, resolve=here)
    assert answer.error == ""
    assert tls.got[0].headers["host"] == f"hooks.example:{tls.port}"


def test_a_certificate_for_another_name_is_refused(tls: Receiver):
    answer = send(f"https://other.example:{tls.port}/", {}, BODY, resolve=here)
    assert "other.example" in answer.error
    assert tls.got == []


def test_lines_in_an_error_become_one():
    assert sender._one_line("a\n b\x00c..") == "a bc"
    assert Answer(error="").taken


def test_waiting_for_a_connection_ends_with_the_whole(monkeypatch: pytest.MonkeyPatch, inside):
    def slow(_host: str, _port: int):
        time.sleep(0.2)
        return here("", 0)

    monkeypatch.setattr(sender, "WHOLE_S", 0.1)
    assert "did not take the connection" in send("http://hooks.example:9/", {}, BODY, resolve=slow).error
