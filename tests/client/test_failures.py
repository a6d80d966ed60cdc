"""Errors of the server and the connection become readable exceptions."""

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.http11 import Response

from atari_cli.client.failures import refusal, unopened
from atari_cli.errors import (
    CapacityReached,
    ConnectionLost,
    InvalidAction,
    InvalidSetting,
    ServerError,
    UnknownSession,
)


@pytest.mark.parametrize(
    ("kind", "code", "blames_values", "expected"),
    [
        ("reset", "EXECUTION_ERROR", True, InvalidSetting),
        ("step", "EXECUTION_ERROR", True, InvalidAction),
        ("step", "EXECUTION_ERROR", False, ServerError),
        ("state", "EXECUTION_ERROR", True, ServerError),
        ("step", "SESSION_ERROR", True, UnknownSession),
        ("step", "FACTORY_ERROR", False, ServerError),
    ],
)
def test_an_error_code_becomes_an_exception_with_the_servers_message(
    kind: str, code: str, blames_values: bool, expected: type[Exception]
) -> None:
    found = refusal(kind, {"code": code, "message": "the very words"}, blames_values)
    assert type(found) is expected
    assert "the very words" in str(found)


def test_a_full_server_reports_its_number_of_sessions() -> None:
    data = {"code": "CAPACITY_REACHED", "message": "full", "active_sessions": 2, "max_sessions": 2}
    found = refusal("reset", data, True)
    assert isinstance(found, CapacityReached)
    assert (found.active, found.most) == (2, 2)
    assert "full" in str(refusal("reset", {"code": "CAPACITY_REACHED", "message": "full"}, False))


def test_a_validation_error_names_the_invalid_field() -> None:
    errors = [{"loc": ["data", "action_id"], "msg": "Field required"}]
    data = {"code": "VALIDATION_ERROR", "message": "Invalid message", "errors": errors}
    assert "data.action_id Field required" in str(refusal("step", data, False))


@pytest.mark.parametrize("data", [None, [], "text", {}])
def test_an_error_without_a_message_is_still_reported(data: object) -> None:
    assert "no reason given" in str(refusal("step", data, False))


def test_a_refused_handshake_says_why_and_what_to_do() -> None:
    def refused(status: int, body: bytes) -> str:
        error = InvalidStatus(Response(status, "", Headers(), body))
        found = unopened("http://h", error)
        assert isinstance(found, ConnectionLost)
        return str(found)

    assert "the token is missing (HTTP 401); give the right one" in refused(
        401, b'{"detail":"the token is missing"}'
    )
    assert "token=" in refused(401, b"")
    assert "is the base_url" in refused(404, b"<html>")
    assert refused(599, b"").endswith("HTTP 599 (HTTP 599)")
    assert "it hung up" in str(unopened("http://h", WebSocketException("it hung up")))


def test_a_missing_server_is_named_with_advice() -> None:
    text = str(unopened("http://h:1", ConnectionRefusedError(111, "Connection refused")))
    assert text.startswith("no server answers at http://h:1 (Connection refused)")
    assert "atari serve" in text
    assert "timed out" in str(unopened("http://h:1", TimeoutError()))
