"""What goes wrong on the way to the SFTP server: each is said in words, and nothing secret is given away."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from config import settings
from pipeline.sftp.connection import connecting, hostkeys, server, setup
from pipeline.sftp.connection.server import SftpAway, SftpRefused
from tests.simulators.sftp import Manners, served
from tests.sshd import SftpServer


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch):
    """Sets variables, as an operator would."""

    def change(**variables: object) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()

    return change


@pytest.fixture
def manners(put) -> Iterator[Manners]:
    with served(Manners()) as made:
        put(**made.environment)
        yield made


def refused() -> str:
    with pytest.raises(SftpRefused) as error, server.connection():
        pass
    return str(error.value)


def away() -> str:
    with pytest.raises(SftpAway) as error, server.connection():
        pass
    return str(error.value)


def test_a_port_where_nobody_answers(sshd: SftpServer):
    sshd.stop()
    assert f"Nobody answers at the SFTP server 127.0.0.1:{sshd.port}" in away()


def test_a_name_that_there_is_not(sshd: SftpServer, put):
    put(SFTP_HOST="nowhere.invalid")
    assert "no address for nowhere.invalid" in away()


def test_a_server_that_says_nothing(sshd: SftpServer, put, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connecting, "GREET_S", 0.3)
    with sshd.line(silent_after=0) as line:
        put(SFTP_PORT=line.port)
        assert "does not answer" in away()


def test_a_server_that_falls_silent_while_it_opens_the_session(sshd: SftpServer, put, monkeypatch: pytest.MonkeyPatch):
    with sshd.line() as line:
        put(SFTP_PORT=line.port)
        chosen = setup.setup()
        transport = connecting.greet(chosen)
        connecting.sign_in(transport, chosen)
        monkeypatch.setattr(connecting, "SIGN_IN_S", 0.5)
        line.fall_silent()
        with pytest.raises(SftpAway, match="broke off"):
            connecting.session(transport, chosen)


def test_a_server_that_is_none_of_ssh(sshd: SftpServer, put):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as website:
        Thread(target=website.serve_forever, daemon=True).start()
        put(SFTP_PORT=website.server_port)
        assert "speaks no SSH" in away()
        website.shutdown()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.8, 0.97])
def test_a_line_that_breaks_off_on_the_way(sshd: SftpServer, put, share: float):
    with sshd.line() as whole:
        put(SFTP_PORT=whole.port)
        with server.connection():
            pass
    with sshd.line(cut_after=int(whole.passed * share)) as line:
        put(SFTP_PORT=line.port)
        assert "SFTP server 127.0.0.1" in away()


def test_without_a_pinned_key_nothing_is_sent_and_the_line_to_set_is_shown(manners: Manners, put):
    put(SFTP_HOST_KEY="")
    words = refused()
    assert f"set SFTP_HOST_KEY to '{manners.environment['SFTP_HOST_KEY']}'" in words
    assert "SHA256:" in words
    assert manners.passwords_seen == []


def test_another_key_than_the_pinned_one_is_refused_before_the_password_is_sent(manners: Manners, put, sshd):
    pinned = sshd.host_keys["ecdsa"]
    put(**manners.environment | {"SFTP_HOST_KEY": pinned})
    words = refused()
    for line in (pinned, manners.environment["SFTP_HOST_KEY"]):
        (key,) = hostkeys.read(line).keys
        assert key.fingerprint in words
    assert manners.passwords_seen == []


def test_a_changed_key_is_refused_and_the_new_one_taken_once_it_is_set(sshd: SftpServer, put):
    new = sshd.new_host_key("ed25519")
    sshd.stop()
    sshd.start()
    assert "shows another key" in refused()
    put(SFTP_HOST_KEY=f"ssh-ed25519 {sshd.environment['SFTP_HOST_KEY'].split()[1]},{new}")
    with server.connection():
        pass


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_fingerprint_does_for_whichever_key_of_the_server_it_is(sshd: SftpServer, put, kind: str):
    (key,) = hostkeys.read(sshd.host_keys[kind]).keys
    put(SFTP_HOST_KEY=key.fingerprint)
    with server.connection():
        pass


def test_a_key_of_a_kind_that_the_server_has_not(manners: Manners, put, sshd: SftpServer):
    put(**manners.environment | {"SFTP_HOST_KEY": sshd.host_keys["ed25519"]})
    assert "no key of the kind that SFTP_HOST_KEY names (ssh-ed25519)" in refused()


def test_a_private_key_that_the_server_does_not_know(sshd: SftpServer, put):
    put(SFTP_PRIVATE_KEY=(sshd.folder / "host_ed25519").read_text(encoding="ascii"))
    assert "with this key. Check SFTP_USERNAME and SFTP_PRIVATE_KEY" in refused()


def test_a_password_does(manners: Manners):
    with server.connection():
        pass
    assert manners.passwords_seen == [manners.password]


def test_a_wrong_password_is_in_no_words(manners: Manners, put):
    put(SFTP_PASSWORD="hunter2")
    words = refused()
    assert "with this password. Check SFTP_USERNAME and SFTP_PASSWORD" in words
    assert "hunter2" not in words


def test_a_way_to_sign_in_that_the_server_does_not_offer(sshd: SftpServer, put, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SFTP_PRIVATE_KEY")
    put(SFTP_PASSWORD="hunter2")
    assert "it takes publickey" in refused()


def test_a_server_without_sftp(manners: Manners):
    manners.sftp = False
    assert "offers no SFTP" in refused()


def test_a_server_that_prints_a_greeting_where_sftp_is_due(manners: Manners):
    manners.greeting = b"Welcome to the recorder!\n"
    assert "must print nothing" in away()


@pytest.mark.parametrize("root", ["nowhere", "sales/a.wav"])
def test_a_root_that_is_no_folder(sshd: SftpServer, put, root: str):
    sshd.put("sales/a.wav")
    put(SFTP_ROOT=root)
    assert "SFTP_ROOT" in refused()
