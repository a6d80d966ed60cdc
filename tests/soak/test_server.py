"""After many clients have left, a server uses no more resources than before they came."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, sleep
from typing import NamedTuple

import pytest

from tests.cli.commands.test_serve import Served, served
from tests.soak.clients import GAMES, Place, come_and_go
from tests.soak.processes import open_files, resident, threads

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

CLIENTS = 12
WARM_UP, MINUTES = 60.0, 10
IDLE = 20
MORE_THAN_SPARE = 80
GROWTH = 16.0
"""MB by which a fragmented heap may grow; a leak of 4 KB per client would exceed it."""

FEWEST = 100
"""The clients of each kind that a meaningful run needs, even on a slow machine."""


class Usage(NamedTuple):
    """The resources that a server uses."""

    sessions: int
    websockets: int
    threads: int
    files: int
    memory: float

    def __str__(self) -> str:
        return (
            f"{self.sessions} sessions, {self.websockets} WebSockets, {self.threads} threads, "
            f"{self.files} file descriptors, {self.memory:.1f} MB"
        )


def usage(server: Served) -> Usage:
    # Measured before the request, whose connection takes a thread and a file descriptor.
    pid = server.process.pid
    used = threads(pid), open_files(pid), resident(pid)
    text = server.get("/metrics")[1]
    sessions, websockets = (
        int(float(re.findall(rf"^{name} (\S+)$", text, re.MULTILINE)[0]))
        for name in ("atari_sessions_active", "atari_ws_connections")
    )
    return Usage(sessions, websockets, *used)


def fill_spares(place: Place) -> None:
    """Open enough sessions to have all spare consoles once they are ended as idle."""

    def open_session(number: int) -> None:
        made = place.ask("POST", "/sessions", {"game": GAMES[number % len(GAMES)]})
        place.ask("POST", "/reset", {}, X_Atari_Session=made["session_id"])

    # At once: on a slow machine, those opened first would have ended before the last.
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(open_session, range(MORE_THAN_SPARE)))


def crowd(place: Place, seed: int, seconds: float) -> Counter[str]:
    """Let clients come and go; return how many of each kind there were."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        visits = pool.map(lambda number: come_and_go(place, seed + number, seconds), range(CLIENTS))
        return sum(map(Counter, visits), Counter())


def settled(look: Callable[[], Usage], is_so: Callable[[Usage], bool]) -> Usage:
    """Wait until a server has noticed that all have left, but at most two minutes."""
    due = monotonic() + 120
    while not is_so(found := look()) and monotonic() < due:
        sleep(0.5)
    return found


def test_ten_minutes_of_many_clients_leave_nothing_behind(
    record_property: Callable[[str, str], None],
) -> None:
    options = ("--idle-timeout", str(IDLE), "--max-sessions", "2000", "--log-level", "warning")
    with served(*options) as server:
        place, look = Place(server.host, server.port), partial(usage, server)
        quiet = look()
        fill_spares(place)
        crowd(place, 0, WARM_UP)
        before = settled(look, lambda found: found[:4] == quiet[:4])
        came = crowd(place, 1000, 60.0 * MINUTES)
        after = settled(look, lambda found: found[:4] == before[:4])
        record_property("clients", ", ".join(f"{name} {n}" for name, n in came.items()))
        record_property("before", str(before))
        record_property("after", str(after))
        assert min(came.values()) >= FEWEST
        assert after[:4] == before[:4] == quiet[:4]
        assert after.memory - before.memory < GROWTH
        assert server.end() == 0
        assert server.lines[1:] == []
