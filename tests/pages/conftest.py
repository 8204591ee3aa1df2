"""Pages as each person sees them, run by Streamlit's own test harness with real session rows."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from dashboard.navigation import HOME
from records import db, sessions
from records.api_keys import hashed
from records.campaigns import Campaign
from records.people import User
from records.roles import Role
from tests.house_rules import ROOT
from tests.records.made import agent, person, stored_campaign

Open = Callable[..., AppTest]
PATIENCE_S = 60
LOOK_S = 0.05  # at what is over by then


class Cast:
    """Olivia owns, Sam is a senior manager, Carla watches compliance, Mia manages support, Adam speaks as Ada."""

    def __init__(self) -> None:
        with db.writing() as session:
            self.support: Campaign = stored_campaign(session, "Support")
            self.sales: Campaign = stored_campaign(session, "Sales")
            self.ada = agent(session, "Ada Moss")
            self.olivia = person(session, Role.OWNER)
            self.sam = person(session, Role.SENIOR_MANAGER)
            self.carla = person(session, Role.COMPLIANCE_OFFICER)
            self.mia = person(session, Role.MANAGER, self.support)
            self.adam = person(session, Role.AGENT, agent_id=self.ada.id)


@pytest.fixture(scope="session", autouse=True)
def _looked_for_components_once() -> Iterator[None]:
    """The harness reads for each test what every installed package says of itself: more than half of a test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def _waited_for_without_looking() -> Iterator[None]:
    """The harness looks a thousand times a second whether a page is done, and holds up the page with it."""
    looks = local_script_runner.require_widgets_deltas

    def wait(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
        if runner._script_thread is not None:
            runner._script_thread.join(timeout)
        looks(runner, LOOK_S)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture
def cast(home: Path) -> Cast:
    return Cast()


@pytest.fixture
def see(home: Path) -> Open:
    """`see(user, page, **address)`: that page as this person sees it; nobody is a stranger."""

    def look(user: User | None, page: str = "", **address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard" / "app.py", default_timeout=PATIENCE_S)
        at.user = {"sid": session_of(user) if user else None}
        at.context = {"timezone": "UTC"}
        for name, value in address.items():
            at.query_params[name] = value
        if page in {"", HOME}:
            return at.run()
        path = str(ROOT / "pages" / page)
        at.switch_page(path).run()  # by its address, and not from Home, which would take as long again
        return at.switch_page(path)  # refused where it is none of their pages

    return look


def session_of(user: User) -> str:
    """A new session's hash, as the gate names it."""
    with db.writing() as session:
        return hashed(sessions.start(session, user))


def shown(at: AppTest, name: str) -> dict[str, Any]:
    """What the component of this name was given."""
    found = components(at, name)
    assert len(found) == 1, mounted(at)
    return found[0]


def components(at: AppTest, name: str) -> list[dict[str, Any]]:
    """What each component of this name was given."""
    protos = [each.proto for each in at.get("bidi_component")]
    return [json.loads(proto.json) for proto in protos if proto.component_name == f"tv_{name}"]


def mounted(at: AppTest) -> list[str]:
    """The names of the components on the page."""
    return [each.proto.component_name.removeprefix("tv_") for each in at.get("bidi_component")]
