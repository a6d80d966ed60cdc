"""The dialect `atari.v1` (docs/protocol.md): binary replies, request ids, batches of steps."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.errors import AtariError, InvalidAction, InvalidSetting, ResetNeeded
from atari_cli.pictures.png import png
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import Encode
from atari_cli.server.sockets.dialect import (
    Answer,
    MessageHandler,
    MessageHandlers,
    Wanted,
    read_action,
)
from atari_cli.wire.atari_v1 import MOST_ACTIONS, ResultEncoder
from atari_cli.wire.json_text import Json

Encoded = tuple[Json, memoryview]
"""A result as the data of a header, and its screen."""

Actions = Annotated[list[int], Field(fail_fast=True)]
"""A message has room for millions that are wrong: the first is enough."""


class StepMany(BaseModel):
    """The data of a `step_many`."""

    model_config = ConfigDict(extra="forbid")

    actions: Actions | None = None
    sessions: dict[str, Actions] | None = None
    observations: Literal["all", "last"] = "all"

    def batches(self, own: Session) -> dict[str, list[int]]:
        """Return the actions for each session, by its id.

        Args:
            own: The session that the actions are for if none is named.

        Raises:
            InvalidSetting: If there are no batches, an empty one, or too many actions.
        """
        if (self.actions is None) == (self.sessions is None):
            raise InvalidSetting("step_many takes either actions or sessions")
        batches = self.sessions or {own.id: self.actions or []}
        if not all(batches.values()):
            raise InvalidSetting("a batch has at least one action")
        if sum(map(len, batches.values())) > MOST_ACTIONS:
            raise InvalidSetting(f"step_many takes at most {MOST_ACTIONS} actions at a time")
        return batches


class AtariV1Handlers:
    """Answers messages in binary; the dialect's other types are OpenEnv's.

    Args:
        find: Finds a session by its id.
        compress: Whether payloads are compressed.
    """

    def __init__(self, find: Callable[[str], Session], compress: bool) -> None:
        self._find = find
        self._compress = compress
        self._encoder = ResultEncoder()

    def table(self) -> MessageHandlers:
        """Return the handlers by type."""
        return {
            "reset": MessageHandler(Wanted, self._reset, self._last),
            "step": MessageHandler(read_action, self._step, self._last),
            "step_many": MessageHandler(StepMany.model_validate, self._step_many, _no_batch),
            "frame": MessageHandler(None, _frame),
        }

    def _reset(self, wanted: Wanted, session: Session) -> Answer:
        encode = self._encode(session, wanted.ignored)
        data, screen = session.reset(encode, wanted.seed, wanted.episode_id, wanted.settings)
        return self._answer("observation", data, (screen,))

    def _step(self, action: int, session: Session) -> Answer:
        data, screen = session.step(self._encode(session), action)
        return self._answer("observation", data, (screen,))

    def _last(self, session: Session) -> Answer:
        encode = self._encode(session)
        data, screen = session.read(lambda view: encode(view.result, view.state))
        return self._answer("observation", data, (screen,))

    def _step_many(self, wanted: StepMany, own: Session) -> Answer:
        batches: list[Json] = []
        screens: list[memoryview] = []
        for identity, actions in wanted.batches(own).items():
            try:
                session = own if wanted.actions else self._find(identity)
                batch, shown = self._play(session, actions, wanted.observations == "last")
            except AtariError as problem:
                if wanted.actions:
                    raise
                batches.append({"session_id": identity, "error": _describe(problem)})
            else:
                batches.append(batch)
                screens += shown
        return self._answer("observations", {"lots": batches}, screens)

    def _play(
        self, session: Session, actions: list[int], last_only: bool
    ) -> tuple[Json, list[memoryview]]:
        """Play a batch, and return its part of the header and its screens."""
        results = session.step_many(self._encode(session), actions)
        rows: dict[str, Any] = {"session_id": session.id}
        for data, _ in results:
            if "episode" in data:
                rows["episode"] = data.pop("episode")
        rows |= {key: [data[key] for data, _ in results] for key in results[0][0]}
        screens = [shown for _, shown in results[-1 if last_only else 0 :]]
        return {**rows, "screens": len(screens)}, screens

    def _encode(self, session: Session, ignored: Sequence[str] = ()) -> Encode[Encoded]:
        return partial(self._encoder.encode, session.id, session.watch_key, ignored)

    def _answer(self, kind: str, data: Json, screens: Sequence[memoryview]) -> Answer:
        header: Json = {"type": kind, "data": data}
        return Answer(header=header, payload=screens, compress=self._compress)


def _no_batch(session: Session) -> Answer:
    raise ResetNeeded("these actions were played and their results are gone: ask for the state")


def _frame(nothing: None, session: Session) -> Answer:
    picture = session.read(lambda view: png(view.result.observation.indices, view.game))
    return Answer(header={"type": "frame", "data": {}}, payload=(picture,))


def _describe(problem: AtariError) -> Json:
    code = "EXECUTION_ERROR" if isinstance(problem, InvalidAction) else "SESSION_ERROR"
    return {"code": code, "message": str(problem)}
