"""Every test starts in the same environment, whatever the shell has set."""

import os
import signal
import sys
from pathlib import Path

import pytest

STABLE = {
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "SDL_AUDIODRIVER": "dummy",
    "SDL_VIDEODRIVER": "dummy",
    "TERM": "xterm-256color",
}
SCRUBBED = {
    "ALE_ROMS_DIR",
    "COLORTERM",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "IMAGEIO_FFMPEG_EXE",
    "LINES",
    "PYTHONUNBUFFERED",
    "PY_COLORS",
    "TERMINAL_WIDTH",
    "WT_SESSION",
}

# The variables of platformdirs for Linux, and for Windows.
USER_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA")

# A shell makes jobs in the background ignore Ctrl-C, and so would the programs that the tests
# interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# So does nohup with the loss of the terminal.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what Windows has no counterpart of, for the reason that the marker gives."""
    marker = item.get_closest_marker("posix")
    if marker and sys.platform == "win32":
        pytest.skip(f"POSIX only: {marker.args[0]}")


@pytest.fixture(autouse=True)
def stable_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Drop every ATARI_* variable; no colour, a fixed width, no window and no sound.

    The folders of the user's files, which are created only when needed, belong to the test.
    """
    for name in os.environ:
        if name.startswith("ATARI_") or name in SCRUBBED:
            monkeypatch.delenv(name)
    for name, value in STABLE.items():
        monkeypatch.setenv(name, value)
    for name in USER_FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
