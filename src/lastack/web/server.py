"""The server: uvicorn, with limits of ours, on a socket that is open already."""

import asyncio
import ssl

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["CONNECTIONS", "STREAMS", "prepare"]

CONNECTIONS = 128
STREAMS = 64

_PATIENCE_S = 10.0
_KEEP_ALIVE_S = 15
_HEAD_BYTES = 16_384


class _Protocol(H11Protocol):
    """Ends connections that stay without a whole request for too long, which uvicorn waits for without end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._idle_at: int | None = None
        self._watch()

    def _watch(self) -> None:
        if self.transport.is_closing():
            return
        idle = self.cycle is None or self.cycle.response_complete
        now = id(self.cycle) if idle else None
        if idle and self._idle_at == now:
            self.transport.close()
            return
        self._idle_at = now
        self.loop.call_later(_PATIENCE_S, self._watch)


def prepare(app: ASGIApp, context: ssl.SSLContext | None) -> uvicorn.Server:
    """A server with everything that it needs loaded; ``run(sockets=[...])`` serves until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
    config.load()
    config.ssl = context
    config.get_loop_factory()
    return uvicorn.Server(config)
