"""Asking Prometheus, or what speaks its HTTP API: Thanos, Mimir, VictoriaMetrics.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/. Only instant queries (POST /api/v1/query). What
others do differently: VictoriaMetrics answers as of half a minute ago unless told ``nocache``, and says ``isPartial``
(app/vmselect/prometheus: prometheus.go, query_response.qtpl); Thanos warns where a store is missing (docs/components/
query.md, Partial Response); Mimir, VictoriaMetrics' cluster and gateways have a path before ``/api``, and refuse in
plain text.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from msgspec import DecodeError, Struct, json

from lastack.errors import InputError, RefusedError, UsageError

__all__ = ["Prometheus", "Series"]

_PATIENCE_S = 60.0
_SHOWN = 300  # characters of what a server says
# Remarks about a query's text: in Prometheus 2.48 to 2.53 among the warnings, later by themselves as infos.
_REMARK = "PromQL info: "  # util/annotations/annotations.go
_REFUSALS = frozenset({401, 403, 408, 413, 422, 429})
_PARTIAL = "the server had only a part of its storage, so series may be missing (isPartial)"


class Series(NamedTuple):
    """One element of an instant vector: its labels, and its value."""

    labels: dict[str, str]
    value: float


class _Element(Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(Struct):
    result: list[_Element] | None


class _Answer(Struct, rename={"is_partial": "isPartial"}):
    status: str
    data: _Data
    warnings: list[str] | None = None
    is_partial: bool = False


class _Failure(Struct):
    status: str
    error: str


class Prometheus:
    """One server; a context manager.

    Args:
        url: where it is, up to ``/api/v1``; a user and a password in it are used for basic authentication, and
            parameters, such as Thanos' ``?partial_response=false``, go with each query.
        headers: to send with each query, such as a bearer's token or a tenant.

    Attributes:
        queries: how many were asked.
        warnings: what the server remarked, such as a part of it that did not answer; each once.

    Raises:
        UsageError: ``bad-url``.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError("bad-url", f"{url!r} is no address of a Prometheus server", "http://prometheus:9090, say")
        try:
            given = httpx.URL(url)
            prefix = given.path.rstrip("/").removesuffix("/api/v1/query").removesuffix("/api/v1")
            self._at = given.copy_with(path=f"{prefix}/api/v1/query", fragment=None)
            self._client = httpx.Client(headers=dict(headers or {}), timeout=_PATIENCE_S)
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError("bad-url", f"{url!r} is no address: {error}") from None
        self._name = f"{given.copy_with(username=None, password=None, query=None, fragment=None)}"
        self.queries = 0
        self.warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def query(self, promql: str, at_s: float) -> list[Series]:
        """What an expression is at a moment, in Unix seconds.

        Raises:
            InputError: ``not-prometheus``: the answer is none of that API.
            RefusedError: ``prometheus-unreachable``, ``prometheus-refused``.
        """
        self.queries += 1
        try:
            form = {"query": promql, "time": f"{at_s:.3f}", "nocache": "1"}
            answer = self._client.post(self._at, data=form)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise RefusedError("prometheus-unreachable", f"{self._name} does not answer: {reason}") from None
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> list[Series]:
        try:
            document = json.decode(answer.content, type=_Answer)
            found = [Series(one.metric, float(one.value[1])) for one in document.data.result or ()]
        except (DecodeError, ValueError) as error:
            raise self._failure(answer, str(error)) from None
        said = [*(document.warnings or ()), *([_PARTIAL] if document.is_partial else ())]
        self.warnings += [one for one in said if one not in self.warnings and not one.startswith(_REMARK)]
        return found

    def _failure(self, answer: httpx.Response, why: str) -> InputError | RefusedError:
        status = answer.status_code
        try:
            reason = _line(json.decode(answer.content, type=_Failure).error)
        except DecodeError:
            reason = ""
        if reason or status in _REFUSALS or status >= 500:
            said = reason or f"HTTP status {status}{_plain(answer)}"
            hint = (
                "--header 'Authorization:Bearer ...', a user in the address, or a tenant: --header X-Scope-OrgID:NAME"
            )
            return RefusedError(
                "prometheus-refused", f"{self._name} refuses a query: {said}", hint if status in {401, 403} else ""
            )
        if answer.is_redirect:
            why = f"it points to {_line(answer.headers.get('Location', ''))}"
        return InputError(
            "not-prometheus",
            f"{self._name} answers with HTTP status {status}, and not as Prometheus does: {why[:_SHOWN]}",
            "the address is that of its API without /api/v1; Mimir's ends in /prometheus",
        )


def _plain(answer: httpx.Response) -> str:
    """What a server says in plain text; not its pages."""
    kind = answer.headers.get("Content-Type", "text/plain")
    said = _line(answer.text) if kind.startswith("text/plain") else ""
    return f": {said}" if said else ""


def _line(said: str) -> str:
    """On one line, and with nothing that a terminal would obey."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(said.split())[:_SHOWN])
