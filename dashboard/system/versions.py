"""Which versions are at work here."""

import platform
from importlib.metadata import version

import streamlit as st

from dashboard.components import mount

SHOWN = {
    "TotalView": "totalview",
    "Streamlit": "streamlit",
    "RQ": "rq",
    "SQLAlchemy": "sqlalchemy",
    "Anthropic SDK": "anthropic",
    "AssemblyAI SDK": "assemblyai",
    "Deepgram SDK": "deepgram-sdk",
    "PyAV (ffmpeg)": "av",
}


def show() -> None:
    """Names and numbers, to be copied into a report of a fault."""
    mount("facts", {"pairs": _pairs()}, key="versions")


@st.cache_data(show_spinner=False)
def _pairs() -> list[tuple[str, str]]:
    ours = [(label, version(package)) for label, package in SHOWN.items()]
    return [*ours, ("Python", platform.python_version()), ("System", platform.platform())]
