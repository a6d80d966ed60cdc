"""JSON is written and read without loss, within limits."""

import json

import pytest

from atari_cli.wire.json_text import from_json, to_json


def test_numbers_that_json_lacks_become_null() -> None:
    assert to_json([float("nan"), float("inf"), 1.5]) == b"[null,null,1.5]"


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", b"\xff", "[" * 101 + "]" * 101, b"[" * 900 + b"]" * 900]
)
def test_invalid_json_raises_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(text)


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, '"%s"' % ("[" * 101), f"[{'[],' * 200}0]"])
def test_the_limit_of_depth_does_not_apply_to_length(text: str) -> None:
    assert from_json(text) == from_json(text.encode()) == json.loads(text)
