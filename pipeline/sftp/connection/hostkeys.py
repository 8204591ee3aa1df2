"""The server's own key: which ones SFTP_HOST_KEY names, and whether the one that it shows is among them."""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from pipeline.sftp.connection.refusals import SftpRefused

# What a server is asked to prove itself by, family by family: each key of its own.
ALGORITHMS = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
_KEY = re.compile(rf"(?:^|\s)({'|'.join(ALGORITHMS)})\s+([A-Za-z0-9+/]+=*)")
_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
_FORM = "Give it as `ssh-keyscan` prints it (ssh-ed25519 AAAA...), or as its fingerprint (SHA256:...)."


@dataclass(frozen=True)
class HostKey:
    """A key as a server shows it."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it."""
        return "SHA256:" + base64.b64encode(sha256(self.blob).digest()).decode("ascii").rstrip("=")

    @property
    def line(self) -> str:
        """As SFTP_HOST_KEY takes it."""
        return f"{self.kind} {base64.b64encode(self.blob).decode('ascii')}"


@dataclass(frozen=True)
class Pins:
    """The keys that are known to be the server's: whole, or by their fingerprints."""

    keys: frozenset[HostKey]
    fingerprints: frozenset[str]

    def families(self) -> list[str]:
        """The kinds of key to ask the server for; a fingerprint does not say whose it is."""
        kinds = {key.kind for key in self.keys}
        return [kind for kind in ALGORITHMS if self.fingerprints or kind in kinds]

    def include(self, key: HostKey) -> bool:
        return key in self.keys or key.fingerprint in self.fingerprints

    def __str__(self) -> str:
        return " or ".join(sorted({key.fingerprint for key in self.keys} | self.fingerprints))


def read(text: str) -> Pins:
    """What SFTP_HOST_KEY says, several keys by commas or lines. Raises SftpRefused."""
    keys, fingerprints = set(), set()
    for line in text.splitlines():
        if not line.strip() or line.strip().startswith("#"):  # ssh-keyscan's own remarks
            continue
        found = [_key(kind, blob) for kind, blob in _KEY.findall(line.replace(",", " "))]
        prints = {f"SHA256:{digest}" for digest in _FINGERPRINT.findall(line)}
        if not found and not prints:
            raise SftpRefused(f"SFTP_HOST_KEY is no key of a server. {_FORM}")
        keys.update(found)
        fingerprints |= prints
    return Pins(frozenset(keys), frozenset(fingerprints))


def judge(pins: Pins, shown: list[HostKey], server: str) -> None:
    """Raises SftpRefused unless one of the keys that the server showed is pinned."""
    if any(pins.include(key) for key in shown):
        return
    told = " and ".join(key.fingerprint for key in shown)
    lines = " or ".join(f"'{key.line}'" for key in shown)
    if not pins.keys and not pins.fingerprints:
        raise SftpRefused(
            f"SFTP_HOST_KEY is not set, so that {server} cannot be told from somebody who pretends to be it. "
            f"It shows {told}. Compare that with what its operator says, and then set SFTP_HOST_KEY to {lines}."
        )
    raise SftpRefused(
        f"{_first_upper(server)} shows another key ({told}) than SFTP_HOST_KEY names ({pins}). Nothing was sent there. "
        f"Ask its operator: either its key has changed, and then set SFTP_HOST_KEY to {lines}, or somebody stands "
        "in between."
    )


def _key(kind: str, text: str) -> HostKey:
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error:
        blob = b""
    name = kind.encode("ascii")
    if not blob.startswith(len(name).to_bytes(4, "big") + name):  # every key begins with what it is
        raise SftpRefused(f"The {kind} key in SFTP_HOST_KEY is not whole. {_FORM}")
    return HostKey(kind, blob)


def _first_upper(words: str) -> str:
    return words[0].upper() + words[1:]
