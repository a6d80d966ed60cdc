"""Requests are read exactly as leniently as OpenEnv reads them."""

from dataclasses import asdict, fields
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from atari_cli.config import EnvironmentConfig
from atari_cli.wire.models import (
    Action,
    Observation,
    ResetRequest,
    Settings,
    State,
    StepRequest,
    error_list,
    read_settings,
)


@pytest.mark.parametrize(("given", "read"), [(2, 2), ("2", 2), (True, 1), (2.0, 2)])
def test_numbers_are_read_leniently(given: object, read: int) -> None:
    assert Action.model_validate({"action_id": given}).action_id == read


@pytest.mark.parametrize("given", [2.5, "two", None, [2]])
def test_values_that_are_not_whole_numbers_are_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        Action.model_validate({"action_id": given})


def test_errors_are_listed_with_their_location() -> None:
    with pytest.raises(ValidationError) as raised:
        StepRequest.model_validate({"action": {"action_id": 2.5, "speed": 1}})
    first, second = error_list(raised.value, "body")
    assert first["type"] == "int_from_float"
    assert first["loc"] == ["body", "action", "action_id"]
    assert first["input"] == 2.5
    assert second["type"] == "extra_forbidden"
    assert not {"url", "ctx"} & set(first)


def test_a_long_input_is_shortened() -> None:
    with pytest.raises(ValidationError) as raised:
        Action.model_validate({"action_id": "x" * 10_000})
    assert len(str(error_list(raised.value)[0]["input"])) < 300


def test_too_many_errors_are_only_counted() -> None:
    """Listing them would take gigabytes for one message."""
    with pytest.raises(ValidationError) as raised:
        Action.model_validate({"action_id": 0, **{f"key{number}": 0 for number in range(101)}})
    (found,) = error_list(raised.value, "body")
    assert found["loc"] == ["body"]
    assert found["msg"] == "101 errors, which are too many to list"


def test_a_game_may_be_given_under_either_name() -> None:
    assert read_settings({"game_name": "pong"}) == ({"game": "pong"}, [])
    assert read_settings({"game": "breakout", "game_name": "pong"})[0] == {"game": "breakout"}


def test_unknown_settings_are_listed() -> None:
    settings, ignored = read_settings({"seed": 1, "frameskip": 2, "colour": "red", "a": 1})
    assert (settings, ignored) == ({"frameskip": 2}, ["a", "colour"])


def test_only_the_first_of_many_unknown_settings_are_listed() -> None:
    """A connection keeps the buffer of its longest reply."""
    _, ignored = read_settings({f"{number:>1000}": 1 for number in range(200)})
    assert len(ignored) == 100
    assert {len(key) for key in ignored} == {100}


def test_a_reset_is_limited_only_by_the_contract() -> None:
    assert ResetRequest.model_validate({}).seed is None
    for wrong in ({"seed": -1}, {"seed": 2**63}, {"episode_id": "x" * 256}):
        with pytest.raises(ValidationError):
            ResetRequest.model_validate(wrong)


@pytest.mark.parametrize("model", [Settings, State])
def test_the_models_have_the_settings_of_the_configuration(model: type[BaseModel]) -> None:
    config = {field.name: field for field in fields(EnvironmentConfig)}
    del config["sound"]
    known = {"game", "game_name", "episode_id", "step_count", "seed"}
    assert model.model_fields.keys() - known == config.keys() - {"game"}
    for name in config.keys() - {"game"}:
        kind: Any = config[name].type
        expected = kind if model is State else kind | None
        assert model.model_fields[name].annotation == expected


def test_a_state_has_the_defaults_of_the_configuration() -> None:
    defaults = asdict(EnvironmentConfig())
    del defaults["sound"]
    state = State().model_dump()
    assert state.pop("game_name") == defaults.pop("game")
    assert {name: state[name] for name in defaults} == defaults
    assert (Action(action_id=0).game_name, Action(action_id=0).obs_type) == ("pong", "rgb")


def test_the_schema_of_a_screen_is_cheap_to_check() -> None:
    """A validator that checks each of 100,800 integers runs out of time."""
    screen = Observation.model_json_schema()["properties"]["screen"]
    assert (screen["type"], screen["items"]) == ("array", {})
