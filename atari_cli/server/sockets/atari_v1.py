"""The same with a client of ours: binary replies, request ids, many steps at a time."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from atari_cli.errors import AtariError, InvalidAction, InvalidSetting
from atari_cli.games import find_game
from atari_cli.model import AtariState, StepResult
from atari_cli.pictures.png import png
from atari_cli.server.routes.task_api import with_task
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.openenv import Answer, Conversation, error, read_data, read_name
from atari_cli.wire.atari_v1 import (
    MOST_ACTIONS,
    episode_data,
    pack_message,
    result_data,
    screen,
)
from atari_cli.wire.json_text import Json, Piece, to_json
from atari_cli.wire.models import Action, StateMessage, error_list, read_settings

_MOST_REMEMBERED: Final = 4096

Told = tuple[Json, memoryview]
"""What a header says about a result, and its screen."""


Actions = Annotated[list[int], Field(fail_fast=True)]
"""A message has room for millions that are wrong: the first is enough."""


class Lots(BaseModel):
    """The data of a `step_many`."""

    model_config = ConfigDict(extra="forbid")

    actions: Actions | None = None
    sessions: dict[str, Actions] | None = None
    observations: Literal["all", "last"] = "all"


class Envelope(BaseModel):
    """What stands in a request beside OpenEnv's keys."""

    id: Annotated[int, Field(strict=True)] | Annotated[str, Field(max_length=255)] | None = None
    session: str | None = None


class BinaryConversation(Conversation):
    """Answers the frames of one connection that negotiated `atari.v1` (docs/protocol.md).

    Args:
        context: What requests are about.
        session: The connection's own session.
        compress: Whether payloads are compressed.

    Attributes:
        own: The connection's own session, whichever one is spoken about.
    """

    def __init__(self, context: Context, session: Session, compress: bool) -> None:
        super().__init__(context, session)
        self.kinds |= {"step_many": self._step_many, "frame": self._frame}
        self.own = session
        self._compress = compress
        self._request: Json = {}  # the id of the request that is being answered, if it has one
        self._known: dict[str, int] = {}  # by session, the number of the episode last described

    def answer_message(self, message: Json) -> Answer:
        """Return what follows a frame; the reply carries the request's id."""
        self._request, self.session = {}, self.own
        beside = {key: message.pop(key) for key in ("id", "session") if key in message}
        if not beside:
            return super().answer_message(message)
        try:
            envelope = Envelope.model_validate(beside)
            self._request = {} if envelope.id is None else {"id": envelope.id}
            if envelope.session is not None:
                self.session = self.context.sessions.get(envelope.session)
        except ValidationError as problem:
            answer = error("VALIDATION_ERROR", "Invalid message", errors=error_list(problem))
        except AtariError as problem:
            answer = error("VALIDATION_ERROR", str(problem))
        else:
            answer = super().answer_message(message)
            if self.session is not self.own and answer.outcome == "SESSION_ERROR":
                answer = answer._replace(ends=False)  # another session's end is not this one's
        return with_id(answer, self._request)

    def _reset(self, message: Json) -> Answer:
        values = with_task(read_data(message))
        settings, ignored = read_settings(values)
        seed, episode_id = values.get("seed"), values.get("episode_id")
        tell = self._teller(self.session, ignored)
        data, shown = self.session.reset(tell, seed, read_name(episode_id), settings)
        return self._message("observation", data, (shown,))

    def _step(self, message: Json) -> Answer:
        action = Action.model_validate(read_data(message)).action_id
        tell = self._teller(self.session)
        with self.context.metrics.steps():
            data, shown = self.session.step(tell, action)
        return self._message("observation", data, (shown,))

    def _step_many(self, message: Json) -> Answer:
        lots = Lots.model_validate(read_data(message))
        if (lots.actions is None) == (lots.sessions is None):
            raise InvalidSetting("step_many takes either actions or sessions")
        actions = lots.sessions or {self.session.id: lots.actions or []}
        if not all(actions.values()):
            raise InvalidSetting("a lot has at least one action")
        if sum(map(len, actions.values())) > MOST_ACTIONS:
            raise InvalidSetting(f"step_many takes at most {MOST_ACTIONS} actions at a time")
        told: list[Json] = []
        screens: list[memoryview] = []
        for identity, lot in actions.items():
            try:
                session = self.session if lots.actions else self.context.sessions.get(identity)
                rows, shown = self._play(session, lot, lots.observations == "last")
            except AtariError as problem:
                if lots.actions:
                    raise
                told.append({"session_id": identity, "error": _describe(problem)})
            else:
                told.append(rows)
                screens += shown
        return self._message("observations", {"lots": told}, screens)

    def _play(
        self, session: Session, actions: list[int], last_only: bool
    ) -> tuple[Json, list[memoryview]]:
        """Play a lot and return what is told about it, and its screens."""
        with self.context.metrics.steps(0):
            told = session.step_many(self._teller(session), actions)
        self.context.metrics.env_steps.inc(len(told))
        rows: dict[str, Any] = {"session_id": session.id}
        for data, _ in told:
            if "episode" in data:
                rows["episode"] = data.pop("episode")
        rows |= {key: [data[key] for data, _ in told] for key in told[0][0]}
        screens = [shown for _, shown in told[-1 if last_only else 0 :]]
        return {**rows, "screens": len(screens)}, screens

    def _frame(self, message: Json) -> Answer:
        StateMessage.model_validate(message)

        def encode(result: StepResult, state: AtariState) -> bytes:
            return png(result.observation.indices, find_game(state.game_name))

        return self._message("frame", {}, (self.session.look(encode),), compress=False)

    def _teller(
        self, session: Session, ignored: list[str] | None = None
    ) -> Callable[[StepResult, AtariState], Told]:
        """Return what tells a result, with its episode if this connection does not know it."""

        def tell(result: StepResult, state: AtariState) -> Told:
            data = result_data(result)
            if self._known.get(session.id) != session.episodes:
                data["episode"] = episode_data(
                    result, state, session.id, session.watch_key, ignored or ()
                )
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known.clear()
                self._known[session.id] = session.episodes
            return data, screen(result, state.obs_type)

        return tell

    def _message(
        self, kind: str, data: Json, payload: Sequence[Piece], compress: bool | None = None
    ) -> Answer:
        header = {"type": kind, "data": data, **self._request}
        compress = self._compress if compress is None else compress
        return Answer(pack_message(header, payload, compress), is_binary=True)


def with_id(answer: Answer, request: Json) -> Answer:
    """Return an answer that carries the id of its request, if that had one: `{"id": 7}`.

    A binary reply has it already.
    """
    if answer.is_binary or not answer.reply or not request:
        return answer
    (text,) = answer.reply  # an object with at least a type
    return answer._replace(reply=(to_json(request)[:-1], b",", memoryview(text)[1:]))


def _describe(problem: AtariError) -> Json:
    code = "EXECUTION_ERROR" if isinstance(problem, InvalidAction) else "SESSION_ERROR"
    return {"code": code, "message": str(problem)}
