"""Checks of single values: each returns the value, or raises an error with what was expected."""

import difflib
import ipaddress
import operator
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, SupportsFloat, TypeVar

from atari_cli.errors import InvalidSetting

Value = TypeVar("Value")

MAX_SEED: Final = 2**63 - 1
"""Largest seed: it fits the signed 64-bit integers of JSON and HDF5 readers."""


def _check(
    expected: str,
    accepts: Callable[[Any], bool],
    keep: Callable[[Any], Value],
    is_secret: bool = False,
) -> Callable[[str, Any], Value]:
    """Return a check, which takes (name, value) and returns the value to keep.

    Args:
        expected: The kind of value, for the error.
        accepts: Whether a value is of that kind; a TypeError means that it is not.
        keep: Returns an accepted value in its own type.
        is_secret: Leave the value out of the error.
    """

    def check(name: str, value: Any) -> Value:
        with suppress(TypeError):
            if accepts(value):
                return keep(value)
        got = "" if is_secret else f", got {value!r}"
        raise InvalidSetting(f"{name} must be {expected}{got}")

    return check


def whole_number(low: int, high: int) -> Callable[[str, Any], int]:
    """Return a check for an integer from `low` to `high`; it takes (name, value).

    Args:
        low: The lowest value.
        high: The highest value.
    """
    return _check(
        f"a whole number from {low} to {'2**63 - 1' if high == MAX_SEED else high}",
        lambda value: not isinstance(value, bool) and low <= operator.index(value) <= high,
        operator.index,
    )


def optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Return a check that accepts None and passes other values to `check`."""
    return lambda name, value: None if value is None else check(name, value)


def one_of(choices: tuple[str, ...]) -> Callable[[str, Any], str]:
    """Return a check for one of some texts; it takes (name, value)."""
    return _check(f"one of {', '.join(choices)}", lambda value: value in choices, str)


def each(check: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    """Return a check that passes each item to `check`, under the name without its plural's s."""

    def check_all(name: str, values: Any) -> tuple[Any, ...]:
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise InvalidSetting(f"{name} must be a list, got {values!r}")
        return tuple(check(name.removesuffix("s"), value) for value in values)

    return check_all


def matching(pattern: str, expected: str, is_secret: bool = False) -> Callable[[str, Any], str]:
    """Return a check for a text that matches a pattern; it takes (name, value).

    Args:
        pattern: The regular expression of the whole text.
        expected: The kind of text, for the error.
        is_secret: Leave the value out of the error.
    """
    return _check(expected, lambda value: bool(re.fullmatch(pattern, value)), str, is_secret)


text: Final = matching(r"(?s:.*\S.*)", "a name")
"""Check a name: a text that is not blank."""

host_name: Final = matching(r"[^\s/]+", "a host such as games.example.com")
"""Check a value that fits a Host header, or `*`."""

web_origin: Final = matching(
    r"\*|null|[\w+.-]+://[^\s/;,]+/?", "an origin such as https://example.com"
)
"""Check a value that fits an Origin header, or `*`."""

secret: Final = matching("[!-~]+", "visible ASCII characters without spaces", is_secret=True)
"""Check a token that fits a header."""

flag: Final = _check("true or false", lambda value: value is True or value is False, bool)
"""Check a value that is True or False."""

probability: Final = _check(
    "a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1, float
)
"""Check a number from 0 to 1."""

over_0: Final = _check("a number over 0", lambda value: _is_number(value) and value > 0, float)
"""Check a number over 0."""

seconds: Final = _check(
    "seconds over 0", lambda value: _is_number(value) and 0 < value < float("inf"), float
)
"""Check a time above 0 and finite."""


seconds_or_none: Final = _check(
    "seconds, or 0", lambda value: _is_number(value) and 0 <= value < float("inf"), float
)
"""Check a time that is finite and not negative."""


def _is_number(value: Any) -> bool:
    return isinstance(value, SupportsFloat) and not isinstance(value, bool)


def check_type(name: str, value: object, kind: type) -> None:
    """Check the type of a parameter.

    Args:
        name: The parameter, for the error.
        value: Its value.
        kind: The type.

    Raises:
        InvalidSetting: If it has another type.
    """
    if not isinstance(value, kind):
        raise InvalidSetting(f"{name} must be of type {kind.__name__}, got {value!r}")


def as_path(name: str, value: object) -> Path:
    """Return a path that was given as text or as an object of `pathlib`.

    Args:
        name: The parameter, for the error.
        value: Its value.

    Raises:
        InvalidSetting: If it is something else.
    """
    if not isinstance(value, str | os.PathLike):
        raise InvalidSetting(f"{name} must be a path, got {value!r}")
    return Path(value)


def letters(name: object) -> str:
    """Return the letters and digits of a name in one case, which all its spellings share."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


def did_you_mean(name: str, meanings: Mapping[str, str], most: int = 1) -> str:
    """Return the end of a message, which suggests what a misspelled name may mean.

    Args:
        name: The name, in the case of the known ones.
        meanings: What each known name means.
        most: Suggest at most this many meanings.

    Returns:
        An empty text if no known name is near.
    """
    near = difflib.get_close_matches(name, list(meanings), n=len(meanings))
    suggested = list(dict.fromkeys(meanings[known] for known in near))[:most]
    if not suggested:
        return ""
    *others, last = suggested
    return f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"


@lru_cache(maxsize=256)
def is_address(host: str) -> bool:
    """Return whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether an address or name is a loopback one, which no other machine can reach."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    # An IPv6 socket names IPv4 peers ::ffff:127.0.0.1.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def parse_variable(variable: str, text: str, kind: Any) -> Any:
    """Return the text of a variable as the type of its setting.

    Args:
        variable: The variable's name, for the error.
        text: Its text.
        kind: The type of the setting.

    Raises:
        InvalidSetting: If the text is not of that type.
    """
    if kind is bool:
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if text.lower() not in words:
            raise InvalidSetting(f"{variable} must be true or false, got {text!r}")
        return words[text.lower()]
    if kind is str:
        return text
    number = float if kind is float else int
    try:
        return number(text)
    except ValueError:
        what = "a number" if number is float else "a whole number"
        raise InvalidSetting(f"{variable} must be {what}, got {text!r}") from None


check_seed: Final = whole_number(0, MAX_SEED)
