"""The settings of a campaign on one tab: inputs that stay typed until they are saved, all at once."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.guard import require
from dashboard.words import plain
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from records.roles import Permission

Typed = dict[str, Any]  # by input


@dataclass(frozen=True)
class Form:
    """A tab's inputs. `tab` begins their keys, `labels` are what the fields are called where they are saved."""

    tab: str
    slug: str
    labels: Mapping[str, str]
    permission: Permission

    def key(self, name: str) -> str:
        """The key of an input."""
        return f"{self.tab}-{self.slug}-{name}"

    def typed(self, name: str) -> Any:  # noqa: ANN401  whatever an input holds
        """What an input holds at this moment."""
        return st.session_state.get(self.key(name))

    def changed(self, base: Typed) -> list[str]:
        """The inputs that hold something else than they began with."""
        return [name for name, value in base.items() if self.typed(name) != value]

    @property
    def base(self) -> Typed:
        """What the inputs began from."""
        kept: Typed = st.session_state[self._kept("base")]
        return kept

    @property
    def refused(self) -> dict[str, str]:
        """What could not be saved the last time, and why; by field."""
        return dict(st.session_state.get(self._kept("refused"), {}))

    def begin(self, now: Typed) -> Typed:
        """What the inputs began from. They follow what is stored, unless somebody has typed something else."""
        base: Typed | None = st.session_state.get(self._kept("base"))
        known = base is not None and base.keys() == now.keys()
        if base is None or not known or any(self.key(name) not in st.session_state for name in now):
            kept = {} if base is None else {name: self.typed(name) for name in self.changed(base) if name in now}
        elif base == now or self.changed(base):
            return base
        else:
            kept = {}
        st.session_state[self._kept("base")] = now
        for name, value in now.items():
            st.session_state[self.key(name)] = kept.get(name, value)
        return now

    def say_farewell(self) -> None:
        """What was saved just before this was drawn."""
        for words in st.session_state.pop(self._kept("said"), []):
            st.toast(words, icon=":material/check:")

    def foot(self, fields: Collection[str], *, moved: bool, wrong: bool, save: Callable[[str], None]) -> None:
        """What is not saved yet, and the buttons. `moved`: somebody else has saved since."""
        if fields and moved:
            st.info(
                "Somebody else changed these settings meanwhile. Saving changes only what you changed.",
                icon=":material/group:",
            )
        beside(self.refused, "")
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
            if fields:
                st.badge(f"Unsaved changes: {self._named(fields)}", icon=":material/edit:", color="orange")
                st.button("Reset", icon=":material/undo:", key=f"{self.tab}-reset-{self.slug}", on_click=self._reset)
            st.button(
                "Save settings",
                icon=":material/save:",
                type="primary",
                key=f"{self.tab}-save-{self.slug}",
                disabled=not fields or wrong,
                on_click=save,
                args=(self.slug,),
            )

    def store(self, act: Callable[[], object], fields: Collection[str]) -> None:
        """Save by this act; where it refuses, nothing is saved, and what was typed stays."""
        st.session_state[self._kept("refused")] = {}
        try:
            act()
        except NotUsable as refused:
            st.session_state[self._kept("refused")] = {refused.field: str(refused)}
            return
        except (NotAllowed, NotFound) as refused:
            st.session_state[self._kept("refused")] = {"": str(refused)}
            return
        del st.session_state[self._kept("base")]
        st.session_state[self._kept("said")] = [f"Saved: {self._named(fields)}."]
        st.rerun()

    def _reset(self) -> None:
        require(self.permission)
        st.session_state.pop(self._kept("refused"), None)
        for name, value in self.base.items():
            st.session_state[self.key(name)] = value

    def _named(self, fields: Iterable[str]) -> str:
        return ", ".join(dict.fromkeys(self.labels[name] for name in fields))

    def _kept(self, what: str) -> str:
        return f"{self.tab}-{what}-{self.slug}"


def beside(said: Mapping[str, str], *fields: str) -> None:
    """What is wrong with the inputs above."""
    for name in fields:
        if name in said:
            st.error(plain(said[name]), icon=":material/error:")
