"""Dialogs in a page's test: each run is a whole one, so that the button which opens a dialog is pressed again in it."""

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import components


def press(at: AppTest, *keys: str) -> AppTest:
    """Press these buttons in one run: the one that opens the dialog, and one in it."""
    if not all(has(at, key) for key in keys):
        press(at, keys[0])
    for key in keys:
        at.button(key=key).click()
    return at.run()


def has(at: AppTest, key: str) -> bool:
    return key in [button.key for button in at.button]


def cards(at: AppTest) -> list[dict[str, Any]]:
    """What the cards on the page were given."""
    return components(at, "card")


def facts(card: dict[str, Any]) -> dict[str, str]:
    return dict(card["facts"])


def kept(at: AppTest) -> str:
    """Everything that the session remembers, and the address."""
    return f"{at.session_state} {at.query_params}"


def on_screen(at: AppTest) -> str:
    return "\n".join(str(node.proto) for node in at if hasattr(node, "proto"))


def as_markup(at: AppTest) -> str:
    """Everything that Streamlit reads as Markdown or HTML."""
    kinds = (
        "markdown",
        "caption",
        "title",
        "header",
        "subheader",
        "warning",
        "error",
        "info",
        "success",
        "html",
        "toast",
    )
    labelled = ("button", "text_input", "selectbox", "toggle", "checkbox", "expander")
    values = [str(each.value) for kind in kinds for each in at.get(kind)]
    return "\n".join([*values, *(each.label for kind in labelled for each in at.get(kind))])
