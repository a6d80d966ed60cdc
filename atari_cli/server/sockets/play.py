"""The part of `atari.v1` for a client at which a person plays: the server paces the game."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.config import WEB_SETTINGS
from atari_cli.errors import InvalidSetting, ResetNeeded
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.held_input import Held
from atari_cli.server.sessions.realtime_pacer import RealtimePacer
from atari_cli.server.sessions.replay_session import ReplaySession
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.dialect import (
    PING,
    SEEN,
    Answer,
    MessageHandler,
    MessageHandlers,
    Wanted,
    error,
    text,
)
from atari_cli.server.sockets.screen_stream import ScreenStream
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.json_text import Json

_SETTINGS: Final = {**WEB_SETTINGS, "obs_type": "rgb"}


class NoOtherKeys(BaseModel):
    """Data that have these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Input(NoOtherKeys):
    """The data of an `input`."""

    code: Annotated[int, Field(ge=0, le=17)]
    paddle: Annotated[float, Field(ge=0.0, le=1.0)] | None = None


class Pace(NoOtherKeys):
    """The data of a `pace`."""

    paused: bool | None = None
    speed: Annotated[float, Field(ge=0.25, le=4.0)] | None = None


class Seen(NoOtherKeys):
    """The data of a `seen`."""

    number: Annotated[int, Field(ge=0)]


class ReplayFrom(NoOtherKeys):
    """The data of a `replay`."""

    step: Annotated[int, Field(ge=0)] | None = None
    paused: bool | None = None


class PlayHandlers:
    """Plays a connection's own session at the console's pace, once the client asks for it.

    Args:
        context: Server-wide state.
        session: The connection's own session.
        socket: Where the screens are sent.
    """

    def __init__(self, context: Context, session: Session, socket: WebSocket) -> None:
        self._context = context
        self._session = session
        self._socket = socket
        self._pacer: RealtimePacer | None = None
        self._stream: ScreenStream | None = None

    def table(self) -> MessageHandlers:
        """Return the handlers by type."""
        return {
            "play": MessageHandler(dict, self._play),
            "input": MessageHandler(Input.model_validate, self._input),
            "pace": MessageHandler(Pace.model_validate, self._pace),
            SEEN: MessageHandler(Seen.model_validate, self._see),
            PING: MessageHandler(None, lambda nothing, session: Answer(text("pong", {}))),
            "replay": MessageHandler(ReplayFrom.model_validate, self._replay),
        }

    def end(self) -> None:
        """Stop playing and sending; the session stays as it is."""
        if self._pacer:
            self._pacer.stop()
        if self._stream:
            self._stream.stop()

    def _play(self, data: Json, session: Session) -> Answer:
        self._check_own(session)
        pace = Pace.model_validate({key: data.pop(key) for key in Pace.model_fields if key in data})
        paused, speed = False, None
        if not data.pop("resume", False):
            self._reset_to(data)
        elif data or not self._session.episodes:
            raise ResetNeeded("there is nothing to resume: begin a game, with settings or none")
        else:
            paused, speed = self._session.pace
        pacer = self._ready()
        pacer.held_input.let_go()
        pacer.set_pace(paused if pace.paused is None else pace.paused, pace.speed or speed)
        pacer.start()
        return Answer(text("playing", self._described(pacer)))

    def _replay(self, wanted: ReplayFrom, session: Session) -> Answer:
        self._check_own(session)
        if not isinstance(session, ReplaySession):
            raise InvalidSetting("this session replays nothing: send a recording to /web/replay")
        step = session.at if wanted.step is None else wanted.step
        session.check_step(step)  # before the pace changes
        pacer = self._ready()
        pacer.set_pace(wanted.paused, None)
        session.seek(step, lambda: not self._socket.has_left())
        place = {"steps": session.episode.steps, "step": session.at}
        pacer.start()
        return Answer(text("replaying", {**self._described(pacer), **place}))

    def _described(self, pacer: RealtimePacer) -> Json:
        return {
            "session_id": self._session.id,
            "watch": self._session.watch_key,
            "paused": pacer.paused,
            "speed": pacer.speed,
        }

    def _reset_to(self, data: Json) -> None:
        wanted = Wanted(data)
        self._session.keep_episode()
        settings = {**_SETTINGS, **wanted.settings}
        self._session.reset(lambda *begun: None, wanted.seed, wanted.episode_id, settings)

    def _ready(self) -> RealtimePacer:
        """Return the session's pacer, with a stream that watches it."""
        pacer = self._ready_pacer()
        if self._stream is None:
            stream = ScreenStream(self._socket, self._context.metrics, self._session, True)
            stream.start()
            self._stream = stream
        return pacer

    def _ready_pacer(self) -> RealtimePacer:
        """Return the session's pacer; one that another connection left there stops."""
        if self._pacer is None or not self._session.is_played_by(self._pacer):
            self._pacer = RealtimePacer(self._session, self._report_failure, self._warn)
            self._session.play_with(self._pacer)
        return self._pacer

    def _input(self, held: Input, session: Session) -> Answer:
        self._playing(session).held_input.hold(Held(held.code, held.paddle))
        return Answer()

    def _pace(self, pace: Pace, session: Session) -> Answer:
        self._playing(session).set_pace(pace.paused, pace.speed)
        return Answer()

    def _see(self, seen: Seen, session: Session) -> Answer:
        if self._stream:
            self._stream.seen(seen.number)
        return Answer()

    def _playing(self, session: Session) -> RealtimePacer:
        self._check_own(session)
        if self._pacer is None:
            raise ResetNeeded("nothing is played on this connection: send `play` first")
        return self._pacer

    def _check_own(self, session: Session) -> None:
        if session is not self._session:
            raise InvalidSetting(
                "a connection plays its own session alone: join another to play it"
            )

    def _warn(self, seconds: float) -> None:
        self._socket.send(text("idle", {"seconds": round(seconds)}))

    def _report_failure(self) -> None:
        failure = error("EXECUTION_ERROR", "the game failed; the server's log says more")
        self._socket.send(failure.text)
