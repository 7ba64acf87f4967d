"""The application: a page, its stream, history, metrics. Nothing that it answers changes anything.

Files are answered out of a table in memory, filled at the start: no path of a request leads to a file.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lastack.errors import LastackError
from lastack.model.flow import Moment
from lastack.web.frame import Shot
from lastack.web.hub import Hub
from lastack.web.page import page
from lastack.web.recordings import SPANS, Recordings
from lastack.web.recounts import Recounts
from lastack.web.scrapes import Scrapes

__all__ = ["FILES", "application"]

_HTML = "text/html; charset=utf-8"
_NO_STORE = "this page was started without --store"
_PATIENCE_S = 20.0
_LONGEST = 40

# What is served as it is: its name in the address and in the package, and its type.
FILES = {
    "lastack.css": "text/css; charset=utf-8",
    "lastack.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def application(
    hub: Hub,
    recordings: Recordings | None = None,
    live: Callable[[], Moment | None] = lambda: None,
) -> Starlette:
    """The routes, on what the hub has.

    Args:
        hub: the last shot and the next ones.
        recordings: the store, where there is one.
        live: the last sample, to compare with.
    """
    folder = files("lastack.web.files")
    served = {"": (page(recorded=recordings is not None), _HTML)}
    served |= {name: (folder.joinpath(name).read_bytes(), kind) for name, kind in FILES.items()}
    routes = [Route(f"/{name}", _constant(*content)) for name, content in served.items()]
    routes += [
        Route("/events", partial(_events, hub)),
        Route("/frame", partial(_frame, hub)),
        Route("/metrics", partial(_metrics, Scrapes(hub, partial(_fresh, hub), Recounts()))),
        Route("/healthz", partial(_healthz, hub)),
        Route("/history", partial(_history, recordings)),
        Route("/compare", partial(_compare, hub, recordings, live)),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        hub.open()
        yield
        hub.close()

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={LastackError: _error})
    app.router.redirect_slashes = False
    return app


def _constant(body: bytes, kind: str) -> Callable[[Request], Any]:
    async def answer(_request: Request) -> Response:
        return Response(body, media_type=kind)

    return answer


class _Stream(Response):
    """The frames, one after another, for as long as the viewer stays and there is a place for it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._hub.place() as admitted:
            if admitted:
                response: Response = StreamingResponse(self._hub.frames(), media_type="text/event-stream")
            else:
                response = PlainTextResponse("too many streams\n", 503, {"Retry-After": "30"})
            await response(scope, receive, send)


async def _events(hub: Hub, request: Request) -> Response:
    return _Stream(hub) if request.method == "GET" else Response(media_type="text/event-stream")


async def _frame(hub: Hub, _request: Request) -> Response:
    """One frame, for programs."""
    shot = await _fresh(hub)
    return _nothing() if shot is None else Response(shot.document, media_type="application/json")


async def _metrics(scrapes: Scrapes, request: Request) -> Response:
    exposition = await scrapes.exposition(request.headers.get("accept", ""))
    if exposition is None:
        return _nothing()
    body, kind = exposition
    return Response(body, headers={"Content-Type": kind})


async def _healthz(hub: Hub, _request: Request) -> Response:
    return _nothing() if await _fresh(hub) is None else PlainTextResponse("ok\n")


async def _fresh(hub: Hub) -> Shot | None:
    """What the kernel shows now; None: it does not show anything."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await hub.fresh()
    except TimeoutError:
        return None


def _nothing() -> Response:
    return PlainTextResponse("nothing can be seen\n", 503, {"Retry-After": "10"})


async def _history(recordings: Recordings | None, request: Request) -> Response:
    span = request.query_params.get("span", str(SPANS[0]))
    if recordings is None or span not in map(str, SPANS):
        return JSONResponse({"error": _NO_STORE if recordings is None else f"span: one of {SPANS}"}, 404)
    return JSONResponse(await recordings.history(int(span)))


async def _compare(
    hub: Hub, recordings: Recordings | None, live: Callable[[], Moment | None], request: Request
) -> Response:
    before, after = (request.query_params.get(name, "") for name in ("before", "after"))
    if recordings is None or max(len(before), len(after)) > _LONGEST:
        return JSONResponse({"error": _NO_STORE if recordings is None else "no such time"}, 404)
    await _fresh(hub)
    return JSONResponse(await recordings.compare(before, after, live))


async def _error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LastackError)
    return JSONResponse({"error": error.message, "slug": error.slug}, 400 if error.exit_code == 2 else 503)
