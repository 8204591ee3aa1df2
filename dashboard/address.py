"""Inputs of a page that show in its address, so that a view can be shared. Whatever an address says is checked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import streamlit as st

Choice = TypeVar("Choice", bound=StrEnum)

TEXT_LONGEST = 200


@dataclass(frozen=True)
class Address:
    """A page's inputs: by the name in the address, what an input holds for what stands there; nonsense is nothing."""

    page: str
    fields: Mapping[str, Callable[[list[str]], Any]]
    places: tuple[str, ...] = ()  # where in the list: forgotten when an input changes

    def key(self, name: str) -> str:
        """The key of an input."""
        return f"{self.page}-{name}"

    def fill(self) -> None:
        """Fill the inputs when the address is another than they were filled from: a link, the browser's Back, a return.

        Streamlit forgets the inputs when the page is left, and keeps them when only the address changes.
        """
        asked = self._asked()
        known = all(self.key(name) in st.session_state for name in self.fields)
        if known and st.session_state.get(self._seen) == asked:
            return
        st.session_state[self._seen] = asked
        for name, read in self.fields.items():
            st.session_state[self.key(name)] = read(asked[name])

    def value(self, name: str) -> Any:  # noqa: ANN401  each field's own
        """What an input holds."""
        return st.session_state[self.key(name)]

    def write(self) -> None:
        """Show a changed input in the address, and begin at the list's first page; for an input's callback."""
        self._forget(self.places)
        for name in self.fields:
            value = st.session_state.get(self.key(name))
            if not value:
                st.query_params.pop(name, None)
            elif isinstance(value, list):
                st.query_params[name] = [str(each) for each in value]
            else:
                st.query_params[name] = "1" if value is True else str(value)
        st.session_state[self._seen] = self._asked()

    def clear(self) -> None:
        """Empty every input; for a button's callback."""
        for name in self.fields:
            st.session_state.pop(self.key(name), None)
        self._forget((*self.fields, *self.places))

    def expect_filled(self) -> None:
        """Draw the whole page again, inputs too, when they were emptied from a part of it that is drawn by itself."""
        if any(self.key(name) not in st.session_state for name in self.fields):
            st.rerun()

    def turn(self, name: str, to: int) -> None:
        """Go to another place in the list; for a button's callback."""
        self._forget(self.places)
        st.query_params[name] = str(to)

    @property
    def _seen(self) -> str:
        return f"{self.page}-address"

    def _asked(self) -> dict[str, list[str]]:
        return {name: st.query_params.get_all(name) for name in self.fields}

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            st.query_params.pop(name, None)


def text(given: list[str]) -> str:
    """A line that somebody searches for."""
    return printable(next(iter(given), ""))[:TEXT_LONGEST]


def printable(given: str) -> str:
    """Without what no database takes."""
    return "".join(filter(str.isprintable, given)).strip()


def yes(given: list[str]) -> bool:
    """A switch."""
    return given == ["1"]


def day(given: list[str]) -> date | None:
    """A day of the calendar."""
    try:
        return date.fromisoformat(next(iter(given), ""))
    except ValueError:
        return None


def some_of(known: Iterable[str]) -> Callable[[list[str]], list[str]]:
    """Those that there are, in their own order."""
    return lambda given: [each for each in known if each in given]


def members_of(kind: type[Choice]) -> Callable[[list[str]], list[Choice]]:
    """Members of a list of choices."""
    return lambda given: [member for member in kind if member.value in given]


def number(name: str) -> int | None:
    """A whole number in the address that every database takes as an id."""
    given = st.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None  # noqa: PLR2004
