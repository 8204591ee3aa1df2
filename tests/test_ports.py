"""Ports of servers in tests are one process's own."""

import subprocess
import sys

from tests import ports
from tests.house_rules import ROOT

ANOTHER = "import sys; from tests import ports; print(ports._claimed(int(sys.argv[1])))"


def by_another(port: int) -> str:
    return subprocess.run(
        [sys.executable, "-c", ANOTHER, str(port)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_no_other_process_is_given_a_port_as_long_as_this_one_lives():
    port = ports.free_port()
    assert by_another(port) == "False"
    assert by_another(ports.LAST) == "True", "which nobody has asked for"
    assert ports.free_port() != port
