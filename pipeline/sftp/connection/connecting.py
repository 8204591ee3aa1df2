"""From the settings to a signed-in session, step by step; no secret is sent before the server has proved itself."""

import errno
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer

from paramiko import AuthenticationException, BadAuthenticationType, Channel, SSHException, Transport
from paramiko.ssh_exception import IncompatiblePeer

from pipeline.sftp.connection import hostkeys
from pipeline.sftp.connection.arrived import Arrived
from pipeline.sftp.connection.hostkeys import HostKey
from pipeline.sftp.connection.listing import Kind, entry
from pipeline.sftp.connection.packets import Said, Type, packed
from pipeline.sftp.connection.refusals import SftpAway, SftpRefused
from pipeline.sftp.connection.setup import Setup
from pipeline.sftp.connection.wire import Wire

CONNECT_S, GREET_S, SIGN_IN_S = 10.0, 20.0, 30.0
SILENCE_S = 60.0  # a server that says nothing for so long has gone
KEEPALIVE_S = 15
_QUICK = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")  # two thirds of the work of those that paramiko prefers

# It writes a traceback for every connection that breaks off; what happened is an exception too.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@contextmanager
def in_words(setup: Setup) -> Iterator[None]:
    """Whatever a socket or paramiko raises within the block comes out as SftpAway."""
    try:
        yield
    except socket.gaierror as error:
        raise SftpAway(f"There is no address for {setup.host}. Check SFTP_HOST, and this machine's DNS.") from error
    except TimeoutError as error:
        raise SftpAway(f"{_upper(setup.server)} does not answer. Check that it runs, and any firewall.") from error
    except ConnectionRefusedError as error:
        raise SftpAway(f"Nobody answers at {setup.server}. Check SFTP_HOST, SFTP_PORT and that it runs.") from error
    except (OSError, EOFError, SSHException) as error:
        if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
            raise SftpAway(f"No way leads to {setup.server}. Check SFTP_HOST, and the network.") from error
        raise SftpAway(f"The connection to {setup.server} broke off. It is tried again by itself.") from error


def dial(setup: Setup) -> socket.socket:
    """A line to the server. Raises SftpAway."""
    with in_words(setup):
        line = socket.create_connection((setup.host, setup.port), CONNECT_S)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: how long sent bytes may stay without an echo
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SILENCE_S * 1000))
        return line


def greet(setup: Setup) -> Transport:
    """An encrypted line to the server that SFTP_HOST_KEY names. Raises SftpAway, SftpRefused."""
    pins = setup.pins()
    shown: list[HostKey] = []
    families = pins.families() or list(hostkeys.ALGORITHMS)
    for family in families:
        transport = _shaken(setup, family)
        if transport is None:
            continue
        key = transport.get_remote_server_key()
        shown.append(HostKey(key.get_name(), key.asbytes()))
        if pins.include(shown[-1]):
            transport.set_keepalive(KEEPALIVE_S)
            return transport
        transport.close()
        if not setup.host_key.strip():
            break
    if not shown:
        raise SftpRefused(
            f"{_upper(setup.server)} has no key of the kind that SFTP_HOST_KEY names ({' or '.join(families)}), or "
            "none of the ciphers that are safe today. Ask its operator."
        )
    hostkeys.judge(pins, shown, setup.server)
    raise AssertionError("The key is pinned, and was not taken.")


def sign_in(transport: Transport, setup: Setup) -> None:
    """Become the user. Raises SftpAway, SftpRefused."""
    transport.auth_timeout = SIGN_IN_S
    key = setup.key()
    with in_words(setup):
        try:
            left = transport.auth_publickey(setup.username, key) if key else ["password"]
            if left and setup.password:
                left = transport.auth_password(setup.username, setup.password)
        except BadAuthenticationType as error:
            ways = ", ".join(error.allowed_types) or "nothing"
            raise SftpRefused(
                f"{_upper(setup.server)} does not let '{setup.username}' sign in this way; it takes {ways}. Set "
                "SFTP_PRIVATE_KEY_FILE for publickey, SFTP_PASSWORD for password."
            ) from error
        except AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error).lower():
                raise SftpAway(f"{_upper(setup.server)} broke off while signing in. It is tried again.") from error
            what = "SFTP_PRIVATE_KEY" if key else "SFTP_PASSWORD"
            raise SftpRefused(
                f"{_upper(setup.server)} does not take '{setup.username}' with this {'key' if key else 'password'}. "
                f"Check SFTP_USERNAME and {what}, and that the server knows them."
            ) from error
    if left:
        raise SftpRefused(f"{_upper(setup.server)} asks for more to sign in: {', '.join(left)}. Set SFTP_PASSWORD.")


def session(transport: Transport, setup: Setup) -> Wire:
    """SFTP over the line. Raises SftpAway, SftpRefused."""
    with in_words(setup), _within(transport, SIGN_IN_S):
        channel = transport.open_session(timeout=SIGN_IN_S)
        channel.settimeout(SILENCE_S)
        channel.in_buffer = Arrived()
        try:
            channel.invoke_subsystem("sftp")
        except SSHException as error:
            if not transport.is_active():
                raise
            words = f"{_upper(setup.server)} offers no SFTP to '{setup.username}'. Ask its operator."
            raise SftpRefused(words) from error
        return _wire(channel, setup)


def root(wire: Wire, setup: Setup) -> bytes:
    """SFTP_ROOT as the server itself calls it. Raises SftpAway, SftpRefused."""
    with in_words(setup):
        try:
            reader = wire.expect(Type.NAME, Type.REALPATH, packed(setup.root.encode("utf-8")))
            reader.number()
            real = reader.text()
            found = entry(b"", wire.expect(Type.ATTRS, Type.STAT, packed(real)).attributes())
        except Said as said:
            raise SftpRefused(f"There is no folder '{setup.root}' on {setup.server}. Check SFTP_ROOT.") from said
        if found.kind is not Kind.FOLDER:
            raise SftpRefused(f"SFTP_ROOT names '{setup.root}' on {setup.server}, which is no folder.")
        return real


def _shaken(setup: Setup, family: str) -> Transport | None:
    """A line on which the server has proved a key of this family; None where it has none."""
    transport = Transport(dial(setup))
    transport.banner_timeout = transport.handshake_timeout = GREET_S
    options = transport.get_security_options()
    options.key_types = hostkeys.ALGORITHMS[family]
    options.ciphers = (*_QUICK, *(cipher for cipher in options.ciphers if cipher not in _QUICK))
    with in_words(setup):
        try:
            transport.start_client(timeout=GREET_S)
            if not transport.initial_kex_done:
                raise TimeoutError  # noqa: TRY301  paramiko returns in silence when the time is over
        except IncompatiblePeer:
            transport.close()
            return None
        except BaseException as error:
            transport.close()
            if isinstance(error, SSHException) and "banner" in str(
                error
            ):  # its words for all that can be wrong so early
                if isinstance(error.__context__, TimeoutError):
                    raise TimeoutError from error
                words = f"What answers at {setup.server} speaks no SSH, or hung up at once. Check SFTP_HOST, SFTP_PORT."
                raise SftpAway(words) from error
            raise
    return transport


def _wire(channel: Channel, setup: Setup) -> Wire:
    try:
        return Wire(channel)
    except EOFError as error:  # the program behind the channel ended at once
        with suppress(OSError):
            channel.close()
        words = f"{_upper(setup.server)} ended the SFTP session of '{setup.username}' at once. Ask its operator."
        raise SftpAway(words) from error


@contextmanager
def _within(transport: Transport, seconds: float) -> Iterator[None]:
    """Hangs up when the block takes longer: paramiko waits for a channel's answers without limit."""
    timer = Timer(seconds, transport.close)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _upper(words: str) -> str:
    return words[0].upper() + words[1:]
