"""The HTTP API: what goes out, and every kind of answer."""

import threading
from collections.abc import Iterator, Mapping
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
EMPTY = b'{"status":"success","data":{"resultType":"vector","result":[]}}'
ERROR = b'{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end of input"}'


class Asked(NamedTuple):
    """What came in."""

    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]


@contextmanager
def _server(body: bytes, status: int = 200, headers: Mapping[str, str] = {}) -> Iterator[tuple[str, list[Asked]]]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(Asked(self.path, dict(self.headers), parse_qs(form)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
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


@pytest.mark.parametrize(
    ("given", "asked_at"),
    [
        ("", "/api/v1/query"),
        ("/", "/api/v1/query"),
        ("/api/v1", "/api/v1/query"),
        ("/api/v1/query", "/api/v1/query"),
        ("/query", "/query/api/v1/query"),
        # Mimir's and Cortex's, VictoriaMetrics' cluster's.
        ("/prometheus/", "/prometheus/api/v1/query"),
        ("/select/0/prometheus", "/select/0/prometheus/api/v1/query"),
        # Thanos' and VictoriaMetrics' own parameters.
        ("/?partial_response=false", "/api/v1/query?partial_response=false"),
        ("/prometheus?extra_label=env%3Dprod", "/prometheus/api/v1/query?extra_label=env%3Dprod"),
    ],
)
def test_a_query_goes_out_and_a_vector_comes_back(given: str, asked_at: str) -> None:
    """Below any path, with the headers that were given and the moment that was asked about, which is to be that one."""
    with _server(VECTOR) as (url, asked), Prometheus(f"{url}{given}", {"X-Scope-OrgID": "shop"}) as prometheus:
        found = prometheus.query("up", 1435781451.781)
        prometheus.query("up", 1435781451.781)
    assert found == [Series({"__name__": "up", "job": "prometheus", "instance": "localhost:9090"}, 1.0)]
    assert asked[0].path == asked_at
    assert asked[0].form == {"query": ["up"], "time": ["1435781451.781"], "nocache": ["1"]}
    assert asked[0].headers["X-Scope-OrgID"] == "shop"
    assert (prometheus.queries, prometheus.warnings) == (2, ["a store did not answer"])


@pytest.mark.parametrize(
    ("body", "warnings"),
    [
        (EMPTY, []),
        (EMPTY.replace(b"[]", b"null"), []),
        # VictoriaMetrics, app/vmselect/prometheus/query_response.qtpl.
        (EMPTY[:-1] + b',"isPartial":false,"stats":{"seriesFetched": "0","executionTimeMsec":3}}', []),
        (EMPTY[:-1] + b',"isPartial":true}', ["the server had only a part of its storage, so series may be missing"]),
        # Thanos, docs/components/query.md: partial responses.
        (EMPTY[:-1] + b',"warnings":["receive series from Addr: 10.0.0.9:10901: rpc error"]}', ["receive series"]),
        (EMPTY[:-1] + b',"warnings":null,"infos":["PromQL info: metric might not be a counter"]}', []),
        # Prometheus 2.48, before infos were apart.
        (EMPTY[:-1] + b',"warnings":["PromQL info: metric might not be a counter"]}', []),
    ],
)
def test_answers_without_series(body: bytes, warnings: list[str]) -> None:
    """They are empty, however that is written; what may be missing is kept, remarks about the query are not."""
    with _server(body) as (url, _), Prometheus(url) as prometheus:
        assert prometheus.query("up", 0) == []
    assert [said[: len(start)] for said, start in zip(prometheus.warnings, warnings, strict=True)] == warnings


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


REFUSED, NO_API = (RefusedError, "prometheus-refused"), (InputError, "not-prometheus")
HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("body", "status", "headers", "kind", "said"),
    [
        (ERROR, 400, {}, REFUSED, "1:5: parse error: unexpected end of input"),
        (ERROR, 200, {}, REFUSED, "1:5: parse error: unexpected end of input"),
        (b"no such user", 401, {}, REFUSED, "HTTP status 401: no such user"),
        (b"no\x1b[2J such\r\nuser", 403, {}, REFUSED, "HTTP status 403: no?[2J such user"),
        (b"no org id\n", 401, {"Content-Type": "text/plain; charset=utf-8"}, REFUSED, "HTTP status 401: no org id"),
        (b"", 503, {}, REFUSED, "HTTP status 503"),
        (b"<html>502 Bad Gateway", 502, HTML, REFUSED, "HTTP status 502"),
        (b"dial tcp 10.0.0.1:9090: i/o timeout", 500, {}, REFUSED, "HTTP status 500: dial tcp 10.0.0.1:9090"),
        # VictoriaMetrics, app/vmselect/prometheus/error_response.qtpl.
        (b'{"status":"error","errorType":"422","error":"cannot parse"}', 422, {}, REFUSED, "refuses a query: cannot"),
        # Mimir, pkg/api/error/error.go.
        (b'{"status":"error","errorType":"too_many_requests","error":"wait"}', 429, {}, REFUSED, "a query: wait"),
        (b"", 302, {"Location": "https://sso.example/login"}, NO_API, "it points to https://sso.example/login"),
        (b"<html>", 200, HTML, NO_API, "and not as Prometheus does"),
        (b"404 page not found", 404, {}, NO_API, "HTTP status 404"),
        (b"", 200, {}, NO_API, "and not as Prometheus does"),
        (b'{"data":{"resultType":"vector","result":[]}}', 200, {}, NO_API, "status"),
        (b'{"status":"success"}', 200, {}, NO_API, "data"),
        (b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}', 200, {}, NO_API, "Expected `object`"),
        (b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[]}]}}', 200, {}, NO_API,
         "value"),
        (VECTOR.replace(b'"1"', b'"one"'), 200, {}, NO_API, "one"),
    ],
)  # fmt: skip
def test_other_answers_are_errors(
    body: bytes, status: int, headers: dict[str, str], kind: tuple[type[LastackError], str], said: str
) -> None:
    """The server's own words where it has some: its error, or plain text; not the page of a proxy."""
    raised, slug = kind
    with _server(body, status, headers) as (url, _), Prometheus(url) as prometheus, pytest.raises(raised) as caught:
        prometheus.query("up", 0)
    assert caught.value.slug == slug
    assert said in caught.value.message
    assert "<html>" not in caught.value.message


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
