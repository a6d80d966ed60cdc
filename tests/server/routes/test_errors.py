"""Each error of a handler becomes a status and JSON that names the fault."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from pydantic import ValidationError

from atari_cli.errors import (
    AtariError,
    CapacityReached,
    EmulatorError,
    InvalidSetting,
    SessionBusy,
    UnknownSession,
)
from atari_cli.server.routes.errors import error_response
from atari_cli.server.transport.messages import Problem
from atari_cli.wire.models import StepRequest


def detail(error: Problem | ValidationError | AtariError, status: int) -> Any:
    response = error_response(error)
    assert response.status == status
    return json.loads(response.body)["detail"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(UnknownSession("no such session"), 404), (EmulatorError("it broke"), 500)],
)
def test_an_error_becomes_a_status_with_its_message(error: AtariError, status: int) -> None:
    assert detail(error, status) == str(error)


@pytest.mark.parametrize("error", [CapacityReached(3, 3), SessionBusy("too many requests wait")])
def test_a_full_or_busy_server_says_when_to_try_again(error: AtariError) -> None:
    assert detail(error, 503) == str(error)
    assert ("Retry-After", "1") in error_response(error).headers


def test_an_invalid_setting_becomes_one_fault_of_the_body() -> None:
    (fault,) = detail(InvalidSetting("frameskip must be at least 1"), 422)
    assert (fault["loc"], fault["msg"]) == (["body"], "frameskip must be at least 1")


def test_an_invalid_body_becomes_a_list_of_faults() -> None:
    with pytest.raises(ValidationError) as raised:
        StepRequest.model_validate({"action": {"action_id": "up"}})
    (fault,) = detail(raised.value, 422)
    assert fault["loc"] == ["body", "action", "action_id"]


def test_a_problem_keeps_its_own_reply() -> None:
    assert detail(Problem(HTTPStatus.CONFLICT, "no step was played"), 409) == "no step was played"
