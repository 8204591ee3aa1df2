"""What goes wrong with an SFTP server, as sentences that say what to do; no secret is ever in them."""


class SftpAway(Exception):  # noqa: N818  what it is: an outage, not a mistake
    """The server cannot be reached, or the connection broke off; trying later may help. The message is a sentence."""


class FileChanged(SftpAway):
    """A file has fewer or more bytes than were announced: somebody is writing it. Trying later may help."""


class SftpRefused(Exception):  # noqa: N818  what the server or we did
    """SFTP is set up wrongly, so that a person must act. The message is a sentence that names the variable."""


class NotReadable(Exception):  # noqa: N818  what the file is
    """This one file or folder is not to be had; the message is a sentence.

    `code` is "vanished" (it is not there), "denied" (the server does not let us) or "unreadable" (anything else).
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
