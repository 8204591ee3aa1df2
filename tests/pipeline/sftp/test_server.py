"""Connecting to the SFTP server, against OpenSSH's own."""

from pipeline.sftp import server
from tests.sshd import SftpServer


def test_a_server_that_the_settings_name_is_used(sshd: SftpServer):
    assert server.configured()


def test_without_settings_there_is_none():
    assert not server.configured()
