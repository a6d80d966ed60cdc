import pickle
from pathlib import Path

import pytest

from atari_cli.errors import InvalidAction, InvalidSetting, ScriptError, UnknownPolicy
from atari_cli.games import find_game
from atari_cli.model import PolicySource
from atari_cli.policies import SPELLINGS, find_policy
from tests.policies.conftest import Play

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
EVERY_KIND = [
    ("random", False),
    ("noop", True),
    ("tracker", True),
    ("repeat:FIRE", True),
    (f"script:{EXAMPLES / 'sweep.txt'}", True),
    (str(EXAMPLES / "follow_ball.py"), None),
    (f"{EXAMPLES / 'follow_ball.py'}:policy", None),
    ("colorsys:rgb_to_hls", None),
]


@pytest.mark.parametrize(("spec", "deterministic"), EVERY_KIND)
def test_every_spelling_gives_a_source_of_that_name(spec: str, deterministic: bool | None) -> None:
    source = find_policy(spec, "breakout")
    assert isinstance(source, PolicySource)
    assert (source.name, source.deterministic) == (spec, deterministic)
    assert callable(source.load())


@pytest.mark.parametrize("spec", [spec for spec, _ in EVERY_KIND[:-1]])
def test_a_pickled_source_plays_the_same(spec: str, play: Play) -> None:
    source = find_policy(spec, "breakout")
    copy = pickle.loads(pickle.dumps(source))
    assert play(copy.load(), 60) == play(source.load(), 60)


@pytest.mark.parametrize(
    ("spec", "suggestion"),
    [
        ("rndom", "random"),
        ("Tracker", "tracker"),
        ("tracker:pong", "tracker"),
        ("repeat", "repeat:ACTION"),
        ("scirpt:moves.txt", "script:FILE"),
        ("rplay:episode.npz", "replay:FILE.npz"),
    ],
)
def test_the_error_for_an_unknown_policy_suggests_the_nearest(spec: str, suggestion: str) -> None:
    with pytest.raises(UnknownPolicy) as raised:
        find_policy(spec, "pong")
    message = str(raised.value)
    assert message.startswith(f"unknown policy {spec!r}; expected one of random, ")
    assert message.endswith(f"did you mean {suggestion}?")
    assert "\n" not in message


@pytest.mark.parametrize("spec", ["", ":", "zzz", "no_such_module_here:policy", "repeat:"])
def test_the_error_for_an_unknown_policy_lists_every_spelling(spec: str) -> None:
    with pytest.raises(UnknownPolicy) as raised:
        find_policy(spec, "pong")
    assert ", ".join(SPELLINGS) in str(raised.value)


@pytest.mark.parametrize("spec", ["nowhere.py", "nowhere.py:policy", r"C:\nowhere.py", "script:no"])
def test_a_missing_file_is_named(spec: str) -> None:
    with pytest.raises(UnknownPolicy, match="cannot read the .* No such file or directory"):
        find_policy(spec, "pong")


def test_repeating_an_unknown_action_lists_the_actions() -> None:
    with pytest.raises(InvalidAction, match="unknown action 'FIER'; expected one of NOOP, FIRE"):
        find_policy("repeat:FIER", "pong")


def test_an_action_outside_the_set_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    codes = find_game("pong").minimal_actions
    with pytest.raises(InvalidAction, match="UP is not in this action set: 0 NOOP, 1 FIRE"):
        find_policy("repeat:UP", "pong", codes)
    script = tmp_path / "moves.txt"
    script.write_text("FIRE\n  UP 3\n")
    with pytest.raises(ScriptError, match=r"moves.txt:2:3: expected an action of 0 NOOP, .*'UP'"):
        find_policy(f"script:{script}", "pong", codes)
    assert find_policy(f"script:{script}", "pong").load() is not None


def test_the_tracker_refuses_games_that_it_cannot_play() -> None:
    with pytest.raises(InvalidSetting, match="plays pong and breakout, not ms_pacman"):
        find_policy("tracker", "ms_pacman")
