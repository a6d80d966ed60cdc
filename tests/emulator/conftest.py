"""Emulators that load their ROM."""

import pytest

from atari_cli.emulator import spares


@pytest.fixture
def no_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no console of an earlier test be used again."""
    monkeypatch.setattr(spares, "_kept", [])
