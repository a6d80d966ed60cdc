"""Action names and codes are those of ALE; an invalid action is refused with a list of the set."""

import ale_py
import numpy as np
import pytest

from atari_cli import actions
from atari_cli.errors import InvalidAction

PONG = (0, 1, 3, 4, 11, 12)


def test_names_and_codes_are_those_of_ale() -> None:
    ours = {name: actions.action_code(name) for name in actions.ACTION_NAMES}
    theirs = {name: action.value for name, action in ale_py.Action.__members__.items()}
    assert ours == theirs
    assert list(ours.values()) == list(range(18))


def test_the_named_constants_are_those_of_ale() -> None:
    for name in ("NOOP", "FIRE", "UP", "RIGHT", "LEFT", "DOWN"):
        assert getattr(actions, name) == ale_py.Action.__members__[name].value


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("fire", 1), (" FIRE ", 1), ("UpRightFire", 14), ("up-right-fire", 14), ("DOWN_LEFT", 9)),
        *(("UP RIGHT", 6), ("right + fire", 11), ("down\tleft fire", 17)),
        *(("RIGHT UP", 6), ("FIREUP", 10), ("fire left-down", 17)),
    ],
)
def test_a_name_may_have_any_case_any_signs_between_its_words_and_any_order(
    name: str, code: int
) -> None:
    assert actions.action_code(name) == code


@pytest.mark.parametrize("name", ["", "jump", "1", "UPUP", "UPDOWN", "UP AND RIGHT", "NOOPFIRE"])
def test_an_unknown_name_is_refused_with_a_list_of_names(name: str) -> None:
    with pytest.raises(InvalidAction, match="expected one of NOOP, FIRE, .*, DOWNLEFTFIRE") as it:
        actions.action_code(name)
    assert repr(name) in str(it.value)


def test_an_index_within_the_set_is_returned_unchanged() -> None:
    assert [actions.action_index(index, PONG) for index in range(6)] == [0, 1, 2, 3, 4, 5]


def test_a_name_becomes_its_index_in_the_set() -> None:
    assert actions.action_index("LEFTFIRE", PONG) == 5
    assert actions.action_index("noop", PONG) == 0


@pytest.mark.parametrize("index", [-1, 6, 18, 10**20])
def test_an_index_outside_the_set_is_refused_with_a_list_of_the_set(index: int) -> None:
    with pytest.raises(InvalidAction, match=f"0 NOOP, 1 FIRE, .*, 5 LEFTFIRE, got {index}$"):
        actions.action_index(index, PONG)


def test_a_name_outside_the_set_points_to_the_full_action_space() -> None:
    with pytest.raises(InvalidAction, match=r"UP is not in .*5 LEFTFIRE.*full_action_space"):
        actions.action_index("UP", PONG)


def test_an_action_set_is_described_by_index_and_name() -> None:
    assert actions.describe((0, 11)) == "0 NOOP, 1 RIGHTFIRE"


def test_a_code_outside_the_action_set_becomes_noop() -> None:
    pong = (0, 1, 3, 4, 11, 12)
    assert [actions.code_index(code, pong) for code in (0, 4, 12, 2, 17)] == [0, 3, 5, 0, 0]


@pytest.mark.parametrize(
    ("action", "index"),
    [
        (np.array([2]), 2),
        (np.array(2), 2),
        (np.array([[2]]), 2),
        (np.int64(2), 2),
        (np.array(["fire"]), 1),
        (np.uint8(3), 3),
    ],
)
def test_an_array_of_one_element_is_an_action(action: object, index: int) -> None:
    assert actions.action_index(action, (0, 1, 3, 4)) == index


@pytest.mark.parametrize(
    "action", [np.array([1, 2]), np.array([]), np.array([1.0]), np.array([9]), 1.0, None, [1], (1,)]
)
def test_other_values_are_refused_as_actions(action: object) -> None:
    with pytest.raises(InvalidAction, match="expected an action"):
        actions.action_index(action, (0, 1, 3, 4))
