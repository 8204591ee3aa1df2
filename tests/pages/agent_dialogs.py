"""Dialogs about agents in a test: each run is a whole one, so the button that opens one is pressed again in it."""

from streamlit.testing.v1 import AppTest


def click(at: AppTest, *labels: str) -> AppTest:
    """Press the buttons of these labels in one run: the one that opens a dialog, and one in it."""
    for label in labels:
        next(button for button in at.button if button.label == label).click()
    return at.run()


def send(at: AppTest, opener: str, button: str) -> AppTest:
    """Open a dialog, and send it as it is."""
    click(at, opener)
    return click(at, opener, button)


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def said(at: AppTest) -> list[str]:
    """Toasts and errors."""
    return [*(toast.value for toast in at.toast), *(error.value for error in at.error)]
