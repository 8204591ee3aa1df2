"""Many machines on this one: hosts are network namespaces, joined by a bridge, of which any can be cut off.

Only root on Linux may make them. What a host sends while it is cut off is swallowed, as by a firewall or a pulled
cable far away: nobody is told, no connection is reset.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from secrets import randbelow, token_hex
from typing import Self

from tests.conftest import missing
from tests.installation import Installation
from tests.turns import changing_the_network

NETWORKS = 512  # 198.18.0.0/15 is kept for such trials: nobody's own network
# A name of its own for the machine, which RQ's books and the page System tell.
NAMED = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"')


def ip(*words: str, program: str = "ip") -> None:
    subprocess.run([program, *words], check=True, capture_output=True)


@dataclass
class Host:
    """A machine. It ends, with all that it is joined by, when its network does."""

    name: str
    space: str
    address: str
    plug: str  # its end of the line at the bridge

    def start(self, installation: Installation, *command: str) -> subprocess.Popen[bytes]:
        """A process on this machine, over the installation's home and with its environment."""
        return installation.start("ip", "netns", "exec", self.space, *NAMED, self.name, *command)

    def cut_off(self) -> None:
        """Swallow whatever it sends and is sent."""
        ip("link", "set", "dev", self.plug, "state", "0", program="bridge")

    def back(self) -> None:
        ip("link", "set", "dev", self.plug, "state", "3", program="bridge")


class Network:
    """A bridge. `address` is this machine's in it, at which services listen for all hosts."""

    def __init__(self) -> None:
        if os.getuid() != 0 or not (shutil.which("ip") and shutil.which("bridge")):
            missing("hosts of a test's own need root on Linux, and iproute2 (apt-get install iproute2)")
        self._name, self._prefix = f"tv{token_hex(3)}", _free_prefix()
        self.address = f"{self._prefix}.1"
        self._hosts = 1
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            # As long as it is there: lines come up, and addresses are found free, some time after they were made.
            undo.enter_context(changing_the_network())
            ip("link", "add", self._name, "type", "bridge")
            undo.callback(ip, "link", "del", self._name)
            # By itself a bridge takes the lowest address of its hosts', and another when one joins that has a lower.
            ip("link", "set", self._name, "address", "02:" + ":".join(token_hex(1) for _ in range(5)))
            ip("addr", "add", f"{self.address}/24", "dev", self._name)
            ip("link", "set", self._name, "up")
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._undo.close()

    def host(self, name: str, of: Host | None = None) -> Host:
        """A new machine in this network; or one `of` another network, with a second line into this."""
        self._hosts += 1
        space, plug = (of.space if of else f"{self._name}-{name}"), f"{self._name}p{self._hosts}"
        inner, address = f"line{self._hosts}{self._name[-4:]}", f"{self._prefix}.{self._hosts}"
        if of is None:
            ip("netns", "add", space)
            self._undo.callback(ip, "netns", "del", space)
            ip("-n", space, "link", "set", "lo", "up")
        ip("link", "add", plug, "type", "veth", "peer", "name", inner, "netns", space)
        ip("link", "set", plug, "master", self._name, "up")
        ip("-n", space, "addr", "add", f"{address}/24", "dev", inner)
        ip("-n", space, "link", "set", inner, "up")
        self._know_each_other(space, inner, address)
        return Host(name, space, address, plug)

    def _know_each_other(self, space: str, inner: str, address: str) -> None:
        """Neighbours are written down: or the kernel itself would find out that one is gone, and say so."""
        mine = _hardware("cat", f"/sys/class/net/{self._name}/address")
        theirs = _hardware("ip", "netns", "exec", space, "cat", f"/sys/class/net/{inner}/address")
        ip("-n", space, "neigh", "replace", self.address, "lladdr", mine, "dev", inner, "nud", "permanent")
        ip("neigh", "replace", address, "lladdr", theirs, "dev", self._name, "nud", "permanent")


def _free_prefix() -> str:
    taken = subprocess.run(["ip", "-4", "-oneline", "addr"], check=True, capture_output=True, text=True).stdout
    while True:
        number = randbelow(NETWORKS)
        prefix = f"198.{18 + number // 256}.{number % 256}"
        if f" {prefix}." not in taken:
            return prefix


def _hardware(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def cut_off(host: Host) -> Iterator[None]:
    """For as long as the block lasts."""
    host.cut_off()
    try:
        yield
    finally:
        host.back()
