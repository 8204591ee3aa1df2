"""How to reach the server, read off the settings, and what is wrong with them before anything is tried."""

import re
from dataclasses import dataclass, field
from io import StringIO

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import SSHPrivateKeyTypes
from paramiko import ECDSAKey, Ed25519Key, PKey, RSAKey

from config import settings
from pipeline.sftp.connection import hostkeys
from pipeline.sftp.connection.refusals import SftpRefused

_HOST = re.compile(r"[\w.:%-]+")
_CLASSES = ((RSAPrivateKey, RSAKey), (Ed25519PrivateKey, Ed25519Key), (EllipticCurvePrivateKey, ECDSAKey))
_FORM = "Give the text of the file that `ssh-keygen -t ed25519` makes (not the one that ends in .pub)."


@dataclass(frozen=True)
class Setup:
    """One server, one user."""

    host: str
    port: int
    username: str
    root: str
    host_key: str
    password: str = field(repr=False)
    private_key: str = field(repr=False)
    passphrase: str = field(repr=False)

    @property
    def server(self) -> str:
        """What sentences call it."""
        return f"the SFTP server {self.host}" + ("" if self.port == 22 else f":{self.port}")  # noqa: PLR2004  SSH's own

    def pins(self) -> hostkeys.Pins:
        """The keys by which the server is known. Raises SftpRefused."""
        return hostkeys.read(self.host_key)

    def key(self) -> PKey | None:
        """The user's private key, None where there is none. Raises SftpRefused."""
        return _private_key(self.private_key, self.passphrase) if self.private_key else None


def setup() -> Setup:
    """What the settings say. Raises SftpRefused for what cannot be."""
    said = settings()
    if not said.sftp_host:
        raise SftpRefused("No SFTP server is set up. Set SFTP_HOST.")
    if not _HOST.fullmatch(said.sftp_host):
        raise SftpRefused(
            "SFTP_HOST is a name or an address alone, such as sftp.example.com; see SFTP_PORT, SFTP_ROOT."
        )
    if not said.sftp_username:
        raise SftpRefused("SFTP_HOST is set, so that SFTP_USERNAME is needed too.")
    if not (said.sftp_password or said.sftp_private_key):
        raise SftpRefused("Nothing to sign in with: set SFTP_PRIVATE_KEY_FILE (or SFTP_PRIVATE_KEY) or SFTP_PASSWORD.")
    return Setup(
        host=said.sftp_host,
        port=said.sftp_port,
        username=said.sftp_username,
        root=said.sftp_root,
        host_key=said.sftp_host_key,
        password=said.sftp_password,
        private_key=said.sftp_private_key,
        passphrase=said.sftp_private_key_passphrase,
    )


def _private_key(text: str, passphrase: str) -> PKey:
    """By way of cryptography, which reads every form of a key that is in use; paramiko knows no PKCS 8."""
    whole = text if "\n" in text.strip() else text.replace("\\n", "\n")  # as files of variables hold it on one line
    try:
        loaded = _loaded(whole.strip().encode("utf-8") + b"\n", passphrase.encode("utf-8") or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # whose words may quote what they read
        raise SftpRefused(_why_not(whole, passphrase)) from None
    if not isinstance(loaded, RSAPrivateKey | Ed25519PrivateKey | EllipticCurvePrivateKey):
        raise SftpRefused("SFTP_PRIVATE_KEY is of a kind that is not in use for SSH any more. Make an Ed25519 key.")
    kind = next(paramikos for theirs, paramikos in _CLASSES if isinstance(loaded, theirs))
    plain = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return kind.from_private_key(StringIO(plain.decode("ascii")))


def _loaded(text: bytes, passphrase: bytes | None) -> PrivateKeyTypes | SSHPrivateKeyTypes:
    if b"BEGIN OPENSSH" in text:
        return serialization.load_ssh_private_key(text, passphrase)
    return serialization.load_pem_private_key(text, passphrase)


def _why_not(text: str, passphrase: str) -> str:
    if "PRIVATE KEY-----" not in text:
        return f"SFTP_PRIVATE_KEY is no private key. {_FORM}"
    if not passphrase:
        return f"SFTP_PRIVATE_KEY cannot be read. Is it encrypted? Then set SFTP_PRIVATE_KEY_PASSPHRASE. {_FORM}"
    return "SFTP_PRIVATE_KEY cannot be read with SFTP_PRIVATE_KEY_PASSPHRASE. Check both; a key without one needs none."
