"""A simulated Claude for every test that wants one."""

from collections.abc import Iterator

import pytest

from tests.simulators.claude import ClaudeSimulator
from tests.simulators.server import serving


@pytest.fixture(scope="session")
def _claude_server() -> Iterator[ClaudeSimulator]:
    """One server for all: starting and stopping one takes longer than most tests."""
    with serving(ClaudeSimulator()) as simulator:
        yield simulator


@pytest.fixture
def claude(_claude_server: ClaudeSimulator) -> ClaudeSimulator:
    """As new, but for its port."""
    port = _claude_server.port
    _claude_server.__init__()  # type: ignore[misc]
    _claude_server.port = port
    return _claude_server
