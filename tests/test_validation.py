"""Checks return the intended value, or say what was expected."""

import pytest

from atari_cli.errors import InvalidSetting
from atari_cli.validation import (
    did_you_mean,
    host_name,
    is_loopback,
    letters,
    one_of,
    over_0,
    parse_variable,
    probability,
    seconds,
    web_origin,
    whole_number,
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("192.168.0.1", False),
        ("localhost.evil.example", False),
        ("127.1", False),
        ("", False),
    ],
)
def test_addresses_of_this_machine_are_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_whole_numbers_have_a_range_and_exclude_booleans() -> None:
    check = whole_number(1, 3)
    assert check("n", 3) == 3
    for wrong in (0, 4, 2.0, "2", True, None):
        with pytest.raises(InvalidSetting, match="n must be a whole number from 1 to 3, got"):
            check("n", wrong)


def test_words_and_probabilities_are_checked() -> None:
    assert one_of(("a", "b"))("n", "a") == "a"
    with pytest.raises(InvalidSetting, match="n must be one of a, b, got 'c'"):
        one_of(("a", "b"))("n", "c")
    for wrong in (-0.1, 1.1, "0.5", True, None, float("nan")):
        with pytest.raises(InvalidSetting, match="n must be a number from 0 to 1"):
            probability("n", wrong)


def test_hosts_and_origins_have_the_form_of_those_in_requests() -> None:
    for host in ("games.example", "games.example:8000", "[::1]", "*"):
        assert host_name("n", host) == host
    for origin in ("https://a.example", "http://localhost:3000/", "app-1://x", "null", "*"):
        assert web_origin("n", origin) == origin
    for wrong in ("", "a b", "https://a.example", None):
        with pytest.raises(InvalidSetting, match="n must be a host such as"):
            host_name("n", wrong)
    for wrong in ("", "a.example", "https://a.example/page", "https://a; b", None):
        with pytest.raises(InvalidSetting, match="n must be an origin such as"):
            web_origin("n", wrong)


def test_variables_are_read_as_their_type() -> None:
    assert parse_variable("V", "Yes", bool) is True
    assert parse_variable("V", "0", bool) is False
    assert parse_variable("V", "7", int) == 7
    assert parse_variable("V", "x", str) == "x"
    for word, kind in (("maybe", bool), ("1.5", int), ("x", float)):
        with pytest.raises(InvalidSetting, match="V must be"):
            parse_variable("V", word, kind)


def test_all_spellings_of_a_name_have_the_same_letters() -> None:
    assert letters("Ms. Pac-Man") == letters("ms_pacman") == "mspacman"
    assert letters(None) == "none"


def test_numbers_are_checked_by_their_unit() -> None:
    assert over_0("n", 2) == 2.0
    assert over_0("n", float("inf")) == float("inf")
    assert seconds("n", 0.5) == 0.5
    for wrong in (0, -1, True, "2", None, float("nan")):
        with pytest.raises(InvalidSetting, match="n must be a number over 0, got"):
            over_0("n", wrong)
        with pytest.raises(InvalidSetting, match="n must be seconds over 0, got"):
            seconds("n", wrong)
    with pytest.raises(InvalidSetting, match="n must be seconds over 0, got inf"):
        seconds("n", float("inf"))


@pytest.mark.parametrize(
    ("name", "most", "expected"),
    [
        ("xyz", 3, ""),
        ("pogn", 1, "; did you mean pong?"),
        ("pocman", 1, "; did you mean pacman?"),
        ("pocman", 2, "; did you mean pacman or ms_pacman?"),
        ("pocman", 3, "; did you mean pacman, ms_pacman or pooyan?"),
    ],
)
def test_a_hint_lists_only_names_that_are_near(name: str, most: int, expected: str) -> None:
    meanings = {"pong": "pong", "puckman": "pacman", "pooyan": "pooyan", "pacman": "pacman"}
    meanings |= {"mspacman": "ms_pacman", "seaquest": "seaquest"}
    assert did_you_mean(name, meanings, most) == expected
