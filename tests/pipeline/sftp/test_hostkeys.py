"""SFTP_HOST_KEY in all the forms that people have it in."""

import pytest

from pipeline.sftp.connection import hostkeys
from pipeline.sftp.connection.refusals import SftpRefused

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMbDF0kGyZ3yjpW8Vx4WCmkyZE1ZqgC5kR5VoVeGZ0VK"
(KEY,) = hostkeys.read(LINE).keys
OTHER = "SHA256:" + "A" * 43


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"{LINE} the recorder",
        f"  {LINE}\n",
        f"sftp.example.com {LINE}",
        f"[sftp.example.com]:2222,192.0.2.7 {LINE}",
        f"# sftp.example.com:22 SSH-2.0-OpenSSH_9.2\nsftp.example.com {LINE}",
        KEY.fingerprint,
        f"256 {KEY.fingerprint} sftp.example.com (ED25519)",
        f"{OTHER},{LINE}",
        f"{LINE},{OTHER}",
        f"{OTHER}\n{KEY.fingerprint}",
    ],
)
def test_the_key_is_known(text: str):
    pins = hostkeys.read(text)
    assert pins.include(KEY)
    assert KEY.kind in pins.families()


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "sftp.example.com",
        "MD5:aa:bb:cc",
        "SHA256:short",
        LINE.replace("AAAAC3", "AAAAD3"),
        LINE[:14],
        f"{LINE}\nyes",
    ],
)
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(SftpRefused, match="SFTP_HOST_KEY"):
        hostkeys.read(text)


def test_a_whole_key_says_what_to_ask_for_and_a_fingerprint_does_not():
    assert hostkeys.read(LINE).families() == ["ssh-ed25519"]
    assert hostkeys.read(OTHER).families() == list(hostkeys.ALGORITHMS)


def test_no_key_knows_no_server():
    pins = hostkeys.read("")
    assert not pins.include(KEY)
    with pytest.raises(SftpRefused, match=f"set SFTP_HOST_KEY to '{LINE}'"):
        hostkeys.judge(pins, [KEY], "the server")


def test_another_key_is_refused_with_both_fingerprints():
    with pytest.raises(SftpRefused) as refused:
        hostkeys.judge(hostkeys.read(OTHER), [KEY], "the server")
    assert OTHER in str(refused.value)
    assert KEY.fingerprint in str(refused.value)
