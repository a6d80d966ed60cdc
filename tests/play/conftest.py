"""One X display for all tests of real windows."""

from collections.abc import Iterator

import pytest

from tests.play.window.x_display import XDisplay


@pytest.fixture(scope="session")
def display() -> Iterator[XDisplay]:
    with XDisplay() as opened:
        yield opened
