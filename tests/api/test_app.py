"""Whatever the API does not have, it says so itself."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import PREFIX, build
from api.astray import STRAY, Below
from api.problems import Problem


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Below(PREFIX, build()), *STRAY]))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/calls", "/api/v1", "/api/v1/", "/api/v1/nowhere"])
def test_what_is_not_there_is_a_problem_document(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    if method != "HEAD":
        assert answer.json() == {
            "type": "urn:totalview:problem:not-found",
            "title": "Not found",
            "status": 404,
            "detail": "There is nothing at this address. The addresses of the API begin with /api/v1/.",
        }


def test_the_documentation_loads_nothing_from_outside(client):
    page = client.get("/api/v1/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sorted(wanted) == [
        "data:,",
        "docs/start.js",
        "docs/swagger-ui-bundle.js",
        "docs/swagger-ui.css",
        "openapi.json",
    ]
    for name in sorted(wanted)[1:]:
        assert client.get(f"/api/v1/{name}").status_code == 200
    assert client.get("/api/v1/docs/redoc.standalone.js").status_code == 404
    assert client.get("/api/v1/docs/..%2fcore.py").status_code == 404


def test_the_description_names_every_error_as_a_problem_document():
    document = build().openapi()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert document["servers"] == [{"url": "/api/v1"}]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (operation["operationId"], status)


def test_a_wrong_method_is_a_problem_document_too():
    api = build()
    api.get("/thing")(lambda: "here")
    answer = TestClient(api).delete("/thing")
    assert (answer.status_code, answer.json()["type"]) == (405, "urn:totalview:problem:method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_a_problem_without_words_of_its_own_says_what_to_do_all_the_same():
    assert b'"detail":"Wait until the call is Completed or Failed, then try again."' in Problem("busy").answer().body


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "TRACE", "QUERY", "NONSENSE"])
@pytest.mark.parametrize(
    "path", ["/api", "/api/v2/calls", "/api/v2/a%0Ab", "/api/v1/a%0Ab", "/api/v1/%00", "/api/v1/%ff"]
)
def test_strange_methods_and_addresses_are_not_there_either(client, method, path):
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:totalview:problem:not-found")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/calls", "GET"),
        ("/calls/upload", "POST"),
        ("/calls/" + "0" * 32, "GET, PATCH"),
        ("/calls/" + "0" * 32 + "/rerun", "POST"),
        ("/uploads", "POST, OPTIONS"),
        ("/uploads/" + "0" * 32, "HEAD, POST, PATCH, DELETE, OPTIONS"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "TRACE", "QUERY", "NONSENSE"])
def test_a_method_that_an_address_does_not_have_is_answered_with_those_that_it_has(client, method, path, methods):
    answer = client.request(method, "/api/v1" + path)
    assert (answer.status_code, answer.json()["type"]) == (405, "urn:totalview:problem:method-not-allowed")
    assert answer.headers["allow"] == methods


def test_no_call_is_named_upload(client):
    assert client.get("/api/v1/calls/upload").status_code == 405
