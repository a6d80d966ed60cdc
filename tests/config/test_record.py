"""The settings of recordings are checked once."""

from typing import Any

import pytest

from atari_cli.config import RecordConfig
from atari_cli.errors import InvalidSetting


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"format": "webm"}, "format must be one of mp4, gif, mkv, got 'webm'"),
        ({"scale": 0}, "scale must be a whole number from 1 to 16, got 0"),
        ({"scale": 17}, "scale must be a whole number from 1 to 16, got 17"),
    ],
)
def test_values_outside_the_range_are_refused(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        RecordConfig(**settings)
    assert str(caught.value) == expected
