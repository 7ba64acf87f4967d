"""The guard: what reaches the page, and under which rules a browser may use it.

The Host header is checked against rebinding: a foreign page whose name is made to lead here has that name for Host.
An address for Host cannot come from there, so addresses are fine. Requests that another site's page makes are refused,
but for a link that is followed. There is no method but GET and HEAD.
"""

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard"]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Wraps an application.

    Args:
        app: what is guarded.
        names: host names that lead here, besides localhost and any address.
        token: what a client must show, as a bearer or as the password of basic authentication; None: nothing.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = (), token: str | None = None) -> None:
        self._app = app
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if scope["method"] not in {"GET", "HEAD"}:
            return _refused(405, "GET and HEAD only", Allow="GET, HEAD")
        if not self._is_ours(headers.getlist("host")):
            return _refused(421, "this Host is not served here; name it with --host")
        if _is_foreign(headers):
            return _refused(403, "not from another site's page")
        if self._token is not None and not _shows(headers.get("authorization", ""), self._token):
            return _refused(401, "a token is needed", **{"WWW-Authenticate": 'Basic realm="lastack", charset="UTF-8"'})
        return None

    def _is_ours(self, hosts: list[str]) -> bool:
        if len(hosts) != 1:
            return False
        name = _without_port(hosts[0]).lower().rstrip(".")
        return name in self._names or _is_address(name)


def _refused(status: int, reason: str, **headers: str) -> PlainTextResponse:
    return PlainTextResponse(f"{reason}\n", status, headers)


def _without_port(host: str) -> str:
    if host.startswith("["):
        name, bracket, _ = host[1:].partition("]")
        return name if bracket else ""
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_foreign(headers: Headers) -> bool:
    """Whether a page of another site makes the request, as browsers say (Fetch Metadata)."""
    site = headers.get("sec-fetch-site", "none")
    return site not in {"same-origin", "none"} and headers.get("sec-fetch-mode") != "navigate"


def _shows(authorization: str, token: str) -> bool:
    kind, _, value = authorization.partition(" ")
    shown = value.strip()
    if kind.lower() == "basic":
        try:
            shown = base64.b64decode(shown, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif kind.lower() != "bearer":
        return False
    return secrets.compare_digest(shown.encode(), token.encode())
