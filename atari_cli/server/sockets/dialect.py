"""The way of a WebSocket message: decode it, call its handler, encode the answer."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from atari_cli.errors import AtariError, InvalidSetting, UnknownSession
from atari_cli.server.routes.tasks import with_task
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.session import Session
from atari_cli.server.transport.websocket import WebSocket
from atari_cli.wire.atari_v1 import pack_message
from atari_cli.wire.json_text import Json, Piece, from_json, to_json
from atari_cli.wire.models import MAX_NAME, Action, Message, StateMessage, error_list, read_settings

SEEN: Final = "seen"
PING: Final = "ping"
_UNATTENDED: Final = {SEEN, PING}
"""The types of the messages that a page sends even if nobody is there."""

_DATA: Final[Json] = {}

_log: Final = logging.getLogger("atari.server")


class Answer(NamedTuple):
    """The response to one message.

    Attributes:
        text: The reply as JSON text, in pieces; empty if there is none, or a binary one.
        header: The header of a binary reply: its type and data.
        payload: The payload of a binary reply, in pieces.
        compress: Whether that payload is compressed.
        ends: Whether the connection is closed after it.
        outcome: `ok`, or the code of an error.
    """

    text: Sequence[Piece] = ()
    header: Json | None = None
    payload: Sequence[Piece] = ()
    compress: bool = False
    ends: bool = False
    outcome: str = "ok"


class MessageHandler(NamedTuple):
    """The two functions that answer one type of message.

    Attributes:
        read: Makes a value of its data; None if it has no data.
        answer: Takes the value, and the session that the message is about if there is one.
        repeat: Takes the session, and returns the last answer once more to a client that did not
            receive it; None if `answer` may be called again.
    """

    read: Callable[[Json], Any] | None
    answer: Callable[[Any, Any], Answer]
    repeat: Callable[[Any], Answer] | None = None


MessageHandlers = Mapping[str, MessageHandler]
"""The handler of each type of message."""


class Envelope(BaseModel):
    """The keys of a request that OpenEnv's messages do not have."""

    id: Annotated[int, Field(strict=True)] | Annotated[str, Field(max_length=MAX_NAME)] | None = (
        None
    )
    session: str | None = None


class Wanted:
    """The episode that the data of a `reset` ask for.

    Attributes:
        seed: Its seed, unchecked.
        episode_id: Its name.
        settings: Its settings.
        ignored: Keys of the data that mean nothing.

    Raises:
        InvalidSetting: If the name is too long, or the task is unknown.
    """

    def __init__(self, data: Json) -> None:
        values = with_task(data)
        self.seed = _read_seed(values.get("seed"))
        self.episode_id = _read_name(values.get("episode_id"))
        self.settings, self.ignored = read_settings(values)


class _Refused(Exception):
    """Ends the decoding of a message with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


class Responder:
    """Answers the messages of one connection; each gets exactly one reply.

    Args:
        handlers: The handler of each type of message.
        own: The session that a message is about if it names none.
        has_ids: Whether a message may have an id.
        find: Finds the session that a message names; None if no message may name one.
    """

    def __init__(
        self,
        handlers: MessageHandlers,
        own: Session | None = None,
        has_ids: bool = False,
        find: Callable[[str], Session] | None = None,
    ) -> None:
        self._handlers = handlers
        self._own = own
        self._has_ids = has_ids
        self._find = find

    def converse(self, socket: WebSocket, metrics: Metrics) -> bool:
        """Answer each message until the connection ends; return whether the dialect ended it.

        Args:
            socket: The connection.
            metrics: Counts the messages.
        """
        for message in socket.messages():
            with socket.replying:
                kind, answer, pieces = self.answer(message)
                if kind not in _UNATTENDED:
                    socket.last_input = socket.last_heard
                metrics.count_message(kind, answer.outcome, sum(map(len, pieces)))
                if pieces:
                    socket.send(pieces, answer.header is not None)
            if answer.ends:
                return True
        return False

    def answer(self, message: str | bytes) -> tuple[str, Answer, Sequence[Piece]]:
        """Answer a message; every failure is an answer, too.

        Returns:
            Its type, `other` if it is unknown; the answer; and the pieces of the reply.
        """
        kind, name, named = "other", None, None
        try:
            document = _read(message)
            again = bool(self._has_ids and document.pop("again", False))
            name, named = self._envelope(document)
            session = self._session(named)
            kind = self._kind(document)
            handler = self._handlers[kind]
            value = _value(handler, document)
            if handler.repeat and name is not None and session and session is self._own:
                answer = session.answer_once(
                    name,
                    again,
                    partial(handler.answer, value, session),
                    partial(handler.repeat, session),
                )
            else:
                answer = handler.answer(value, session)
        except _Refused as refused:
            answer = refused.answer
        except ValidationError as problem:
            errors = error_list(problem)
            answer = error("VALIDATION_ERROR", "Invalid message", errors=errors)
        except UnknownSession as problem:
            # The end of a session that the message names is not that of the connection's own.
            answer = error("SESSION_ERROR", str(problem), ends=named is None)
        except AtariError as problem:
            answer = error("EXECUTION_ERROR", str(problem))
        except Exception:
            token = secrets.token_hex(4)
            _log.exception("message %s failed", token)
            answer = error("EXECUTION_ERROR", f"the server failed; its log has {token}")
        return kind, answer, _encode(answer, name)

    def _envelope(self, document: Json) -> tuple[int | str | None, str | None]:
        """Take the id and the session's id out of a message."""
        name = document.pop("id", None) if self._has_ids else None
        named = document.pop("session", None) if self._find else None
        # Checked without pydantic, since each step passes here; pydantic lists the faults.
        is_name = name is None or type(name) is int or (type(name) is str and len(name) <= MAX_NAME)
        if is_name and (named is None or type(named) is str):
            return name, named
        envelope = Envelope.model_validate({"id": name, "session": named})
        return envelope.id, envelope.session

    def _session(self, named: str | None) -> Session | None:
        """Return the session that a message is about."""
        if named is None or self._find is None:
            return self._own
        try:
            return self._find(named)
        except AtariError as problem:
            raise _Refused(error("VALIDATION_ERROR", str(problem))) from None

    def _kind(self, document: Json) -> str:
        """Return the type of a message, which has a handler."""
        kind = document.get("type")
        if not isinstance(kind, str) or kind not in self._handlers:
            raise _Refused(error("UNKNOWN_TYPE", f"Unknown message type: {str(kind)[:100]}"))
        return kind


def read_action(data: Json) -> int:
    """Return the action of a `step`'s data.

    Raises:
        ValidationError: If the data are not those of a step.
    """
    action = data.get("action_id")
    if len(data) == 1 and type(action) is int:  # by hand: each step passes here
        return action
    return Action.model_validate(data).action_id


CLOSE: Final = MessageHandler(None, lambda data, session: Answer(ends=True))
"""Closes the connection."""


def text(kind: str, data: object) -> Sequence[Piece]:
    """Return a text message.

    Args:
        kind: Its type.
        data: Its data.
    """
    return (to_json({"type": kind, "data": data}),)


def error(code: str, message: str, *, ends: bool = False, **more: Any) -> Answer:
    """Return an error as an answer.

    Args:
        code: The code of the error.
        message: One line for people.
        ends: Whether the connection is closed after it.
        more: Further data.
    """
    return Answer(
        text("error", {"message": message, "code": code, **more}), ends=ends, outcome=code
    )


def _read_name(episode_id: object) -> str | None:
    """Return the name of an episode; it may be as long as over HTTP.

    Raises:
        InvalidSetting: If it is longer.
    """
    name = None if episode_id is None else str(episode_id)
    if name and len(name) > MAX_NAME:
        raise InvalidSetting(f"episode_id has at most {MAX_NAME} characters, got {len(name)}")
    return name


def _read_seed(seed: object) -> Any:
    """Return a seed as a number if it is text, as programs write one that is not exact for them."""
    return int(seed) if isinstance(seed, str) and re.fullmatch("[0-9]{1,19}", seed) else seed


def _read(message: str | bytes) -> Json:
    """Return the JSON object of a message."""
    if isinstance(message, bytes):
        raise _Refused(
            error("SESSION_ERROR", "expected a text message, got a binary one", ends=True)
        )
    try:
        document = from_json(message)
    except ValueError as problem:
        raise _Refused(error("INVALID_JSON", f"Invalid JSON: {problem}")) from None
    if not isinstance(document, dict):
        found: Json = {"type": "dict_type", "loc": [], "msg": "Input should be an object"}
        raise _Refused(
            error("VALIDATION_ERROR", "Invalid message", errors=[{**found, "input": None}])
        )
    return document


def _value(handler: MessageHandler, message: Json) -> Any:
    """Return the value that a handler takes of a message without an envelope."""
    if handler.read is None:
        StateMessage.model_validate(message)
        return None
    data = message.get("data", _DATA)
    if len(message) != 1 + ("data" in message) or type(data) is not dict:
        data = Message.model_validate(message).data
    return handler.read(data)


def _encode(answer: Answer, name: int | str | None) -> Sequence[Piece]:
    """Return the pieces of a reply, which carries the id of its request."""
    extra = {} if name is None else {"id": name}
    if answer.header is not None:
        return pack_message({**answer.header, **extra}, answer.payload, answer.compress)
    if not answer.text or not extra:
        return answer.text
    first, *rest = answer.text  # the beginning of an object with at least a type
    return (to_json(extra)[:-1], b",", memoryview(first)[1:], *rest)
