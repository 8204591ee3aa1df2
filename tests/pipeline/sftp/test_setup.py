"""What the settings say of the SFTP server, and what cannot be."""

import subprocess
from pathlib import Path

import pytest

from config import settings
from pipeline.sftp.connection.refusals import SftpRefused
from pipeline.sftp.connection.setup import setup

WHOLE = {"SFTP_HOST": "sftp.example.com", "SFTP_USERNAME": "recorder", "SFTP_PASSWORD": "hunter2"}
KINDS = (
    ("-t", "ed25519"),
    ("-t", "rsa", "-b", "2048"),
    ("-t", "ecdsa", "-b", "384"),
    ("-t", "rsa", "-b", "2048", "-m", "PEM"),
    ("-t", "ecdsa", "-m", "PKCS8"),
)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch):
    """Reads the setup off these variables."""

    def read(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return setup()

    return read


def made(folder: Path, *kind: str, passphrase: str = "") -> tuple[str, str]:
    """A new private key, and its public line."""
    path = folder / "key"
    command = ["ssh-keygen", "-q", *kind, "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.read_text(encoding="ascii"), path.with_suffix(".pub").read_text(encoding="ascii").strip()


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_every_form_of_private_key_is_read(said, tmp_path: Path, kind: tuple[str, ...], passphrase: str):
    private, public = made(tmp_path, *kind, passphrase=passphrase)
    key = said(**WHOLE, SFTP_PRIVATE_KEY=private, SFTP_PRIVATE_KEY_PASSPHRASE=passphrase).key()
    assert f"{key.get_name()} {key.get_base64()}" == public


def test_a_key_on_one_line_and_a_key_in_a_file(said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    private, public = made(tmp_path, "-t", "ed25519")
    assert said(**WHOLE, SFTP_PRIVATE_KEY=private.replace("\n", "\\n")).key().get_base64() in public
    monkeypatch.delenv("SFTP_PRIVATE_KEY")
    assert said(SFTP_PRIVATE_KEY_FILE=str(tmp_path / "key")).key().get_base64() in public


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SFTP_HOST": ""}, "Set SFTP_HOST"),
        ({"SFTP_HOST": "sftp://sftp.example.com/in"}, "SFTP_HOST is a name or an address alone"),
        ({"SFTP_HOST": "me@sftp.example.com"}, "SFTP_HOST is a name or an address alone"),
        ({"SFTP_USERNAME": ""}, "SFTP_USERNAME is needed"),
        ({"SFTP_PASSWORD": ""}, "set SFTP_PRIVATE_KEY_FILE"),
    ],
)
def test_what_is_missing_is_named(said, change: dict[str, str], words: str):
    with pytest.raises(SftpRefused, match=words):
        said(**WHOLE | change)


def test_a_key_that_cannot_be_read_is_told_without_its_text(said, tmp_path: Path):
    private, public = made(tmp_path, "-t", "ed25519", passphrase="open sesame")
    cut = private.replace(private.splitlines()[3], "")
    for text, passphrase, words in (
        (public, "", "no private key"),
        ("hunter2", "", "no private key"),
        (private, "", "set SFTP_PRIVATE_KEY_PASSPHRASE"),
        (private, "wrong", "Check both"),
        (cut, "open sesame", "Check both"),
    ):
        chosen = said(**WHOLE, SFTP_PRIVATE_KEY=text, SFTP_PRIVATE_KEY_PASSPHRASE=passphrase)
        with pytest.raises(SftpRefused, match=words) as refused:
            chosen.key()
        assert text not in str(refused.value)
        assert refused.value.__cause__ is None


def test_nothing_secret_is_shown_of_it(said):
    assert "hunter2" not in repr(said(**WHOLE))
