"""What is said on a WebSocket at /ws: a text frame in, the reply out, in OpenEnv's words."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from atari_cli.errors import AtariError, UnknownSession
from atari_cli.server import mcp
from atari_cli.server.endpoints import encoder, with_task
from atari_cli.server.exchange import Context, Problem
from atari_cli.server.sessions import Session
from atari_cli.wire.models import Action, Message, StateMessage, error_list, read_settings
from atari_cli.wire.text import Json, from_json, state_json, to_json


class Answer(NamedTuple):
    """What follows a frame.

    Attributes:
        reply: The frame to send; None is none.
        ends: Whether the connection is closed after it.
    """

    reply: bytes | None
    ends: bool = False


class Conversation:
    """Answers the frames of one connection about one session.

    Args:
        context: What requests are about.
        session: The session.
    """

    def __init__(self, context: Context, session: Session) -> None:
        self._context = context
        self._session = session

    def answer(self, frame: str | bytes) -> Answer:
        """Return what follows a frame; each gets exactly one reply, but for `close`."""
        if isinstance(frame, bytes):
            return error("SESSION_ERROR", "expected a text frame, got a binary one", ends=True)
        try:
            message = from_json(frame)
        except ValueError as problem:
            return error("INVALID_JSON", f"Invalid JSON: {problem}")
        kind = message.get("type") if isinstance(message, dict) else None
        if isinstance(message, dict) and (not isinstance(kind, str) or kind not in _KINDS):
            return error("UNKNOWN_TYPE", f"Unknown message type: {str(kind)[:100]}")
        try:
            return _KINDS[str(kind)](self, message) if kind else _no_object(message)
        except ValidationError as problem:
            return error("VALIDATION_ERROR", "Invalid message", errors=error_list(problem))
        except UnknownSession as problem:
            return error("SESSION_ERROR", str(problem), ends=True)
        except Problem as problem:
            return error("EXECUTION_ERROR", str(problem.args[1]))
        except AtariError as problem:
            return error("EXECUTION_ERROR", str(problem))

    def _reset(self, message: Json) -> Answer:
        data = Message.model_validate(message).data
        settings, ignored = read_settings(with_task(data))
        encode = encoder(self._context, ignored)
        seed, episode_id = data.get("seed"), data.get("episode_id")
        name = None if episode_id is None else str(episode_id)
        return _observation(self._session.reset(encode, seed, name, settings))

    def _step(self, message: Json) -> Answer:
        action = Action.model_validate(Message.model_validate(message).data)
        return _observation(self._session.step(encoder(self._context), action.action_id))

    def _state(self, message: Json) -> Answer:
        StateMessage.model_validate(message)
        return Answer(b'{"type":"state","data":%b}' % state_json(self._session.state()))

    def _close(self, message: Json) -> Answer:
        StateMessage.model_validate(message)
        return Answer(None, ends=True)

    def _mcp(self, message: Json) -> Answer:
        data = Message.model_validate(message).data
        reply = mcp.answer(data, self._context.sessions, self._session)
        return Answer(to_json({"type": "mcp", "data": reply}))


_KINDS: Final[dict[str, Callable[[Conversation, Json], Answer]]] = {
    "reset": Conversation._reset,
    "step": Conversation._step,
    "state": Conversation._state,
    "close": Conversation._close,
    "mcp": Conversation._mcp,
}


def error(code: str, message: str, *, ends: bool = False, **more: object) -> Answer:
    """Return an error frame."""
    document = {"type": "error", "data": {"message": message, "code": code, **more}}
    return Answer(to_json(document), ends)


def _no_object(message: Any) -> Answer:
    found: Json = {
        "type": "dict_type",
        "loc": [],
        "msg": "Input should be an object",
        "input": None,
    }
    return error("VALIDATION_ERROR", "Invalid message", errors=[found])


def _observation(result: bytes) -> Answer:
    return Answer(b'{"type":"observation","data":%b}' % result)
