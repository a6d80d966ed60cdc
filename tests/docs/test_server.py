"""The WebSockets of docs/server.md open; test_pages.py checks its tables."""

import re
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.server.conftest import Ways, start, ways

__all__ = ["start", "ways"]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")


def test_only_the_documented_websockets_open(ways: Ways) -> None:
    paths = re.findall(r"^\| `WS (/\S+)` \|", DOCUMENT, re.MULTILINE)
    assert len(paths) == 4
    for path in paths:
        ways.talk(path).close()
    with pytest.raises(InvalidStatus):
        ways.talk("/reset")
