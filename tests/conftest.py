"""Every test starts in the same environment, whatever the shell has set."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from atari_cli.system import files

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


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Callable[[], None]]]:
    """A function that opens a file as another program on Windows does, and returns one to close it.

    Nobody can replace or delete the file meanwhile, and nobody waits for it. Where the system
    allows that, its functions raise the errors of Windows.
    """
    monkeypatch.setattr(files, "_PATIENCE", 0.0)
    held: set[str] = set()

    def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*paths: Any, **options: Any) -> Any:
            if not held.isdisjoint(map(str, paths)):
                error = PermissionError(13, "Access denied", str(paths[0]))
                # A file that is to be replaced, and not renamed or deleted, has another error.
                error.winerror = 32 if str(paths[0]) in held else 5  # type: ignore[attr-defined]  # typed for Windows alone
                raise error
            return function(*paths, **options)

        return call

    with ExitStack() as opened:
        if sys.platform != "win32":
            for name in ("replace", "rename", "unlink"):
                monkeypatch.setattr(os, name, refusing(getattr(os, name)))

        def open_file(path: Path) -> Callable[[], None]:
            file = opened.enter_context(path.open("rb"))
            held.add(str(path))

            def close() -> None:
                held.discard(str(path))
                file.close()

            return close

        yield open_file


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as a user of a container: without HOME and an entry among the users."""
    import pwd

    def missing(number: object) -> NoReturn:
        raise KeyError(number)

    for name in ("HOME", *USER_FOLDERS):
        monkeypatch.delenv(name, raising=False)
    for name in ("getpwuid", "getpwnam"):
        monkeypatch.setattr(pwd, name, missing)


@pytest.fixture
def no_x264(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace ffmpeg by one without the encoder of MP4 and MKV."""
    import imageio_ffmpeg

    program = tmp_path / "ffmpeg"
    real = imageio_ffmpeg.get_ffmpeg_exe()
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "if any('libx264' in word for word in sys.argv):\n"
        "    sys.exit(\"[vost#0:0 @ 0x5581] Unknown encoder 'libx264'\")\n"
        f"os.execv({real!r}, [{real!r}, *sys.argv[1:]])\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
