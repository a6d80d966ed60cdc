"""Write the tables of docs/server.md that follow from the code: routes and limits.

    python scripts/update_server_docs.py            write them
    python scripts/update_server_docs.py --check    write nothing; exit 1 if one is out of date

Each table is between `<!-- NAME: … -->` and `<!-- /NAME -->`.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from atari_cli.config import ServeConfig
from atari_cli.server.front import connection, listener
from atari_cli.server.routes import film, recordings
from atari_cli.server.routes.route import Route
from atari_cli.server.routes.table import ROUTES
from atari_cli.server.sessions import episode_log, register, request_queue, spectators
from atari_cli.server.transport import request_head, websocket
from atari_cli.wire import json_text

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "server.md"


def main() -> int:
    """Write or check the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    before = DOCUMENT.read_text(encoding="utf-8")
    after = with_tables(before)
    if parser.parse_args().check:
        print("docs/server.md is " + ("up to date" if before == after else "out of date"))
        return int(before != after)
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


def with_tables(document: str) -> str:
    """Return the text of docs/server.md with every table as it should be."""
    for name, rows in TABLES.items():
        pattern = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        content = "\n".join(table(rows()))
        document, count = pattern.subn(
            lambda match, content=content: f"{match[1]}{content}\n{match[2]}", document
        )
        if count != 1:
            raise SystemExit(f"docs/server.md has {count} places for {name}, expected 1")
    return document


def table(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; the first row is its head."""
    head, *body = rows
    for row in (head, ["---"] * len(head), *body):
        yield "| " + " | ".join(map(str, row)) + " |"


def route_rows() -> Iterator[Sequence[object]]:
    """Yield every route with its statuses, other than those that any request may get."""
    yield ("route", "what it does", "statuses")
    for route in ROUTES:
        text = " ".join(filter(None, [f"{route.summary}.", route.description]))
        yield (f"`{route.method} {route.path}`", text, ", ".join(map(str, statuses(route))))


def statuses(route: Route) -> list[int]:
    """Return the statuses of a route, without those of access and of the size of a body."""
    replies = [reply.status for reply in route.replies]
    own = set(route.refusals) | ({422} & set(route.all_refusals()))
    return [int(status) for status in (*replies, *sorted(own))]


def limit_rows() -> Iterator[Sequence[object]]:
    """Yield every limit with its value and what happens beyond it."""
    yield ("limit", "value", "beyond it")
    yield ("first line of a request, or one header", size(request_head.MAX_LINE_BYTES), "414, 431")
    yield ("head of a request", size(request_head.MAX_HEAD_BYTES), "431")
    yield ("headers of a request", request_head.MAX_HEADERS, "431")
    yield ("time for a head to arrive", seconds(connection.HEAD_SECONDS), "closed")
    yield ("body of a request", size(request_head.MAX_BODY_BYTES), "413")
    yield ("a recording as a body", size(recordings.MOST_BYTES), "413")
    yield ("frames of such a recording", f"{episode_log.MOST_STEPS:,}", "422")
    yield ("time for a body to arrive", seconds(connection.BODY_SECONDS), "closed")
    yield ("levels of nested JSON", json_text.MOST_LEVELS, "422, `INVALID_JSON`")
    yield ("a WebSocket message", size(websocket.MAX_MESSAGE_BYTES), "closed with 1009")
    yield ("time between pings of a WebSocket", seconds(websocket.PING_SECONDS), "closed")
    yield ("an idle HTTP connection", seconds(connection.IDLE_SECONDS), "closed")
    yield ("time for a reply to be read", seconds(connection.WRITE_SECONDS), "closed")
    yield ("time for a message to be read", seconds(websocket.WRITE_SECONDS), "closed")
    yield (
        "connections at a time",
        f"`--max-sessions` and {listener.SPARE_THREADS} more",
        "503 with `Retry-After`",
    )
    yield (
        "sessions at a time",
        f"`--max-sessions`, {ServeConfig.max_sessions}",
        "503, `CAPACITY_REACHED`",
    )
    yield ("requests that wait for a session", request_queue.MOST_WAITING, "503")
    yield ("spectators of a session", spectators.MOST_ONLOOKERS, "an error, and closed")
    yield (
        "an idle session",
        f"`--idle-timeout`, {seconds(ServeConfig.idle_timeout)}",
        "404, `SESSION_ERROR`",
    )
    yield ("a session that was never used", seconds(register.UNUSED_SECONDS), "404")
    yield ("videos made at a time", 1, "503")
    yield ("frames of a video", f"the last {recordings.MOST_FILMED:,}", "left out")
    yield ("time to make a video", seconds(film.FILM_SECONDS), "500")


def size(count: int) -> str:
    """Return a number of bytes in the unit that it is whole in."""
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"


def seconds(count: float) -> str:
    """Return a time with its unit."""
    return f"{count:g} s"


TABLES: Final[dict[str, Callable[[], Iterator[Sequence[object]]]]] = {
    "routes": route_rows,
    "limits": limit_rows,
}

if __name__ == "__main__":
    sys.exit(main())
