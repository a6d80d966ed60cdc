"""The same with a client at which a person plays: the server paces the game and shows it."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.config import WEB_SETTINGS
from atari_cli.errors import InvalidSetting, ResetNeeded
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.episode_log import Keeping
from atari_cli.server.sessions.held_input import Held
from atari_cli.server.sessions.realtime_pacer import Player
from atari_cli.server.sessions.replay_session import Rerun
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.atari_v1 import BinaryConversation
from atari_cli.server.sockets.openenv import Answer, error, read_data, read_name
from atari_cli.server.sockets.screen_stream import Viewer
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json, to_json
from atari_cli.wire.models import read_settings

_SETTINGS: Final = {**WEB_SETTINGS, "obs_type": "rgb"}


class Closed(BaseModel):
    """Data with these keys alone."""

    model_config = ConfigDict(extra="forbid")


class Input(Closed):
    """The data of an `input`."""

    code: Annotated[int, Field(ge=0, le=17)]
    paddle: Annotated[float, Field(ge=0.0, le=1.0)] | None = None


class Pace(Closed):
    """The data of a `pace`."""

    paused: bool | None = None
    speed: Annotated[float, Field(ge=0.25, le=4.0)] | None = None


class Seen(Closed):
    """The data of a `seen`."""

    number: Annotated[int, Field(ge=0)]


class Replay(Closed):
    """The data of a `replay`."""

    step: Annotated[int, Field(ge=0)] | None = None
    paused: bool | None = None


class PlayConversation(BinaryConversation):
    """Answers the frames of one connection, and plays its session once it is asked to.

    Args:
        context: What requests are about.
        session: The connection's own session.
        compress: Whether payloads of replies are compressed.
        socket: Where the screens are sent.
    """

    def __init__(
        self, context: Context, session: Session, compress: bool, socket: WebSocket
    ) -> None:
        super().__init__(context, session, compress)
        self.kinds |= {
            "play": self._begin_play,
            "input": self._input,
            "pace": self._pace,
            "seen": self._see,
            "replay": self._replay,
        }
        self._socket = socket
        self._player: Player | None = None
        self._viewer: Viewer | None = None

    def end(self) -> None:
        """Play no more and show nothing; the session stays as it is."""
        if self._player:
            self._player.stop()
        if self._viewer:
            self._viewer.stop()
            self.own.part(self._viewer.show)

    def _begin_play(self, message: Json) -> Answer:
        values = read_data(message)
        self._check_own()
        pace = Pace.model_validate(
            {key: values.pop(key) for key in Pace.model_fields if key in values}
        )
        if not values.pop("resume", False):
            self._reset_to(values)
        elif values or not self.own.episodes:
            raise ResetNeeded("there is nothing to resume: begin a game, with settings or none")
        player = self._ready()
        player.hand.let_go()
        player.set_pace(bool(pace.paused), pace.speed)
        data = {
            "session_id": self.own.id,
            "watch": self.own.watch_key,
            "paused": player.paused,
            "speed": player.speed,
        }
        # The reply goes first: then the screens may come.
        return Answer((to_json({"type": "playing", "data": data}),), then=self._start)

    def _replay(self, message: Json) -> Answer:
        self._check_own()
        wanted = Replay.model_validate(read_data(message))
        session = self.own
        if not isinstance(session, Rerun):
            raise InvalidSetting("this session replays nothing: send a recording to /web/replay")
        session.seek(session.at if wanted.step is None else wanted.step)
        player = self._ready()
        player.set_pace(wanted.paused, None)
        data = {
            "session_id": session.id,
            "watch": session.watch_key,
            "steps": session.episode.steps,
            "step": session.at,
            "paused": player.paused,
            "speed": player.speed,
        }
        return Answer((to_json({"type": "replaying", "data": data}),), then=self._start)

    def _ready(self) -> Player:
        """Return the player of the session, with somebody who looks on."""
        player = self._ready_player()
        if self._viewer is None:
            viewer = Viewer(self._socket, self.context.metrics, self.own.id)
            self.own.join(viewer.show, is_player=True)
            self._viewer = viewer
        return player

    def _reset_to(self, values: Json) -> None:
        settings, _ = read_settings(values)
        self.own.kept = self.own.kept or Keeping()
        seed, name = values.get("seed"), read_name(values.get("episode_id"))
        self.own.reset(lambda result, state: None, seed, name, {**_SETTINGS, **settings})

    def _ready_player(self) -> Player:
        """Return the player of the session; any that another connection left there stops."""
        if self._player is None or self.own.player is not self._player:
            if self.own.player:
                self.own.player.stop()
            self._player = Player(self.own, self.context.metrics, self._tell_failure)
            self.own.player = self._player
        return self._player

    def _start(self) -> None:
        if self._viewer and self._player:
            self._viewer.start()
            self._player.start()

    def _input(self, message: Json) -> Answer:
        held = Input.model_validate(read_data(message))
        self._playing().hand.hold(Held(held.code, held.paddle))
        return Answer(())

    def _pace(self, message: Json) -> Answer:
        pace = Pace.model_validate(read_data(message))
        self._playing().set_pace(pace.paused, pace.speed)
        return Answer(())

    def _see(self, message: Json) -> Answer:
        seen = Seen.model_validate(read_data(message))
        if self._viewer:
            self._viewer.seen(seen.number)
        return Answer(())

    def _playing(self) -> Player:
        self._check_own()
        if self._player is None:
            raise ResetNeeded("nothing is played on this connection: send `play` first")
        return self._player

    def _check_own(self) -> None:
        if self.session is not self.own:
            raise InvalidSetting(
                "a connection plays its own session alone: join another to play it"
            )

    def _tell_failure(self) -> None:
        answer = error("EXECUTION_ERROR", "the game failed; the server's log says more")
        self._socket.send(answer.reply)
