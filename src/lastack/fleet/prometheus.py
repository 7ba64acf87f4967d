"""Asking Prometheus, or what speaks its HTTP API: Thanos, Mimir, VictoriaMetrics.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/. Only instant queries (POST /api/v1/query).
"""

from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from msgspec import DecodeError, Struct, field, json

from lastack.errors import InputError, RefusedError, UsageError

__all__ = ["Prometheus", "Series"]

_PATIENCE_S = 60.0
_SHOWN = 300  # characters of what a server says


class Series(NamedTuple):
    """One element of an instant vector: its labels, and its value."""

    labels: dict[str, str]
    value: float


class _Element(Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(Struct, rename={"kind": "resultType"}):
    kind: str
    result: list[_Element]


class _Answer(Struct):
    status: str
    data: _Data
    warnings: list[str] = field(default_factory=list)


class _Failure(Struct):
    status: str
    error: str


class Prometheus:
    """One server; a context manager.

    Args:
        url: where it is, up to ``/api/v1``; a user and a password in it are used for basic authentication.
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
            self._at = f"{httpx.URL(url)}".rstrip("/").removesuffix("/api/v1") + "/api/v1/query"
            self._client = httpx.Client(headers=dict(headers or {}), timeout=_PATIENCE_S)
        except (httpx.InvalidURL, ValueError) as error:
            raise UsageError("bad-url", f"{url!r} is no address: {error}") from None
        self._name = f"{httpx.URL(url).copy_with(username=None, password=None)}"
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
            answer = self._client.post(self._at, data={"query": promql, "time": f"{at_s:.3f}"})
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise RefusedError("prometheus-unreachable", f"{self._name} does not answer: {reason}") from None
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> list[Series]:
        try:
            document = json.decode(answer.content, type=_Answer)
            found = [Series(one.metric, float(one.value[1])) for one in document.data.result]
        except (DecodeError, ValueError) as error:
            raise self._failure(answer, str(error)) from None
        self.warnings += [warning for warning in document.warnings if warning not in self.warnings]
        return found

    def _failure(self, answer: httpx.Response, why: str) -> InputError | RefusedError:
        try:
            reason = json.decode(answer.content, type=_Failure).error[:_SHOWN]
        except DecodeError:
            reason = ""
        if reason or answer.status_code in {401, 403, 429, 503}:
            said = reason or f"HTTP status {answer.status_code}"
            return RefusedError("prometheus-refused", f"{self._name} refuses a query: {said}")
        return InputError(
            "not-prometheus",
            f"{self._name} answers with HTTP status {answer.status_code}, and not as Prometheus does: {why[:_SHOWN]}",
            "the address is that of its API without /api/v1; Mimir's ends in /prometheus",
        )
