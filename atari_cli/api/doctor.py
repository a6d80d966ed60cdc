"""`doctor`: what this machine has ready for atari, and what to do about the rest."""

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from typing import Final, NamedTuple


class Finding(NamedTuple):
    """The outcome of one check.

    Attributes:
        state: `ok`; `note` if something optional is missing; `fail` if commands will not work.
        found: The part that was found, or the reason why it cannot be used.
        advice: How to fix it; empty if there is nothing to fix.
    """

    state: str
    found: str
    advice: str = ""


def doctor() -> dict[str, Finding]:
    """Check Python, ALE, the ROMs, ffmpeg, display, terminal, sound, keys and Ray.

    Returns:
        The finding of each check, by name.
    """
    return {name: check() for name, check in CHECKS.items()}


def _python() -> Finding:
    found = f"{platform.python_implementation()} {platform.python_version()}"
    return Finding("ok", f"{found}, {platform.platform(terse=True)}")


def _ale() -> Finding:
    try:
        import ale_py
    except ImportError as error:
        return Finding("fail", str(error), "pip install ale-py")
    return Finding("ok", f"ale_py {ale_py.__version__}")


def _roms() -> Finding:
    from atari_cli.errors import AtariError
    from atari_cli.games import all_games, rom_path

    broken = []
    for game in all_games():
        try:
            rom_path(game)
        except AtariError as error:
            broken.append(str(error))
    if broken:
        return Finding("fail", f"{len(broken)} of {len(all_games())} unusable", broken[0])
    folder = os.environ.get("ALE_ROMS_DIR", "ale_py")
    return Finding("ok", f"{len(all_games())} games in {folder}")


def _ffmpeg() -> Finding:
    from atari_cli.errors import MissingDependency
    from atari_cli.recording.media.video import check_ffmpeg

    try:
        return Finding("ok", str(check_ffmpeg()))
    except MissingDependency as error:
        return Finding("note", "videos cannot be written", str(error))


def _display() -> Finding:
    if sys.platform in {"win32", "darwin"}:
        return Finding("ok", "the system's own")
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return Finding("ok", f"{variable}={os.environ[variable]}")
    return Finding("note", "none", "`atari play --terminal` plays in a truecolor terminal")


def _terminal() -> Finding:
    from atari_cli.pictures.half_blocks import supports_truecolor

    if sys.platform == "win32":
        return Finding("note", "none to play in", "`atari play` opens a window")
    if supports_truecolor(os.environ):
        return Finding("ok", f"truecolor ({os.environ.get('TERM', '')})")
    return Finding(
        "note", os.environ.get("TERM", "none"), "set COLORTERM=truecolor if it has 24-bit colour"
    )


def _sound() -> Finding:
    if importlib.util.find_spec("pygame") is None:
        return Finding("note", "pygame is not installed", "pip install pygame")
    # In a separate process: without a device, the system's sound library writes to stderr.
    code = "import pygame; pygame.mixer.init()"
    opened = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if opened.returncode:
        return Finding("note", "no device", "videos have sound nevertheless")
    return Finding("ok", os.environ.get("SDL_AUDIODRIVER", "the system's device"))


def _keys() -> Finding:
    from atari_cli.config import keys_file
    from atari_cli.errors import InvalidSetting
    from atari_cli.play.controls.keymap import load_keymap

    file = keys_file()
    if not file.exists():
        return Finding("ok", "the defaults", f"write {file} to change keys")
    try:
        load_keymap(file)
    except InvalidSetting as error:
        return Finding("fail", str(error), "correct it, or move it away to use the defaults")
    return Finding("ok", str(file))


def _ray() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding("ok", f"ray {version('ray')}")
    except PackageNotFoundError:
        return Finding("note", "not installed", 'pip install "atari-cli[ray]" for --ray')


CHECKS: Final[dict[str, Callable[[], Finding]]] = {
    check.__name__.removeprefix("_"): check
    for check in (_python, _ale, _roms, _ffmpeg, _display, _terminal, _sound, _keys, _ray)
}
