"""Sends the screens of a session over a connection, as fast as the client takes them."""

import logging
import threading
from typing import Final

from websockets.exceptions import WebSocketException

from atari_cli.emulator.paddle import track
from atari_cli.games import find_game
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.spectators import Snapshot
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.screen_deltas import ScreenDeltas, episode_message

MOST_UNSEEN: Final = 16
"""Messages in flight: a quarter of a second, so that a client 0.2 s away still gets each frame."""

ENDED: Final = "the session has ended"

_log: Final = logging.getLogger("atari.server")


class ScreenStream:
    """Sends snapshots of a session in a separate thread, with room for one that waits.

    While the client is behind, a newer snapshot replaces the one that waits: the session never
    waits for a spectator, and no spectator sees what is long past.

    Args:
        socket: The connection.
        metrics: Counts the bytes sent.
        session: The session.
        is_player: Whether the client plays it, and so may know its id.
    """

    def __init__(
        self, socket: WebSocket, metrics: Metrics, session: Session, is_player: bool = False
    ) -> None:
        self._socket = socket
        self._metrics = metrics
        self._session = session
        self._is_player = is_player
        self._deltas = ScreenDeltas()
        self._waiting: Snapshot | None = None
        self._number = 0  # of the episode that the client knows
        self._sent = self._seen = 0
        self._is_stopped = self._has_ended = False
        self._changed = threading.Condition()

    def start(self) -> None:
        """Begin to watch the session and to send.

        Raises:
            UnknownSession: If the session has ended.
            SessionBusy: If it has too many spectators.
        """
        self._session.spectate(self.show, self._is_player)
        threading.Thread(target=self._run, daemon=True, name="screen-stream").start()

    def show(self, snapshot: Snapshot | None) -> None:
        """Take a snapshot to send, None at the session's end; the one that waits is dropped."""
        with self._changed:
            self._has_ended |= snapshot is None
            self._waiting = snapshot or self._waiting
            self._changed.notify()

    def seen(self, number: int) -> None:
        """Note that the client has shown a message; one that was not sent yet does not count."""
        with self._changed:
            self._seen = max(self._seen, min(number, self._sent))
            self._changed.notify()

    def stop(self) -> None:
        """Send nothing more; calling it again does nothing."""
        self._session.stop_spectating(self.show)
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _run(self) -> None:
        try:
            while (snapshot := self._next()) is not None:
                self._send(snapshot)
            if not self._is_stopped:
                self._socket.close(reason=ENDED)
        except (OSError, WebSocketException) as problem:
            _log.debug("a spectator was lost: %s", problem)
            self._socket.abort()  # the rest of a message that was sent in part can never follow

    def _next(self) -> Snapshot | None:
        """Wait for the next snapshot to send; None at the end."""
        with self._changed:
            self._changed.wait_for(self._has_something)
        with self._socket.replying, self._changed:
            if self._is_stopped or not self._is_free:
                return None
            snapshot, self._waiting = self._waiting, None
            return snapshot

    @property
    def _is_free(self) -> bool:
        return self._sent - self._seen < MOST_UNSEEN

    def _has_something(self) -> bool:
        return self._is_stopped or self._has_ended or bool(self._waiting and self._is_free)

    def _send(self, snapshot: Snapshot) -> None:
        if snapshot.number != self._number:
            self._number = snapshot.number
            self._deltas.begin()
            self._socket.send((to_json(self._episode(snapshot)),))
        with self._changed:
            self._sent += 1
        data = {
            "number": self._sent,
            "step": snapshot.steps,
            "frame": snapshot.frame,
            "score": snapshot.score,
            "reward": snapshot.reward,
            "lives": snapshot.lives,
            "action": snapshot.action,
            "terminated": snapshot.terminated,
            "truncated": snapshot.truncated,
            "time": round(1000 * snapshot.time, 1),
        }
        pieces = self._deltas.pack(data, snapshot.screen, snapshot.ram, snapshot.sound)
        self._socket.send(pieces, binary=True)
        self._metrics.sent_bytes.inc(sum(map(len, pieces)))

    def _episode(self, snapshot: Snapshot) -> Json:
        game = find_game(snapshot.state.game_name)
        paddle = dict(zip(("axis", "first", "last"), track(game), strict=True))
        session_id = self._session.id if self._is_player else None
        return episode_message(
            snapshot.state, snapshot.number, paddle if game.uses_paddles else None, session_id
        )
