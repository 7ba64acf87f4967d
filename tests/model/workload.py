"""A small service and its client, to be run at the two ends of a lab: requests at a steady rate, over connections.

    python -m tests.model.workload serve ADDRESS PORT CLOSER
    python -m tests.model.workload ask ADDRESS PORT CLOSER RATE REQUESTS

CLOSER is the end that closes first, ``server`` or ``client``; REQUESTS is how many are made on a connection.
"""

import asyncio
import sys
from contextlib import suppress

_ANSWER = b"x" * 200 + b"\n"
_LAST = b"last\n"


async def _serve(address: str, port: int, closer: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while question := await reader.readline():
            writer.write(_ANSWER)
            await writer.drain()
            if question == _LAST and closer == "server":
                break
        writer.close()

    async with await asyncio.start_server(answer, address, port, backlog=1024) as server:
        await server.serve_forever()


async def _ask(address: str, port: int, closer: str, rate: float, requests: int) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    talking: set[asyncio.Task[None]] = set()
    while True:
        due += requests / rate
        talk = asyncio.create_task(_talk(address, port, closer, requests / rate, requests))
        talking.add(talk)
        talk.add_done_callback(talking.discard)
        await asyncio.sleep(max(due - loop.time(), 0))


async def _talk(address: str, port: int, closer: str, seconds: float, requests: int) -> None:
    """One connection, its requests spread over as much time as passes until the next connection."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection(address, port)
        for number in range(1, requests + 1):
            writer.write(_LAST if number == requests else b"more\n")
            await reader.readline()
            if number < requests:
                await asyncio.sleep(seconds / requests)
        if closer == "server":
            await reader.read()
        writer.close()


if __name__ == "__main__":
    what, where, at, first, *numbers = sys.argv[1:]
    if what == "serve":
        asyncio.run(_serve(where, int(at), first))
    else:
        asyncio.run(_ask(where, int(at), first, float(numbers[0]), int(numbers[1])))
