"""Whatever the API does not have, it says so itself."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.app import PREFIX, STRAY, build
from api.problems import Problem


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Mount(PREFIX, app=build()), *STRAY]))


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


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/redoc", "/api/v1/openapi.json"])
def test_no_page_that_loads_scripts_from_outside(client, path):
    assert client.get(path).status_code == 404


def test_a_wrong_method_is_a_problem_document_too():
    api = build()
    api.get("/thing")(lambda: "here")
    answer = TestClient(api).delete("/thing")
    assert (answer.status_code, answer.json()["type"]) == (405, "urn:totalview:problem:method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_a_problem_without_words_of_its_own_says_what_to_do_all_the_same():
    assert b'"detail":"Wait until the call is Completed or Failed, then try again."' in Problem("busy").answer().body
