"""One engine of a kind for all tests of a process, each of which has a database of its own.

SQLAlchemy keeps what it has compiled with its engine: to compile every statement anew for each test took a fifth of the
tests' time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Dialect, Engine, event, make_url

from records import db

Open = Callable[[str, int, bool], Engine]


@dataclass
class Lent:
    """An engine, and the database that it leads to now."""

    engine: Engine
    to: URL

    def connect(self, dialect: Dialect, _record: object, arguments: list[Any], named: dict[str, Any]) -> None:
        """Before each connection: lead it to where this test's database is."""
        there, more = dialect.create_connect_args(self.to)
        arguments[:] = there
        named.update(more)


class Lender:
    """Opens engines as records.db does, and lends those again that were forgotten."""

    def __init__(self, opens: Open) -> None:
        self.opens = opens
        self._known: dict[tuple[str, int, bool], Lent] = {}

    def __call__(self, address: str, pid: int, writes: bool) -> Engine:
        to = make_url(address)
        kind = (to.drivername, pid, writes)
        if kind not in self._known:
            engine = self.opens(address, pid, writes)
            lent = self._known[kind] = Lent(engine, to)
            event.listen(engine, "do_connect", lent.connect)
        elif self._known[kind].engine in db._engines.values():  # this test has two databases
            return self.opens(address, pid, writes)
        self._known[kind].to = to
        return self._known[kind].engine
