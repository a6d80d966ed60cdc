"""The updates pushed at /ws/ui: an episode in OpenEnv's format, after each step.

Unlike OpenEnv's, they leave out screens: in RGB each would be 400 KB of text, for every step.
"""

from collections import deque
from datetime import UTC, datetime
from typing import Final

from atari_cli.games import find_game
from atari_cli.observation import observation_shape
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.spectators import Snapshot
from atari_cli.server.sockets.screen_stream import ScreenStream
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json

MOST_LOGGED: Final = 1000

REST_SECONDS: Final = 0.1
"""Between two updates, each of up to 150 KB: 60 of them a second would slow the game."""


def push_updates(socket: WebSocket, metrics: Metrics, session: Session) -> None:
    """Send updates about a session until the connection ends; its messages are ignored.

    Args:
        socket: The connection.
        metrics: Counts the messages and the bytes sent.
        session: The session.

    Raises:
        UnknownSession: If the session has ended.
        SessionBusy: If it has too many spectators.
    """
    stream = _UpdateStream(socket, metrics, session)
    try:
        with socket.replying:
            stream.start()
            socket.send((to_json(_update(None, [])),))
        for _ in socket.messages():
            metrics.count_message("other", "ok", 0)
    finally:
        stream.stop()


class _UpdateStream(ScreenStream):
    """Sends an update with a log of the last steps, at intervals, whatever the client has seen."""

    def __init__(self, socket: WebSocket, metrics: Metrics, session: Session) -> None:
        super().__init__(socket, metrics, session)
        self._log: deque[Json] = deque(maxlen=MOST_LOGGED)

    @property
    def _is_free(self) -> bool:
        return True

    def show(self, snapshot: Snapshot | None) -> None:
        """Take a snapshot to send, and log it even if it is dropped."""
        with self._changed:
            if snapshot and snapshot.steps:
                self._log.append(_logged(snapshot))
            elif snapshot:
                self._log.clear()
            super().show(snapshot)

    def _send(self, snapshot: Snapshot) -> None:
        with self._changed:
            log = list(self._log)
        self._socket.send((to_json(_update(snapshot, log)),))
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._has_ended, REST_SECONDS)


def _update(snapshot: Snapshot | None, log: list[Json]) -> Json:
    state: Json = {
        "episode_id": snapshot.state.episode_id if snapshot else None,
        "step_count": snapshot.steps if snapshot else 0,
        "current_observation": _observation(snapshot) if snapshot else None,
        "action_logs": log,
        "is_reset": snapshot is not None,
    }
    return {"type": "state_update", "episode_state": state}


def _observation(snapshot: Snapshot) -> Json:
    game = find_game(snapshot.state.game_name)
    return {
        "screen_shape": observation_shape(snapshot.state.obs_type, game.height, game.width),
        "lives": snapshot.lives,
        "frame_number": snapshot.frame,
        "metadata": {"game_name": game.id, "seed": snapshot.state.seed, "score": snapshot.score},
    }


def _logged(snapshot: Snapshot) -> Json:
    codes = find_game(snapshot.state.game_name).action_set(snapshot.state.full_action_space)
    played = {"action_id": codes.index(snapshot.action) if snapshot.action in codes else None}
    return {
        "timestamp": datetime.fromtimestamp(snapshot.time, UTC).isoformat(),
        "action": played,
        "observation": {"lives": snapshot.lives, "frame_number": snapshot.frame},
        "reward": snapshot.reward,
        "done": snapshot.terminated or snapshot.truncated,
        "step_count": snapshot.steps,
    }
