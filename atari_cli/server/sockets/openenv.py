"""What is said on a WebSocket at /ws: a text frame in, the reply out, in OpenEnv's words."""

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from atari_cli.errors import AtariError, InvalidSetting, UnknownSession
from atari_cli.model import AtariState, StepResult
from atari_cli.server import mcp
from atari_cli.server.routes.task_api import with_task
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.session import Encode, Session
from atari_cli.wire.json_text import Json, Piece, from_json, result_json, state_json, to_json
from atari_cli.wire.models import (
    MAX_NAME,
    Action,
    Message,
    StateMessage,
    error_list,
    read_settings,
)

_log: Final = logging.getLogger("atari.server")


class Answer(NamedTuple):
    """What follows a frame.

    Attributes:
        reply: The pieces of the frame to send; none if there is nothing to send.
        ends: Whether the connection is closed after it.
        is_binary: Whether the reply is a binary frame.
        outcome: `ok`, or the code of an error.
        then: What is done when the reply was sent.
    """

    reply: Sequence[Piece]
    ends: bool = False
    is_binary: bool = False
    outcome: str = "ok"
    then: Callable[[], object] | None = None

    @property
    def size(self) -> int:
        """Bytes of the reply."""
        return sum(map(len, self.reply))


class Answering:
    """Answers the frames of one connection, each by its type.

    Args:
        context: What requests are about.

    Attributes:
        kind: The type of the frame that was answered last, `other` if there is no such.
        kinds: What answers each type.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kind = "other"
        self.kinds: dict[str, Callable[[Json], Answer]] = {"close": self._close}

    def end(self) -> None:
        """Stop what goes on of itself; the connection has ended."""

    def answer(self, frame: str | bytes) -> Answer:
        """Return what follows a frame; each gets exactly one reply, but for `close`."""
        self.kind = "other"
        if isinstance(frame, bytes):
            return error("SESSION_ERROR", "expected a text frame, got a binary one", ends=True)
        try:
            message = from_json(frame)
        except ValueError as problem:
            return error("INVALID_JSON", f"Invalid JSON: {problem}")
        if not isinstance(message, dict):
            found: Json = {"type": "dict_type", "loc": [], "msg": "Input should be an object"}
            return error("VALIDATION_ERROR", "Invalid message", errors=[{**found, "input": None}])
        return self.answer_message(message)

    def answer_message(self, message: Json) -> Answer:
        """Return what follows a frame that was read; whatever goes wrong is a reply, too."""
        kind = message.get("type")
        answer = self.kinds.get(kind) if isinstance(kind, str) else None
        if answer is None:
            return error("UNKNOWN_TYPE", f"Unknown message type: {str(kind)[:100]}")
        self.kind = str(kind)
        try:
            return answer(message)
        except ValidationError as problem:
            return error("VALIDATION_ERROR", "Invalid message", errors=error_list(problem))
        except UnknownSession as problem:
            return error("SESSION_ERROR", str(problem), ends=True)
        except AtariError as problem:
            return error("EXECUTION_ERROR", str(problem))
        except Exception:
            name = secrets.token_hex(4)
            _log.exception("frame %s failed", name)
            return error("EXECUTION_ERROR", f"the server failed; its log has {name}")

    def _close(self, message: Json) -> Answer:
        StateMessage.model_validate(message)
        return Answer((), ends=True)


class Conversation(Answering):
    """Answers the frames of one connection about one session.

    Args:
        context: What requests are about.
        session: The session.
    """

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context)
        self.session = session
        self.kinds |= {
            "reset": self._reset,
            "step": self._step,
            "state": self._state,
            "mcp": self._mcp,
        }

    def _reset(self, message: Json) -> Answer:
        values = with_task(read_data(message))
        settings, ignored = read_settings(values)
        seed, episode_id = values.get("seed"), values.get("episode_id")
        told = self.session.reset(_teller(ignored), seed, read_name(episode_id), settings)
        return Answer(told)

    def _step(self, message: Json) -> Answer:
        action = Action.model_validate(read_data(message)).action_id
        with self.context.metrics.steps():
            return Answer(self.session.step(_teller(), action))

    def _state(self, message: Json) -> Answer:
        StateMessage.model_validate(message)
        return Answer((b'{"type":"state","data":%b}' % state_json(self.session.state()),))

    def _mcp(self, message: Json) -> Answer:
        caller = mcp.Caller(self.context.sessions, self.context.metrics, self.session)
        # Each frame has a reply, so that OpenEnv's clients do not wait for ever.
        nothing: Json = {"jsonrpc": "2.0", "id": None, "result": {}}
        reply = mcp.answer(read_data(message), caller) or nothing
        return Answer((to_json({"type": "mcp", "data": reply}),))


def read_data(message: Json) -> Json:
    """Return the data of a frame that may have some, and nothing else."""
    return Message.model_validate(message).data


def read_name(episode_id: object) -> str | None:
    """Return the name of an episode; it may be as long as over HTTP.

    Raises:
        InvalidSetting: If it is longer.
    """
    name = None if episode_id is None else str(episode_id)
    if name and len(name) > MAX_NAME:
        raise InvalidSetting(f"episode_id has at most {MAX_NAME} characters, got {len(name)}")
    return name


def error(code: str, message: str, *, ends: bool = False, **more: Any) -> Answer:
    """Return an error frame."""
    document = {"type": "error", "data": {"message": message, "code": code, **more}}
    return Answer((to_json(document),), ends, outcome=code)


def _teller(ignored: Sequence[str] = ()) -> Encode[list[Piece]]:
    """Return what makes a frame of a result."""

    def tell(result: StepResult, state: AtariState) -> list[Piece]:
        return [b'{"type":"observation","data":', *result_json(result, state, ignored), b"}"]

    return tell
