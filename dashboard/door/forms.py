"""The few pages outside Streamlit, as plain server-rendered forms: no script, nothing from elsewhere, never cached."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from string import Template
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboard.components import ASSETS
from dashboard.door import cookies, origin

BODY_LARGEST = 16 * 1024  # bytes; these forms hold a name, an address and a password
EXPIRED = "This form was too old, or came from somewhere else. Please send it again."


@dataclass(frozen=True)
class Field:
    """One input, with what was typed before and what is wrong with it."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    value: str = ""
    problem: str = ""
    fixed: bool = False  # shown, so that password managers know whose password it is, and not to be changed


@dataclass(frozen=True)
class Way:
    """Another way on than the form's button."""

    label: str
    address: str
    quiet: bool = False  # a plain link, not a button


@dataclass(frozen=True)
class Form:
    """A page with one form; without fields it has no form, only its words."""

    heading: str
    lead: str
    action: str = ""
    button: str = ""
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    notice: str = ""  # HTML of ours, never of anybody else's
    problem: str = ""
    ways: tuple[Way, ...] = ()


async def received(request: Request) -> dict[str, str]:
    """The fields that a browser sent; empty when they are too large or not a form's."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > BODY_LARGEST:
            return {}
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def forged(request: Request, fields: dict[str, str]) -> bool:
    """True unless the form was ours: sent by our own page, with the token that this browser's cookie holds."""
    expected = request.cookies.get(cookies.form_cookie(), "")
    given = fields.get("form_token", "")
    return origin.foreign(request) or not expected or not hmac.compare_digest(expected.encode(), given.encode())


def answer(
    request: Request, form: Form, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page, carrying the form's token both in a field and in a cookie."""
    token = request.cookies.get(cookies.form_cookie()) or cookies.new_form_token()
    response = HTMLResponse(_page(form, token), status, {**_headers(), **(headers or {})})
    cookies.form_token(response, token)
    return response


def _page(form: Form, token: str) -> str:
    return _template().substitute(
        style=_style(),
        heading=escape(form.heading),
        lead=escape(form.lead),
        notice=f'<p class="notice">{form.notice}</p>' if form.notice else "",
        problem=f'<p class="problem" role="alert">{escape(form.problem)}</p>' if form.problem else "",
        form=_form(form, token) if form.fields else "",
        ways="".join(_way(way, beside=bool(form.fields)) for way in form.ways),
    )


def _form(form: Form, token: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in (("form_token", token), *form.hidden)
    )
    open_ones = [field for field in form.fields if not field.fixed]
    first = next((field for field in open_ones if field.problem or not field.value), open_ones[0])
    inputs = "".join(_field(field, focused=field is first) for field in form.fields)
    button = f'<button type="submit">{escape(form.button)}</button>'
    return f'<form method="post" action="{escape(form.action)}" novalidate>{hidden}{inputs}{button}</form>'


def _way(way: Way, *, beside: bool) -> str:
    link = f'<a class="{"quiet" if way.quiet else "way"}" href="{escape(way.address)}">{escape(way.label)}</a>'
    return f'<p class="or"><span>or</span></p>{link}' if beside and not way.quiet else link


def _field(field: Field, *, focused: bool) -> str:
    note, kind = (field.problem, "problem") if field.problem else (field.hint, "hint")
    described = f' aria-describedby="{field.name}-note"' if note else ""
    wrong = ' aria-invalid="true"' if field.problem else ""
    value = "" if field.kind == "password" else f' value="{escape(field.value)}"'
    return (
        f'<label for="{field.name}">{escape(field.label)}</label>'
        f'<input id="{field.name}" name="{field.name}" type="{field.kind}" autocomplete="{field.autocomplete}"'
        f"{value}{described}{wrong}{' autofocus' if focused else ''}"
        f"{' readonly' if field.fixed else ' required'}>"
        + (f'<p class="{kind}" id="{field.name}-note">{escape(note)}</p>' if note else "")
    )


def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {"Cache-Control": "no-store", "Content-Security-Policy": policy}


@lru_cache(maxsize=1)
def _template() -> Template:
    return Template((ASSETS / "forms.html").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _style() -> str:
    return (ASSETS / "forms.css").read_text(encoding="utf-8")
