"""Checks of single values: each returns the value, or raises an error with what was expected."""

import difflib
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from atari_cli.errors import InvalidSetting

MAX_SEED: Final = 2**63 - 1
"""Largest seed: it fits the signed 64-bit integers of JSON and HDF5 readers."""


def whole_number(low: int, high: int) -> Callable[[str, Any], int]:
    """Return a check for an integer from `low` to `high`; it takes (name, value).

    Args:
        low: The lowest value.
        high: The highest value; not mentioned in the error if it is `MAX_SEED` or more.
    """

    def check(name: str, value: Any) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            number = low - 1
        if isinstance(value, bool) or not low <= number <= high:
            limit = f"from {low} to {high}" if high < MAX_SEED else f"of {low} or more"
            raise InvalidSetting(f"{name} must be a whole number {limit}, got {value!r}")
        return number

    return check


def optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Return a check that accepts None and passes other values to `check`."""
    return lambda name, value: None if value is None else check(name, value)


def one_of(choices: tuple[str, ...]) -> Callable[[str, Any], str]:
    """Return a check for one of some texts; it takes (name, value)."""

    def check(name: str, value: Any) -> str:
        if value not in choices:
            raise InvalidSetting(f"{name} must be one of {', '.join(choices)}, got {value!r}")
        return str(value)

    return check


def each(check: Callable[[str, Any], Any]) -> Callable[[str, Any], tuple[Any, ...]]:
    """Return a check that passes each item to `check`, under the name without its plural's s."""
    return lambda name, values: tuple(check(name.removesuffix("s"), value) for value in values)


def matching(pattern: str, expected: str, is_secret: bool = False) -> Callable[[str, Any], str]:
    """Return a check for a text that matches a pattern; it takes (name, value).

    Args:
        pattern: The regular expression of the whole text.
        expected: The kind of text, for the error.
        is_secret: Leave the value out of the error.
    """

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            got = "" if is_secret else f", got {value!r}"
            raise InvalidSetting(f"{name} must be {expected}{got}")
        return value

    return check


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


def seconds(name: str, value: Any) -> float:
    """Return a value that is a time above 0 and finite.

    Args:
        name: The setting's name, for the error.
        value: The value.

    Raises:
        InvalidSetting: If it is not.
    """
    if not 0.0 < value < float("inf"):
        raise InvalidSetting(f"{name} must be seconds over 0, got {value}")
    return float(value)


def folder_or_file(name: str, value: Any) -> Path:
    """Return a value that is a path.

    Args:
        name: The setting's name, for the error.
        value: The value.

    Raises:
        InvalidSetting: If it is not.
    """
    if not isinstance(value, Path):
        raise InvalidSetting(f"{name} must be a path, got {value!r}")
    return value


def flag(name: str, value: Any) -> bool:
    """Return a value that is True or False.

    Args:
        name: The setting's name, for the error.
        value: The value.

    Raises:
        InvalidSetting: If it is not.
    """
    if value is not True and value is not False:
        raise InvalidSetting(f"{name} must be true or false, got {value!r}")
    return bool(value)


def probability(name: str, value: Any) -> float:
    """Return a value that is a number from 0 to 1.

    Args:
        name: The setting's name, for the error.
        value: The value.

    Raises:
        InvalidSetting: If it is not.
    """
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        number = -1.0
    else:
        number = float(value)
    if not 0.0 <= number <= 1.0:
        raise InvalidSetting(f"{name} must be a number from 0 to 1, got {value!r}")
    return number


def letters(name: object) -> str:
    """Return the letters and digits of a name in one case, which all its spellings share."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


def nearest(name: str, choices: Iterable[str], most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the choices that are most like a misspelled name, the most similar first.

    Args:
        name: The name, in the case of the choices.
        choices: The names to choose from.
        most: Return at most this many.
        cutoff: Similarity that a choice must have, from 0 (any) to 1 (equal).
    """
    return difflib.get_close_matches(name, list(choices), n=most, cutoff=cutoff)


def did_you_mean(names: Sequence[str]) -> str:
    """Return the end of a message that suggests names; empty without any."""
    if not names:
        return ""
    *others, last = names
    return f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"


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
