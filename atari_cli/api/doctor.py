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
    """Check Python, ALE, the ROMs, ffmpeg, display, terminal, sound, keys, saves, settings and Ray.

    Returns:
        The finding of each check, by name; an exception in a check is a failure like others.
    """
    return {name: _finding(check) for name, check in CHECKS.items()}


def _finding(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # whatever is broken here is to be named, not to hide the rest
        return Finding("fail", f"{type(error).__name__}: {error}", "the check itself failed")


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
    from atari_cli.config import VIDEO_FORMATS
    from atari_cli.errors import MissingDependency
    from atari_cli.recording.media.video import check_ffmpeg, check_format

    try:
        program = check_ffmpeg()
    except MissingDependency as error:
        return Finding("note", "videos cannot be written", str(error))
    reasons = {}
    for name in VIDEO_FORMATS:
        try:
            check_format(name)
        except MissingDependency as error:
            reasons[name] = str(error)
    if reasons:
        missing = ", ".join(reasons)
        return Finding("note", f"{missing} cannot be written", next(iter(reasons.values())))
    return Finding("ok", f"{program}, {', '.join(VIDEO_FORMATS)}")


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
    if file is None:
        return Finding("note", "the defaults", "no home folder is known: set HOME to have your own")
    if not os.path.exists(file):
        return Finding("ok", "the defaults", f"write {file} to change keys")
    try:
        load_keymap(file)
    except InvalidSetting as error:
        return Finding("fail", str(error), "correct it, or move it away to use the defaults")
    return Finding("ok", str(file))


def _saves() -> Finding:
    from atari_cli.config import data_folder
    from atari_cli.errors import InvalidSetting

    try:
        folder = data_folder()
    except InvalidSetting as error:
        return Finding("note", "no folder", str(error))
    made = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
    if not os.path.isdir(made) or not os.access(made, os.W_OK):
        return Finding(
            "note", f"{folder} cannot be written", "set ATARI_DATA_DIR to another folder"
        )
    return Finding("ok", str(folder))


def _settings() -> Finding:
    from atari_cli.config import EnvironmentConfig, ServeConfig, unknown_variables
    from atari_cli.errors import InvalidSetting
    from atari_cli.games import find_game

    try:
        EnvironmentConfig.from_variables({}, find_game)
        ServeConfig.from_variables({})
    except InvalidSetting as error:
        return Finding("fail", str(error), "correct the variable or unset it")
    if unknown := unknown_variables():
        return Finding("note", unknown[0], "correct its name or unset it")
    known = sorted(name for name in os.environ if name.startswith("ATARI_"))
    return Finding("ok", ", ".join(known) or "the defaults")


def _ray() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding("ok", f"ray {version('ray')}")
    except PackageNotFoundError:
        return Finding("note", "not installed", 'pip install "atari-cli[ray]" for --ray')


CHECKS: Final[dict[str, Callable[[], Finding]]] = {
    check.__name__.removeprefix("_"): check
    for check in (
        _python,
        _ale,
        _roms,
        _ffmpeg,
        _display,
        _terminal,
        _sound,
        _keys,
        _saves,
        _settings,
        _ray,
    )
}
