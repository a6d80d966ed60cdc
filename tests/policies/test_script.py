from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from atari_cli.errors import ScriptError, UnknownPolicy
from atari_cli.policies import find_policy
from atari_cli.policies.script import MAX_DEPTH, parse_script, play_script
from tests.policies.conftest import Play

EXAMPLE = Path(__file__).parents[2] / "examples" / "policies" / "sweep.txt"


def actions(text: str, number: int = 1000) -> list[str]:
    return list(islice(play_script(parse_script(text, "moves.txt")), number))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FIRE", "FIRE"),
        ("RIGHT 3", "RIGHT RIGHT RIGHT"),
        ("fire\n  Right 2  LEFT\n", "FIRE RIGHT RIGHT LEFT"),
        ("# serve\nFIRE# at once\n#LEFT\n\n", "FIRE"),
        ("loop 2\n  UP\n  DOWN 2\nend\nNOOP", "UP DOWN DOWN UP DOWN DOWN NOOP"),
        ("loop 2 loop 2 UP end LEFT end", "UP UP LEFT UP UP LEFT"),
        ("LOOP 2 UP END", "UP UP"),
        ("UP-RIGHT 1", "UPRIGHT"),
        ("UP 007", " ".join(["UP"] * 7)),
        ("\ufeffUP"[1:] + "\r\nDOWN\r\n", "UP DOWN"),
    ],
)
def test_a_script_is_read_as_its_actions(text: str, expected: str) -> None:
    assert actions(text) == expected.split()


def test_a_loop_without_a_count_runs_forever() -> None:
    assert actions("FIRE loop LEFT RIGHT end UP", 7) == ["FIRE", *["LEFT", "RIGHT"] * 3]


def test_huge_counts_in_nested_loops_are_not_unrolled() -> None:
    text = "loop 1000000000 " * 3 + "UP 1000000000 " + "end " * 3
    assert actions(text, 5) == ["UP"] * 5


def test_loops_nest_as_deep_as_allowed() -> None:
    assert actions("loop 1 " * MAX_DEPTH + "UP " + "end " * MAX_DEPTH) == ["UP"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "FIRE\n  RIHGT 3",
            "2:3: expected an action, loop or end, got 'RIHGT'; did you mean RIGHT?",
        ),
        ("LEFT xyzzy", "1:6: expected an action, loop or end, got 'xyzzy'"),
        ("FIRE\n\t12", "2:2: expected an action, loop or end, got '12'"),
        ("UP 2 3", "1:6: expected an action, loop or end, got '3'"),
        ("UP " + "0" * 5000, f"1:4: expected a count from 1 to 1000000000, got '{'0' * 40}'"),
        ("UP\x0c\nUP x", "2:4: expected an action, loop or end, got 'x'"),
        ("UP 0", "1:4: expected a count from 1 to 1000000000, got '0'"),
        ("UP -1", "1:4: expected a count from 1 to 1000000000, got '-1'"),
        ("UP 1.5", "1:4: expected a count from 1 to 1000000000, got '1.5'"),
        ("UP 1000000001", "1:4: expected a count from 1 to 1000000000, got '1000000001'"),
        ("loop 2x UP end", "1:6: expected a count from 1 to 1000000000, got '2x'"),
        ("UP\nend", "2:1: expected an action or loop, got 'end' without a loop"),
        (
            "UP\n loop 2\n  loop\n UP end",
            "2:2: expected 'end' for this loop, got the end of the script",
        ),
        ("UP\nloop\n  # nothing\nend", "2:1: expected an action in this loop, got 'end'"),
        ("loop loop 3 end end", "1:6: expected an action in this loop, got 'end'"),
        ("", "1:1: expected an action, got an empty script"),
        ("# only a comment\n", "1:1: expected an action, got an empty script"),
        (
            "loop " * (MAX_DEPTH + 1) + "UP",
            f"1:{MAX_DEPTH * 5 + 1}: expected at most {MAX_DEPTH} loops within each other, "
            "got more",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(text: str, message: str) -> None:
    with pytest.raises(ScriptError) as raised:
        parse_script(text, "moves.txt")
    assert str(raised.value) == f"moves.txt:{message}"


def test_thousands_of_digits_or_loops_raise_a_script_error() -> None:
    for text in ("UP " + "9" * 10_000, "loop " * 100_000):
        with pytest.raises(ScriptError):
            parse_script(text, "moves.txt")


def test_a_script_file_is_played_and_followed_by_noops(tmp_path: Path, play: Play) -> None:
    file = tmp_path / "my moves.txt"
    file.write_text("\ufeffFIRE\nRIGHT 2  # hübsch\n", encoding="utf-8")
    policy: Any = find_policy(f"script:{file}", "breakout").load()
    assert play(policy, 6) == [1, 3, 3, 0, 0, 0]
    policy.reset(5)
    assert play(policy, 3) == [1, 3, 3]


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "moves.txt"
    file.write_text("FIRE\nJUMP 3\n")
    with pytest.raises(ScriptError) as raised:
        find_policy(f"script:{file}", "pong")
    assert str(raised.value).startswith(f"{file}:2:1: expected an action, loop or end, got 'JUMP'")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "moves.txt"
    file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UnknownPolicy, match="cannot read the script .*: it is not UTF-8 text"):
        find_policy(f"script:{file}", "pong")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownPolicy, match="cannot read the script"):
        find_policy(f"script:{tmp_path}", "pong")


def test_the_example_sweeps_in_breakout(play: Play) -> None:
    played = play(find_policy(f"script:{EXAMPLE}", "breakout").load(), 10 + 2 * 29)
    sweep = [1, *([4] * 7 + [3] * 7) * 2]
    assert played == [0] * 10 + sweep * 2
