"""Saved states are returned unchanged, and their number is limited."""

import pytest

from atari_cli.errors import InvalidSetting
from atari_cli.server.sessions.saved_states import MOST_SAVED, MOST_SAVED_FRAMES, SavedStates


def test_a_state_is_returned_by_its_name() -> None:
    states = SavedStates()
    assert not states.put("b", b"first")
    assert states.put("b", b"second" * 1000)
    states.put("a", b"")
    assert states.names == ("a", "b")
    assert states.get("b") == b"second" * 1000
    states.clear()
    with pytest.raises(InvalidSetting, match="none: call save_state first"):
        states.get("b")


def test_a_full_store_accepts_only_existing_names() -> None:
    states = SavedStates()
    for number in range(MOST_SAVED):
        states.put(str(number), b"")
    states.check("0", MOST_SAVED_FRAMES)
    with pytest.raises(InvalidSetting, match="one of the 8 names in use, 0, 1"):
        states.check("new", 0)
    with pytest.raises(InvalidSetting, match="up to its frame 108000"):
        states.check("0", MOST_SAVED_FRAMES + 1)
