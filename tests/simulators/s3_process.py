"""The S3 server's process: moto, and signatures checked in front of it, which moto leaves to others."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from tests.simulators.s3_keys import KEY, SECRET

OF_MOTO = b"2010-11-10T20:48:33.000Z"  # when every upload was begun, to moto
BEGUN = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").encode()  # this process's birth is nearer the truth


class Signed:
    """WSGI in front of moto: refuses what is not signed by the one key that there is, as S3 does."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        code = "" if environ["PATH_INFO"].startswith("/moto-api/") else refusal(environ)
        if not code:
            body = self._app(environ, start_response)
            return (block.replace(OF_MOTO, BEGUN) for block in body) if "uploads" in environ["QUERY_STRING"] else body
        start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code><Message>As S3 says it, with {KEY}.</Message></Error>".encode()]


def refusal(environ: dict[str, Any]) -> str:
    """S3's error code for a wrong or missing signature; empty when it is right."""
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    header = environ.get("HTTP_AUTHORIZATION", "")
    if not header and "X-Amz-Signature" not in query:
        return "AccessDenied"
    given = query if not header else dict(re.findall(r"(\w+)=([^,\s]+)", header))
    prefix = "" if header else "X-Amz-"
    key, day, region, service, _ = given[f"{prefix}Credential"].split("/")
    if key != KEY:
        return "InvalidAccessKeyId"
    stamp = environ["HTTP_X_AMZ_DATE"] if header else query["X-Amz-Date"]
    if not header and too_late(stamp, int(query["X-Amz-Expires"])):
        return "AccessDenied"
    kind = auth.S3SigV4Auth if header else auth.S3SigV4QueryAuth
    signer = kind(Credentials(KEY, SECRET), service, region)
    request = as_signed(environ, given[f"{prefix}SignedHeaders"].split(";"), stamp)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    right = day == stamp[:8] and signer.signature(text, request) == given[f"{prefix}Signature"]
    return "" if right else "SignatureDoesNotMatch"


def too_late(stamp: str, seconds: int) -> bool:
    signed = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.now(UTC) > signed + timedelta(seconds=seconds)


def as_signed(environ: dict[str, Any], names: list[str], stamp: str) -> AWSRequest:
    """The request as its sender signed it."""
    raw = urlsplit(environ["RAW_URI"])
    query = "&".join(pair for pair in raw.query.split("&") if pair and not pair.startswith("X-Amz-Signature="))
    of_wsgi = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    headers = {name: environ.get(of_wsgi.get(name, f"HTTP_{name.upper().replace('-', '_')}"), "") for name in names}
    url = f"http://{environ['HTTP_HOST']}{raw.path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers)
    request.context["timestamp"] = stamp
    return request


class Quiet(MotoRequestHandler):
    """Says nothing of each request."""

    def log_request(self, *_facts: object) -> None:
        pass


def main() -> None:
    """Serve on the address given until killed; the first line said is where."""
    app = Signed(DomainDispatcherApplication(create_backend_app))
    server = make_server(sys.argv[1], 0, app, threaded=True, request_handler=Quiet)
    sys.stdout.write(f"http://{sys.argv[1]}:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
