"""The dialect `atari.v1` (docs/protocol.md): binary replies, request ids, batches of steps."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from atari_cli.errors import AtariError, InvalidAction, InvalidSetting
from atari_cli.model import AtariState, StepResult
from atari_cli.pictures.png import png
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Session
from atari_cli.server.sessions.view import Encode
from atari_cli.server.sockets.dialect import Answer, Call, Handlers, Wanted, read_action
from atari_cli.wire.atari_v1 import MOST_ACTIONS, episode_data, result_data, screen
from atari_cli.wire.json_text import Json

_MOST_REMEMBERED: Final = 4096

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
        context: Server-wide state.
        session: The connection's own session, meant by a message that names none.
        compress: Whether payloads are compressed.
    """

    def __init__(self, context: Context, session: Session, compress: bool) -> None:
        self._context = context
        self._session = session
        self._compress = compress
        self._known: dict[str, int] = {}  # by session, the number of the episode last described

    def table(self) -> Handlers:
        """Return the handlers by type."""
        return {
            "reset": self._reset,
            "step": self._step,
            "step_many": self._step_many,
            "frame": self._frame,
        }

    def _reset(self, call: Call) -> Answer:
        wanted = Wanted(call.data)
        session = call.session or self._session
        encode = self._encoder(session, wanted.ignored)
        data, shown = session.reset(encode, wanted.seed, wanted.episode_id, wanted.settings)
        return self._answer("observation", data, (shown,))

    def _step(self, call: Call) -> Answer:
        session, action = call.session or self._session, read_action(call.data)
        with self._context.metrics.steps():
            data, shown = session.step(self._encoder(session), action)
        return self._answer("observation", data, (shown,))

    def _step_many(self, call: Call) -> Answer:
        wanted, own = StepMany.model_validate(call.data), call.session or self._session
        batches: list[Json] = []
        screens: list[memoryview] = []
        for identity, actions in wanted.batches(own).items():
            try:
                session = own if wanted.actions else self._context.sessions.get(identity)
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
        with self._context.metrics.steps(0):
            results = session.step_many(self._encoder(session), actions)
        self._context.metrics.env_steps.inc(len(results))
        rows: dict[str, Any] = {"session_id": session.id}
        for data, _ in results:
            if "episode" in data:
                rows["episode"] = data.pop("episode")
        rows |= {key: [data[key] for data, _ in results] for key in results[0][0]}
        screens = [shown for _, shown in results[-1 if last_only else 0 :]]
        return {**rows, "screens": len(screens)}, screens

    def _frame(self, call: Call) -> Answer:
        session = call.session or self._session
        picture = session.read(lambda view: png(view.result.observation.indices, view.game))
        return Answer(header={"type": "frame", "data": {}}, payload=(picture,))

    def _encoder(self, session: Session, ignored: Sequence[str] = ()) -> Encode[Encoded]:
        """Return a function that encodes a result, with an episode that the client does not know.

        Args:
            session: The session.
            ignored: Keys of the request that mean nothing.
        """

        def encode(result: StepResult, state: AtariState) -> Encoded:
            data = result_data(result)
            if self._known.get(session.id) != session.episodes:
                data["episode"] = episode_data(
                    result, state, session.id, session.watch_key, ignored
                )
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known.clear()
                self._known[session.id] = session.episodes
            return data, screen(result, state.obs_type)

        return encode

    def _answer(self, kind: str, data: Json, screens: Sequence[memoryview]) -> Answer:
        header: Json = {"type": kind, "data": data}
        return Answer(header=header, payload=screens, compress=self._compress)


def _describe(problem: AtariError) -> Json:
    code = "EXECUTION_ERROR" if isinstance(problem, InvalidAction) else "SESSION_ERROR"
    return {"code": code, "message": str(problem)}
