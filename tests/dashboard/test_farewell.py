"""What was just done is said once by the run that follows, also where another cuts into that one."""

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st  # noqa: PLC0415  the harness runs this function's text alone

    from dashboard import farewell  # noqa: PLC0415

    farewell.say()
    if st.button("Do it"):
        farewell.redraw("**Done**.")


@pytest.fixture
def at():
    return AppTest.from_function(page, default_timeout=60).run()


def words(at: AppTest) -> list[str]:
    return [toast.value for toast in at.toast]


def test_a_word_is_said_once_and_stays_as_it_is(at):
    assert words(at) == []
    assert words(at.button[0].click().run()) == ["\\*\\*Done\\*\\*\\."]
    assert words(at.run()) == []


def test_a_run_that_cuts_in_before_the_word_is_sent_says_it(at, monkeypatch):
    toast, cuts = st.toast, ["one"]

    def cut_into(*args, **how):
        if cuts:
            cuts.pop()
            get_script_run_ctx().script_requests.request_rerun(RerunData())
        return toast(*args, **how)

    monkeypatch.setattr(st, "toast", cut_into)
    assert words(at.button[0].click().run()) == ["\\*\\*Done\\*\\*\\."]
    assert cuts == []
    assert words(at.run()) == []
