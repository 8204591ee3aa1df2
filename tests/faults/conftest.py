"""What faults are tried on, once for all of these tests."""

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.conftest import missing
from tests.faults.house import Ground, ground


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A PostgreSQL cluster of its own, and a folder."""
    binaries = postgres.programs()
    if binaries is None:
        missing("PostgreSQL is not installed (apt-get install postgresql)")
    else:
        with ground(tmp_path_factory.mktemp("faults"), binaries) as made:
            yield made
