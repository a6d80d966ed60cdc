"""Shows a session over a connection, frame by frame, as fast as the client takes them."""

import logging
import threading
from typing import Final

from websockets.exceptions import WebSocketException

from atari_cli.emulator.paddle import track
from atari_cli.games import find_game
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.spectators import Moment
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.screen_deltas import Differences, episode_message

MOST_UNSEEN: Final = 16
"""Messages on the way: a quarter of a second, so that a client 0.2 s away still gets each frame."""

ENDED: Final = "the session has ended"

_log: Final = logging.getLogger("atari.server")


class Viewer:
    """Sends what a session shows, in a thread of its own that has room for one moment.

    What comes while the client has not seen the earlier ones replaces what waits: the session
    never waits for anyone, and nobody sees what is long past.

    Args:
        socket: The connection.
        metrics: What is counted.
        session_id: The session, if the client may know it.
    """

    def __init__(self, socket: WebSocket, metrics: Metrics, session_id: str | None = None) -> None:
        self._socket = socket
        self._metrics = metrics
        self._session_id = session_id
        self._differences = Differences()
        self._waiting: Moment | None = None
        self._number = 0  # of the episode that the client knows
        self._sent = self._seen = 0
        self._is_started = self._is_stopped = self._has_ended = False
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to send; twice is fine."""
        if self._is_started:
            return
        self._is_started = True
        threading.Thread(target=self._run, daemon=True, name="viewer").start()

    def show(self, moment: Moment | None) -> None:
        """Take a moment to send, None at the session's end; the one that waits is dropped."""
        with self._changed:
            self._has_ended |= moment is None
            self._waiting = moment or self._waiting
            self._changed.notify()

    def seen(self, number: int) -> None:
        """Note that the client has shown a message; one that was not sent yet cannot be."""
        with self._changed:
            self._seen = max(self._seen, min(number, self._sent))
            self._changed.notify()

    def stop(self) -> None:
        """Send nothing any more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _run(self) -> None:
        try:
            while (moment := self._next()) is not None:
                self._send(moment)
            if not self._is_stopped:
                self._socket.close(reason=ENDED)
        except (OSError, WebSocketException) as problem:
            _log.debug("a viewer was lost: %s", problem)
            self._socket.break_off()  # of what was sent in part, the rest can never follow

    def _next(self) -> Moment | None:
        """Wait for what is to be sent next; None when nothing will be."""
        with self._changed:
            self._changed.wait_for(self._has_something)
            if self._is_stopped or not self._is_free:
                return None
            moment, self._waiting = self._waiting, None
            return moment

    @property
    def _is_free(self) -> bool:
        return self._sent - self._seen < MOST_UNSEEN

    def _has_something(self) -> bool:
        return self._is_stopped or self._has_ended or bool(self._waiting and self._is_free)

    def _send(self, moment: Moment) -> None:
        if moment.number != self._number:
            self._number = moment.number
            self._differences.begin()
            self._socket.send((to_json(self._episode(moment)),))
        with self._changed:
            self._sent += 1
        data = {
            "number": self._sent,
            "step": moment.steps,
            "frame": moment.frame,
            "score": moment.score,
            "reward": moment.reward,
            "lives": moment.lives,
            "action": moment.action,
            "terminated": moment.terminated,
            "truncated": moment.truncated,
            "time": round(1000 * moment.time, 1),
        }
        pieces = self._differences.pack(data, moment.screen, moment.ram, moment.sound)
        self._socket.send(pieces, binary=True)
        self._metrics.sent_bytes.inc(sum(map(len, pieces)))

    def _episode(self, moment: Moment) -> Json:
        game = find_game(moment.state.game_name)
        paddle = dict(zip(("axis", "first", "last"), track(game), strict=True))
        return episode_message(
            moment.state, moment.number, paddle if game.uses_paddles else None, self._session_id
        )
