"""A message becomes a call, and its answer becomes a reply with the id of the message."""

import json
import sys
from types import FrameType
from typing import Any

import pytest

from atari_cli.config import EnvironmentConfig, ServeConfig
from atari_cli.errors import InvalidSetting, UnknownSession
from atari_cli.server.sessions.context import Context
from atari_cli.server.sessions.metrics import Metrics
from atari_cli.server.sessions.register import Sessions
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.atari_v1 import AtariV1Handlers
from atari_cli.server.sockets.dialect import Answer, Call, Responder, close, text
from atari_cli.wire.atari_v1 import unpack_message
from tests.server.sessions.test_register import register


def echo(call: Call) -> Answer:
    return Answer(text("echo", call.data))


def pack(call: Call) -> Answer:
    return Answer(header={"type": "packed", "data": {}}, payload=(b"ab", b"c"), compress=True)


def fail(call: Call) -> Answer:
    raise {"gone": UnknownSession, "wrong": InvalidSetting, "bug": KeyError}[call.data["how"]]("x")


def find(identity: str) -> Session:
    if identity != "other":
        raise UnknownSession("no such session")
    return register().open()


HANDLERS = {"echo": echo, "pack": pack, "fail": fail, "close": close}
DIALECT = Responder(HANDLERS, has_ids=True, find=find)


def ask(message: Any, dialect: Responder = DIALECT) -> tuple[str, Answer, Any]:
    kind, answer, pieces = dialect.answer(json.dumps(message))
    reply = b"".join(pieces)
    if answer.header is not None:
        return kind, answer, unpack_message(reply, 100)
    return kind, answer, json.loads(reply) if reply else None


@pytest.mark.parametrize("name", [0, 7, "seven", "", "x" * 255])
def test_a_reply_carries_the_id_in_text_and_in_binary(name: object) -> None:
    kind, answer, reply = ask({"type": "echo", "id": name, "data": {"a": [1]}})
    assert (kind, answer.outcome) == ("echo", "ok")
    assert reply == {"id": name, "type": "echo", "data": {"a": [1]}}
    header, payload = ask({"type": "pack", "id": name})[2]
    assert (header["id"], header["type"], bytes(payload)) == (name, "packed", b"abc")


@pytest.mark.parametrize("name", [True, 1.5, [1], "x" * 256])
def test_an_invalid_id_is_reported(name: object) -> None:
    kind, answer, reply = ask({"type": "echo", "id": name})
    assert (kind, answer.outcome) == ("other", "VALIDATION_ERROR")
    assert reply["data"]["errors"][0]["loc"][0] == "id"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "echo", "data": []},
        {"type": "echo", "more": 1},
        {"type": "echo", "data": {}, "more": 1},
        {"type": "close", "data": {}},
    ],
)
def test_unexpected_keys_and_values_of_a_message_are_reported(message: object) -> None:
    kind, answer, reply = ask(message)
    assert answer.outcome == "VALIDATION_ERROR"
    assert reply["data"]["message"] == "Invalid message"
    assert len(reply["data"]["errors"]) == 1


def test_a_dialect_without_ids_and_sessions_refuses_such_keys() -> None:
    plain = Responder(HANDLERS)
    assert ask({"type": "echo", "id": 1}, plain)[1].outcome == "VALIDATION_ERROR"
    assert ask({"type": "echo", "session": "other"}, plain)[1].outcome == "VALIDATION_ERROR"
    assert ask({"type": "echo", "data": {"id": 1}}, plain)[2]["data"] == {"id": 1}


@pytest.mark.parametrize(
    ("how", "named", "outcome", "ends"),
    [
        ("gone", {}, "SESSION_ERROR", True),
        ("gone", {"session": "other"}, "SESSION_ERROR", False),
        ("wrong", {}, "EXECUTION_ERROR", False),
        ("bug", {}, "EXECUTION_ERROR", False),
    ],
)
def test_each_failure_becomes_an_answer(
    how: str, named: dict[str, str], outcome: str, ends: bool
) -> None:
    kind, answer, reply = ask({"type": "fail", "id": 1, "data": {"how": how}, **named})
    assert (kind, answer.outcome, answer.ends, reply["id"]) == ("fail", outcome, ends, 1)


def test_a_message_for_an_unknown_session_is_invalid() -> None:
    _, answer, reply = ask({"type": "echo", "id": 5, "session": "none"})
    assert (answer.outcome, answer.ends, reply["id"]) == ("VALIDATION_ERROR", False, 5)


def test_close_gets_no_reply() -> None:
    kind, answer, reply = ask({"type": "close"})
    assert (kind, answer.ends, reply) == ("close", True, None)


def test_a_step_passes_few_modules_of_the_server() -> None:
    """With those of the transport and the game, a step over a WebSocket passes a dozen modules."""
    context = Context(ServeConfig(), Sessions(EnvironmentConfig(), 1, 60.0), Metrics())
    dialect = Responder(AtariV1Handlers(context, context.sessions.open(), False).table(), True)
    step = '{"type": "step", "id": 1, "data": {"action_id": 0}}'
    dialect.answer(step)
    passed: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("atari_cli.server.", "atari_cli.wire.")):
            passed.add(module.removeprefix("atari_cli."))

    sys.setprofile(note)
    try:
        dialect.answer(step)
    finally:
        sys.setprofile(None)
    assert passed == {
        "server.sockets.dialect",
        "server.sockets.atari_v1",
        "server.sessions.session",
        "server.sessions.request_queue",
        "server.sessions.phases",
        "server.sessions.spectators",
        "server.sessions.metrics",
        "wire.atari_v1",
        "wire.json_text",
    }
