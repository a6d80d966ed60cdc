"""What a client and a server say to each other, apart from any socket.

Each method is a `Exchange`: the shell that drives it owns the socket, blocking or not.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from atari_cli.checks import letters
from atari_cli.client.dialects.atari_v1 import AtariV1Dialect
from atari_cli.client.dialects.dialect import Dialect, Exchange, Result, chosen_index
from atari_cli.client.dialects.openenv import OpenEnvDialect
from atari_cli.client.failures import GONE
from atari_cli.client.received import ReceivedResult
from atari_cli.errors import InvalidSetting, ResetNeeded, ServerError
from atari_cli.model import AtariState
from atari_cli.wire.atari_v1 import SUBPROTOCOL
from atari_cli.wire.json_text import Json

FAREWELL: Final = b'{"type":"close"}'
OBSERVATIONS: Final = ("all", "last")

_NOT_SETTINGS: Final = {"seed", "episode_id"}


class Conversation:
    """One client's exchange with a server, over as many connections as it takes.

    A server's session lives as long as its connection. When an episode is lost with one, a step
    raises ResetNeeded until the next reset, rather than to go on in a game that just began. The
    settings of earlier resets are said again then.

    Args:
        settings: The settings of the first episode that differ from the server's.
        most_bytes: Bytes that a message may have.
    """

    def __init__(self, settings: Mapping[str, Any], most_bytes: int) -> None:
        self._settings: Json = dict(settings)
        self._most_bytes = most_bytes
        self._dialect: Dialect = OpenEnvDialect()
        self._has_played = False  # in the session of this connection
        self._is_playing = False  # a request that begins or goes on with an episode is under way
        self._is_lost = False  # an episode, with an earlier connection

    @property
    def is_ours(self) -> bool:
        """Whether the server speaks `atari.v1`."""
        return isinstance(self._dialect, AtariV1Dialect)

    @property
    def session_id(self) -> str | None:
        """The session's id; None before its first episode, and of a server that tells none."""
        return self._dialect.episode.session_id if self._dialect.episode else None

    @property
    def watch_key(self) -> str | None:
        """The key by which others may look on; None where there is no session's id."""
        return self._dialect.episode.watch_key if self._dialect.episode else None

    def open(self, subprotocol: str | None) -> None:
        """Begin on a new connection."""
        is_ours = subprotocol == SUBPROTOCOL
        self._dialect = AtariV1Dialect(self._most_bytes) if is_ours else OpenEnvDialect()

    def lose(self) -> None:
        """Note that the connection is gone, and the session with it."""
        self._is_lost = self._is_lost or self._has_played or self._is_playing
        self._has_played = self._is_playing = False

    def end(self) -> None:
        """Note that the user is done: whatever comes next begins anew."""
        self._is_lost = self._has_played = self._is_playing = False

    def reset(
        self, seed: int | None, episode_id: str | None, settings: Mapping[str, Any]
    ) -> Exchange[ReceivedResult]:
        """Start an episode."""
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
            warnings.warn(f"the server ignores {', '.join(ignored)} of this reset", stacklevel=4)
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
        """Play actions up to the episode's end."""
        last_only = _is_last_only(observations)
        yield from self._begin()
        results = yield from self._playing(self._dialect.step_many(actions, last_only))
        self._has_played = self._has_played or bool(results)
        return results

    def step_sessions(
        self, actions: Mapping["Conversation", Sequence[Any]], observations: str
    ) -> Exchange[list[list[ReceivedResult]]]:
        """Play a lot of actions in each of several sessions, in one message."""
        last_only = _is_last_only(observations)
        if not isinstance(self._dialect, AtariV1Dialect):
            raise ServerError(f"several sessions in a message need a server with {SUBPROTOCOL}")
        lots = {other._identity(): other._indices(lot) for other, lot in actions.items()}
        return (yield from self._dialect.step_sessions(lots, last_only)) if lots else []

    def state(self) -> Exchange[AtariState]:
        """Ask for the state."""
        return self._dialect.state()

    def frame(self) -> Exchange[bytes]:
        """Ask for the screen as a PNG file."""
        return self._dialect.frame()

    def _begin(self) -> Exchange[None]:
        """Start an episode with this client's settings if its first step comes before a reset."""
        if self._is_lost:
            raise ResetNeeded(GONE)
        if self._settings and not self._has_played:
            yield from self.reset(None, None, {})

    def _playing(self, exchange: Exchange[Result]) -> Exchange[Result]:
        """Drive an exchange; if the connection is lost meanwhile, so is an episode."""
        self._is_playing = True
        try:
            return (yield from exchange)
        finally:
            self._is_playing = False

    def _identity(self) -> str:
        if self._is_lost or self.session_id is None:
            raise ResetNeeded(GONE if self._is_lost else "reset each session before its first lot")
        return self.session_id

    def _indices(self, actions: Sequence[Any]) -> list[int]:
        if not len(actions):
            raise InvalidSetting("a lot of several has at least one action")
        return [chosen_index(self._dialect.episode, action) for action in actions]


def _is_last_only(observations: str) -> bool:
    if observations not in OBSERVATIONS:
        expected = ", ".join(OBSERVATIONS)
        raise InvalidSetting(f"observations must be one of {expected}, got {observations!r}")
    return observations == "last"


def _merged(earlier: Json, given: Json) -> Json:
    """Return what holds after a reset; a new game drops what was given for another."""
    given = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    if "game_name" in given:
        given = {"game": given["game_name"], **given}
        del given["game_name"]
    if "game" in given or "index" in given:
        is_same = letters(earlier.get("game")) == letters(given.get("game"))
        dropped = {"split", "index"} | (set() if is_same else {"mode", "difficulty", "game"})
        earlier = {name: value for name, value in earlier.items() if name not in dropped}
    return {**earlier, **given}
