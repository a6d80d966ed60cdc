"""Many WebSocket sessions at once: `python -m benchmarks.serve.crowd URL SESSIONS STEPS`.

All sessions open at once and reset, and then play their steps at the same time. A line on standard
output reports the end; the sessions stay open until standard input is closed.
"""

import asyncio
import sys
from collections.abc import Sequence

from websockets.asyncio.client import ClientConnection, connect

_NOTHING = '{"type":"step","data":{"action_id":0}}'


async def gather(url: str, sessions: int, steps: int) -> None:
    address = url.replace("http", "ws", 1) + "/ws"
    opened = [
        connect(address, compression=None, max_size=None, open_timeout=120, ping_interval=None)
        for _ in range(sessions)
    ]
    connections = await asyncio.gather(*opened)
    await _ask_all(connections, '{"type":"reset","data":{"seed":0}}')
    for _ in range(steps):
        await _ask_all(connections, _NOTHING)
    print("done", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.gather(*(connection.close() for connection in connections))


async def _ask_all(connections: Sequence[ClientConnection], request: str) -> None:
    await asyncio.gather(*(_ask(connection, request) for connection in connections))


async def _ask(connection: ClientConnection, request: str) -> None:
    await connection.send(request)
    reply = await connection.recv(decode=False)
    if not reply.startswith(b'{"type":"observation"'):
        raise RuntimeError(f"a session failed: {reply[:300]!r}")


if __name__ == "__main__":
    asyncio.run(gather(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
