"""Browsers and changes of the network never at once, and whoever waits to change it is not kept waiting for ever."""

import tempfile
from pathlib import Path
from threading import Event, Thread

import pytest

from tests import turns
from tests.turns import browsing, changing_the_network

SOON_S, PATIENCE_S = 0.3, 30.0


@pytest.fixture(autouse=True)
def _own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(turns, "HEARD_S", 0.0)


def test_the_network_changes_between_browsers_and_in_the_order_of_coming():
    came: list[str] = []
    browsed = Event()

    def change() -> None:
        with changing_the_network():
            came.append("change")

    def browse() -> None:
        with browsing():
            came.append("browse")
            browsed.set()

    with browsing():
        Thread(target=browse).start()
        assert browsed.wait(PATIENCE_S), "several browse at once"
        changer, later = Thread(target=change), Thread(target=browse)
        changer.start()
        changer.join(SOON_S)
        later.start()
        later.join(SOON_S)
        assert came == ["browse"]
    for thread in (changer, later):
        thread.join(PATIENCE_S)
    assert came == ["browse", "change", "browse"]


def test_who_changes_it_already_may_do_so_again():
    with changing_the_network(), changing_the_network():
        pass
    with browsing():
        pass
