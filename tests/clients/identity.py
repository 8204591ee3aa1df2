"""A real identity provider (oidc-provider, by Node.js), and a browser's way through its sign-in page."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.ports import free_port

SCRIPT = Path(__file__).parent / "oidc_provider.mjs"
CLIENT_ID, SECRET = "totalview", "only-for-tests-and-long-enough"


class IdentityProvider:
    """The running program, whom it knows, and what TotalView has to be told of it."""

    def __init__(self, issuer: str, people: Path, process: subprocess.Popen[str]) -> None:
        self.issuer, self._people, self.process = issuer, people, process

    @property
    def settings(self) -> dict[str, str]:
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_NAME": "Example Works",
        }

    def knows(self, **people: dict[str, Any]) -> None:
        """By subject: the claims of everybody who has an account there from now on."""
        self._people.write_text(json.dumps(people), encoding="utf-8")

    def signs_in(self, address: str, subject: str) -> str:
        """Go to the provider as a browser sent there would, log in, and tell where it sends one back to."""
        with httpx.Client() as browser:
            page = _followed(browser, browser.get(address))
            sent = browser.post(page.url, data={"id": subject})
            while "/sso/callback" not in sent.headers["location"]:
                sent = browser.get(urljoin(str(sent.url), sent.headers["location"]))
            return sent.headers["location"]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(20)


@contextmanager
def identity_provider(node_modules: Path, folder: Path, callback: str) -> Iterator[IdentityProvider]:
    """Start it, for a TotalView that people come back to at `callback`."""
    shutil.copy(SCRIPT, folder)
    (folder / "node_modules").symlink_to(node_modules)
    people, port = folder / "people.json", free_port()
    people.write_text("{}", encoding="utf-8")
    client = {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "redirect_uris": [callback],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }
    told = json.dumps({"port": port, "client": client, "people": str(people)})
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(
            ["node", SCRIPT.name, told], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("ready"), (folder / "provider.log").read_text()
        yield IdentityProvider(f"http://127.0.0.1:{port}", people, process)
    finally:
        process.kill()
        process.communicate()


def _followed(browser: httpx.Client, answer: httpx.Response) -> httpx.Response:
    while answer.is_redirect:
        answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
    return answer
