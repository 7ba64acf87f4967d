"""The HTTP API: what goes out, and every kind of answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest

from lastack.errors import InputError, LastackError, RefusedError, UsageError
from lastack.fleet.prometheus import Prometheus, Series

# As https://prometheus.io/docs/prometheus/latest/querying/api/ shows them.
VECTOR = (
    b'{"status":"success","data":{"resultType":"vector","result":['
    b'{"metric":{"__name__":"up","job":"prometheus","instance":"localhost:9090"},"value":[1435781451.781,"1"]}]},'
    b'"warnings":["a store did not answer"]}'
)
ERROR = b'{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end of input"}'


class Asked(NamedTuple):
    """What came in."""

    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]


@contextmanager
def _server(body: bytes, status: int = 200) -> Iterator[tuple[str, list[Asked]]]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(Asked(self.path, dict(self.headers), parse_qs(form)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@pytest.mark.parametrize("path", ["", "/", "/prometheus", "/prometheus/", "/api/v1"])
def test_a_query_goes_out_and_a_vector_comes_back(path: str) -> None:
    """Below any path, with the headers that were given and the moment that was asked about."""
    with _server(VECTOR) as (url, asked), Prometheus(f"{url}{path}", {"X-Scope-OrgID": "shop"}) as prometheus:
        found = prometheus.query("up", 1435781451.781)
        prometheus.query("up", 1435781451.781)
    assert found == [Series({"__name__": "up", "job": "prometheus", "instance": "localhost:9090"}, 1.0)]
    assert asked[0].path == f"{path.rstrip('/').removesuffix('/api/v1')}/api/v1/query"
    assert asked[0].form == {"query": ["up"], "time": ["1435781451.781"]}
    assert asked[0].headers["X-Scope-OrgID"] == "shop"
    assert (prometheus.queries, prometheus.warnings) == (2, ["a store did not answer"])


def test_user_and_password_of_the_url_are_used_and_not_told() -> None:
    """Basic authentication; an error names the server without them."""
    with (
        _server(ERROR, 400) as (url, asked),
        Prometheus(url.replace("//", "//me:secret@")) as prometheus,
        pytest.raises(RefusedError) as caught,
    ):
        prometheus.query("up", 0)
    assert asked[0].headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("body", "status", "kind", "slug", "said"),
    [
        (ERROR, 400, RefusedError, "prometheus-refused", "1:5: parse error: unexpected end of input"),
        (b"no such user", 401, RefusedError, "prometheus-refused", "HTTP status 401"),
        (b"", 503, RefusedError, "prometheus-refused", "HTTP status 503"),
        (b"<html>", 200, InputError, "not-prometheus", "and not as Prometheus does"),
        (b"404 page not found", 404, InputError, "not-prometheus", "HTTP status 404"),
        (b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]}]}}', 200, InputError,
         "not-prometheus", "value"),
        (VECTOR.replace(b'"1"', b'"one"'), 200, InputError, "not-prometheus", "one"),
    ],
)  # fmt: skip
def test_other_answers_are_errors(body: bytes, status: int, kind: type[LastackError], slug: str, said: str) -> None:
    """The server's own words where it has some."""
    with _server(body, status) as (url, _), Prometheus(url) as prometheus, pytest.raises(kind) as caught:
        prometheus.query("up", 0)
    assert caught.value.slug == slug
    assert said in caught.value.message


def test_nobody_there() -> None:
    """A port that nobody listens on."""
    with _server(b"") as (url, _):
        pass
    with Prometheus(url) as prometheus, pytest.raises(RefusedError) as caught:
        prometheus.query("up", 0)
    assert caught.value.slug == "prometheus-unreachable"


@pytest.mark.parametrize("url", ["prometheus:9090", "file:///etc/passwd", "", "http://[::1"])
def test_what_is_no_address(url: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(UsageError) as caught:
        Prometheus(url)
    assert caught.value.slug == "bad-url"
