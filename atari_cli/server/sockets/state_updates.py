"""What is pushed on a WebSocket at /ws/ui: OpenEnv's word on an episode, after each step.

Unlike OpenEnv's, it leaves out screens: in RGB each would be 400 KB of text, for every step.
"""

from collections import deque
from datetime import UTC, datetime
from typing import Final

from atari_cli.games import find_game
from atari_cli.observation import observation_shape
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.spectators import Moment
from atari_cli.server.sockets.openenv import Answer, Answering
from atari_cli.server.sockets.screen_stream import Viewer
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json

MOST_LOGGED: Final = 1000

REST_SECONDS: Final = 0.1
"""Between two updates, each of which may have 150 KB: at 60 a second they would slow the game."""


class Ui(Answering):
    """Shows a session to one connection and listens to nothing.

    Args:
        context: What requests are about.
        socket: The connection.
        session: The session.

    Raises:
        UnknownSession: If the session has ended.
        SessionBusy: If too many look on at it.
    """

    def __init__(self, context: Context, socket: WebSocket, session: Session) -> None:
        super().__init__(context)
        self._session = session
        self._viewer = _UiViewer(socket, context.metrics)
        session.join(self._viewer.show)
        socket.send((to_json(_update(None, [])),))
        self._viewer.start()

    def answer(self, frame: str | bytes) -> Answer:
        """Return nothing: what comes is ignored."""
        return Answer(())

    def end(self) -> None:
        """Look on no more."""
        self._viewer.stop()
        self._session.part(self._viewer.show)


class _UiViewer(Viewer):
    """Sends a moment with the log of the last steps, now and then, without a word of the client."""

    def __init__(self, socket: WebSocket, metrics: Metrics) -> None:
        super().__init__(socket, metrics)
        self._log: deque[Json] = deque(maxlen=MOST_LOGGED)

    @property
    def _is_free(self) -> bool:
        return True

    def show(self, moment: Moment | None) -> None:
        """Take a moment to send, and note it even if it is dropped."""
        with self._changed:
            if moment and moment.steps:
                self._log.append(_logged(moment))
            elif moment:
                self._log.clear()
            super().show(moment)

    def _send(self, moment: Moment) -> None:
        with self._changed:
            log = list(self._log)
        self._socket.send((to_json(_update(moment, log)),))
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._has_ended, REST_SECONDS)


def _update(moment: Moment | None, log: list[Json]) -> Json:
    state: Json = {
        "episode_id": moment.state.episode_id if moment else None,
        "step_count": moment.steps if moment else 0,
        "current_observation": _observation(moment) if moment else None,
        "action_logs": log,
        "is_reset": moment is not None,
    }
    return {"type": "state_update", "episode_state": state}


def _observation(moment: Moment) -> Json:
    game = find_game(moment.state.game_name)
    return {
        "screen_shape": observation_shape(moment.state.obs_type, game.height, game.width),
        "lives": moment.lives,
        "frame_number": moment.frame,
        "metadata": {"game_name": game.id, "seed": moment.state.seed, "score": moment.score},
    }


def _logged(moment: Moment) -> Json:
    codes = find_game(moment.state.game_name).action_set(moment.state.full_action_space)
    played = {"action_id": codes.index(moment.action) if moment.action in codes else None}
    return {
        "timestamp": datetime.fromtimestamp(moment.time, UTC).isoformat(),
        "action": played,
        "observation": {"lives": moment.lives, "frame_number": moment.frame},
        "reward": moment.reward,
        "done": moment.terminated or moment.truncated,
        "step_count": moment.steps,
    }
