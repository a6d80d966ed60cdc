"""One client's exchanges with a server, without a socket.

Each method returns an `Exchange`, which a client runs on its socket, blocking or not.
"""

import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atari_cli.client.dialects.atari_v1 import AtariV1Dialect
from atari_cli.client.dialects.dialect import Exchange, Result, chosen_index
from atari_cli.client.dialects.openenv import OpenEnvDialect
from atari_cli.client.failures import GONE
from atari_cli.client.received import ReceivedEpisode, ReceivedResult
from atari_cli.errors import InvalidSetting, ResetNeeded, ServerError
from atari_cli.model import AtariState
from atari_cli.validation import letters
from atari_cli.wire.atari_v1 import SUBPROTOCOL
from atari_cli.wire.json_text import Json

FAREWELL: Final = b'{"type":"close"}'
OBSERVATIONS: Final = ("all", "last")

_NOT_SETTINGS: Final = {"seed", "episode_id"}


class Conversation:
    """The state of one client's exchanges with a server, across its connections.

    A server that speaks `atari.v1` keeps the session of a lost connection for a while, and a new
    connection resumes it. If an episode is lost nevertheless, every call but a reset raises
    ResetNeeded, rather than continue in a game that has just begun. That reset repeats the settings
    of earlier ones.

    Args:
        settings: The settings of the first episode that differ from the server's.
        most_bytes: Maximum size of a message.
    """

    def __init__(self, settings: Mapping[str, Any], most_bytes: int) -> None:
        self._settings: Json = dict(settings)
        self._most_bytes = most_bytes
        self._dialect: AtariV1Dialect | OpenEnvDialect = OpenEnvDialect()
        self._has_played = False  # in the session of this connection
        self._is_playing = False  # a request that begins or continues an episode is under way
        self._is_lost = False  # an episode, with an earlier connection

    @property
    def is_ours(self) -> bool:
        """Whether the server speaks `atari.v1`."""
        return isinstance(self._dialect, AtariV1Dialect)

    @property
    def episode(self) -> ReceivedEpisode | None:
        """The episode as the server described it; None before the first, and once it is lost."""
        return None if self._is_lost else self._dialect.episode

    @property
    def resumes(self) -> str | None:
        """The id of the session that the next connection resumes; None if there is none."""
        is_kept = self.is_ours and (self._has_played or self._is_playing)
        return self.episode.session_id if self.episode and is_kept else None

    def again(self, texts: Sequence[bytes]) -> Sequence[bytes] | None:
        """Return requests without a reply to be sent again once their session is resumed.

        Returns:
            None if they cannot be repeated, or no session can be resumed.
        """
        if self.resumes is None or not isinstance(self._dialect, AtariV1Dialect):
            return None
        return self._dialect.again(texts)

    def open(self, subprotocol: str | None) -> None:
        """Begin on a new connection, with the subprotocol that the server chose."""
        is_ours = subprotocol == SUBPROTOCOL
        self._dialect = AtariV1Dialect(self._most_bytes) if is_ours else OpenEnvDialect()

    def lose(self) -> None:
        """Note that the connection is gone or was closed, and the session with it."""
        self._is_lost = self._is_lost or self._has_played or self._is_playing
        self._has_played = self._is_playing = False

    def check_kept(self) -> None:
        """Raise ResetNeeded if the episode is lost."""
        if self._is_lost:
            raise ResetNeeded(GONE)

    def reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> Exchange[ReceivedResult]:
        """Start an episode and return its first result.

        Args:
            seed: Its seed; None if the server is to choose.
            episode_id: Its name; None if the server is to choose.
            settings: Settings of the environment; those that are None are left out.
        """
        given = {name: value for name, value in settings.items() if value is not None}
        known = _merged(self._settings, given)
        asked = dict(given if self._has_played else known)
        named = {"seed": seed, "episode_id": episode_id}
        asked |= {name: value for name, value in named.items() if value is not None}
        result = yield from self._playing(self._dialect.reset(asked))
        ignored = result.observation.metadata.get("ignored") or ()
        self._settings = {name: value for name, value in known.items() if name not in ignored}
        self._has_played, self._is_lost = True, False
        if ignored:
            text = f"the server ignores {', '.join(ignored)} of this reset"
            warnings.warn(text, stacklevel=_frames_of_ours())
        return result

    def step(self, action: Any) -> Exchange[ReceivedResult]:
        """Play an action; before the first reset, an episode begins with it."""
        yield from self._begin()
        result = yield from self._playing(self._dialect.step(action))
        self._has_played = True
        return result

    def step_many(
        self, actions: Sequence[Any], observations: str
    ) -> Exchange[list[ReceivedResult]]:
        """Play actions up to the episode's end and return their results.

        Args:
            actions: The actions.
            observations: `all` or `last`.

        Raises:
            InvalidSetting: If `observations` is neither.
        """
        last_only = _is_last_only(observations)
        yield from self._begin()
        results = yield from self._playing(self._dialect.step_many(actions, last_only))
        self._has_played = self._has_played or bool(results)
        return results

    def step_sessions(
        self, actions: Mapping["Conversation", Sequence[Any]], observations: str
    ) -> Exchange[list[list[ReceivedResult]]]:
        """Play a batch of actions in each of several sessions, in one message.

        Args:
            actions: The batches, by the conversation of their session.
            observations: `all` or `last`.

        Returns:
            The results of each batch, in the order of the sessions.

        Raises:
            InvalidSetting: If `observations` is neither, or a batch is empty.
            ResetNeeded: If a session has no episode.
            ServerError: If the server does not speak `atari.v1`.
        """
        last_only = _is_last_only(observations)
        if not isinstance(self._dialect, AtariV1Dialect):
            raise ServerError(f"several sessions in a message need a server with {SUBPROTOCOL}")
        batches = {other._identity(): other._indices(batch) for other, batch in actions.items()}
        return (yield from self._dialect.step_sessions(batches, last_only)) if batches else []

    def state(self) -> Exchange[AtariState]:
        """Ask for the state."""
        self.check_kept()
        return (yield from self._dialect.state())

    def frame(self) -> Exchange[bytes]:
        """Ask for the screen as a PNG file."""
        self.check_kept()
        return (yield from self._dialect.frame())

    def _begin(self) -> Exchange[None]:
        """Start an episode with this client's settings if its first step comes before a reset."""
        self.check_kept()
        if self._settings and not self._has_played:
            yield from self.reset(None, None, {})

    def _playing(self, exchange: Exchange[Result]) -> Exchange[Result]:
        """Run an exchange; if the connection is lost meanwhile, so is the episode."""
        self._is_playing = True
        try:
            return (yield from exchange)
        finally:
            self._is_playing = False

    def _identity(self) -> str:
        self.check_kept()
        if self.episode is None or self.episode.session_id is None:
            raise ResetNeeded("reset each session before its first batch")
        return self.episode.session_id

    def _indices(self, actions: Sequence[Any]) -> list[int]:
        if not len(actions):
            raise InvalidSetting("each session's batch needs at least one action")
        return [chosen_index(self._dialect.episode, action) for action in actions]


def _frames_of_ours() -> int:
    """Return how many frames up the caller of this library is: where a warning belongs."""
    frame, count = sys._getframe(1), 1
    while frame.f_back and frame.f_globals["__name__"].startswith(f"{__package__}."):
        frame, count = frame.f_back, count + 1
    return count


def _is_last_only(observations: str) -> bool:
    if observations not in OBSERVATIONS:
        expected = ", ".join(OBSERVATIONS)
        raise InvalidSetting(f"observations must be one of {expected}, got {observations!r}")
    return observations == "last"


def _merged(earlier: Json, given: Json) -> Json:
    """Return the settings after a reset; a new game drops those given for another."""
    given = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    if "game_name" in given:
        given = {"game": given["game_name"], **given}
        del given["game_name"]
    if "game" in given or "index" in given:
        is_same = letters(earlier.get("game")) == letters(given.get("game"))
        dropped = {"split", "index"} | (set() if is_same else {"mode", "difficulty", "game"})
        earlier = {name: value for name, value in earlier.items() if name not in dropped}
    return {**earlier, **given}
