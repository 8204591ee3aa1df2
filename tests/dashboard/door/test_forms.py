"""The server-rendered pages: safe against what is typed, sent and framed."""

import base64
import hashlib
import re
from typing import ClassVar

import pytest

from dashboard.door import forms
from dashboard.door.forms import BODY_LARGEST, Field, Form, Way
from tests.dashboard.forms import FROM_HERE
from tests.running import run


def test_the_page_is_never_kept_and_its_style_is_the_only_one_allowed(visitor, home):
    answer = visitor().get("/login")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy, "default-src 'none' refuses every script"
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_has_no_script_no_inline_style_and_nothing_from_elsewhere(visitor, home):
    page = visitor().get("/login").text
    assert "<script" not in page
    assert ' style="' not in page
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["/favicon.png"]
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_whatever_a_field_holds_is_text():
    nasty = '"><img src=x onerror=alert(1)>$heading${style}'
    field = Field("email", nasty, value=nasty, problem=nasty, hint=nasty)
    form = Form(nasty, nasty, "/login", nasty, (field,), (("next", nasty),), problem=nasty, ways=(Way(nasty, nasty),))
    page = forms._page(form, "token")
    assert "<img" not in page
    assert page.count("$heading${style}") >= 8, "what looks like a template's word is not replaced"


@pytest.mark.parametrize(
    "body",
    [
        b"email=" + b"a" * BODY_LARGEST,
        b"&".join(b"f%d=1" % n for n in range(1000)),
        b"\xff\xfe\x00",
        b"",
    ],
    ids=["too large", "too many fields", "no text", "empty"],
)
def test_a_body_that_is_no_form_of_ours_is_refused_and_breaks_nothing(visitor, ann, body):
    headers = {**FROM_HERE, "Content-Type": "application/x-www-form-urlencoded"}
    assert visitor().post("/login", content=body, headers=headers).status_code == 403


def test_a_body_of_another_kind_is_refused(visitor, ann):
    assert visitor().post("/login", json={"email": "ann@example.org"}, headers=FROM_HERE).status_code == 403


def test_a_large_body_is_not_read_to_its_end():
    read = []

    class Endless:
        headers: ClassVar = {"content-type": "application/x-www-form-urlencoded"}

        async def stream(self):
            while True:
                read.append(1024)
                yield b"a" * 1024

    assert run(forms.received(Endless())) == {}
    assert sum(read) <= BODY_LARGEST + 1024


def test_the_first_field_that_needs_typing_has_the_cursor():
    fields = (Field("email", "Email", value="ann@example.org"), Field("password", "Password", "password"))
    page = forms._page(Form("Sign in", "", "/login", "Sign in", fields), "token")
    assert re.findall(r"<input id=\"(\w+)\"[^>]*autofocus", page) == ["password"]


def test_a_field_that_is_only_shown_is_never_where_the_cursor_is():
    fields = (Field("email", "Email", fixed=True), Field("password", "New password", "password"))
    page = forms._page(Form("Choose", "", "/welcome", "Save", fields), "token")
    assert re.findall(r"<input id=\"(\w+)\"[^>]*autofocus", page) == ["password"]
    assert re.findall(r"<input id=\"(\w+)\"[^>]*readonly", page) == ["email"]
