"""A message becomes a call, and its answer becomes a reply with the id of the message."""

import json
import threading
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from websockets.typing import Subprotocol

from atari_cli.errors import InvalidSetting, UnknownSession
from atari_cli.server.sessions.session import Session
from atari_cli.server.sockets.dialect import CLOSE, Answer, MessageHandler, Responder, text
from atari_cli.wire.atari_v1 import unpack_message
from atari_cli.wire.json_text import Json
from tests.server.conftest import Ways
from tests.server.sessions.test_register import register


def echo(data: Json, session: Session | None) -> Answer:
    return Answer(text("echo", data))


def pack(data: Json, session: Session | None) -> Answer:
    return Answer(header={"type": "packed", "data": {}}, payload=(b"ab", b"c"), compress=True)


def fail(data: Json, session: Session | None) -> Answer:
    raise {"gone": UnknownSession, "wrong": InvalidSetting, "bug": KeyError}[data["how"]]("x")


def find(identity: str) -> Session:
    if identity != "other":
        raise UnknownSession("no such session")
    return register().open()


HANDLERS = {
    "echo": MessageHandler(dict, echo),
    "pack": MessageHandler(dict, pack),
    "fail": MessageHandler(dict, fail),
    "close": CLOSE,
}
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


BOTH_PASS = {
    "server.transport.websocket",
    "server.transport.writing",
    "server.sockets.dialect",
    "server.sessions.session",
    "server.sessions.metrics",
    "environment",
    "observation",
    "emulator.console",
    "model",
    "wire.json_text",
}


@pytest.mark.parametrize(
    ("subprotocols", "own"),
    [
        (None, {"server.sockets.openenv", "wire.openenv_json"}),
        (["atari.v1"], {"server.sockets.atari_v1", "wire.atari_v1"}),
    ],
)
def test_a_step_passes_twelve_files_and_crosses_each_boundary_once(
    ways: Ways, subprotocols: list[Subprotocol] | None, own: set[str]
) -> None:
    """Trace the package's code in the connection's thread, from the request to the reply."""
    passed: set[str] = set()
    crossed: Counter[tuple[str, str]] = Counter()
    is_asked = threading.Event()

    def note(frame: FrameType, event: str, argument: object) -> None:
        here = name_of(frame)
        if not is_asked.is_set() or event not in ("call", "return") or not here:
            return
        passed.add(here)
        back = frame.f_back
        while back and not name_of(back):
            back = back.f_back
        # The generator `messages` is left out: its call already waits for the next message.
        if (
            event == "call"
            and back
            and name_of(back) != here
            and frame.f_code.co_name != "messages"
        ):
            crossed[name_of(back), here] += 1

    threading.setprofile(note)
    try:
        socket = ways.talk(subprotocols=subprotocols)
        for _ in range(2):  # the first step boots the game
            socket.send('{"type": "step", "data": {"action_id": 2}}')
            socket.recv(timeout=30)
            is_asked.set()
        is_asked.clear()
    finally:
        threading.setprofile(None)
    assert passed == BOTH_PASS | own
    assert set(crossed.values()) == {1}
    assert {there for _, there in crossed} | {"server.sockets.dialect", "observation"} == passed


def name_of(frame: FrameType) -> str:
    """Return the name of a frame's module in the package, empty for others."""
    module: str = frame.f_globals.get("__name__", "")
    return module.removeprefix("atari_cli.") if module.startswith("atari_cli.") else ""
