"""Filling the sign-in and set-up forms in, as a browser does."""

import re

from starlette.testclient import TestClient

FROM_HERE = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def token_in(page: str) -> str:
    """The form's token, as the page holds it."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


def send(client: TestClient, path: str, *, headers: dict[str, str] | None = None, **fields: str):
    """Open a form and send it; `headers` replaces what a browser would say of where it comes from."""
    page = client.get(path)
    given = {"form_token": token_in(page.text), **hidden_in(page.text), **fields}
    return client.post(path.partition("?")[0], data=given, headers=FROM_HERE if headers is None else headers)


def hidden_in(page: str) -> dict[str, str]:
    """The hidden fields of a page, but the token."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value for name, value in pairs if name != "form_token"}
