"""`atari doctor`: what of the machine is ready, and what to do about the rest."""

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

import typer

from atari_cli.cli.options import Json


class Finding(NamedTuple):
    """What a check found.

    Attributes:
        state: `ok`; `note`, something optional is missing; or `fail`, commands will not work.
        found: What is there.
        advice: What to do about it, if anything.
    """

    state: str
    found: str
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(doctor)


def doctor(json: Json = False) -> None:
    """Check Python, ALE, ROMs, ffmpeg, display, sound and keys."""
    from atari_cli.cli.output import make_table, print_json, print_table

    findings = {name: check() for name, check in CHECKS.items()}
    if json:
        print_json({name: finding._asdict() for name, finding in findings.items()})
    else:
        rows = [(name, *finding) for name, finding in findings.items()]
        print_table(make_table(("check", "state", "found", "advice"), rows))
    if any(finding.state == "fail" for finding in findings.values()):
        raise typer.Exit(1)


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

    if supports_truecolor(os.environ):
        return Finding("ok", f"truecolor ({os.environ.get('TERM', '')})")
    return Finding("note", os.environ.get("TERM", "none"), "set COLORTERM=truecolor if it has it")


def _sound() -> Finding:
    if importlib.util.find_spec("pygame") is None:
        return Finding("note", "pygame is not installed", "pip install pygame")
    # In a process of its own: without a device, the system's sound library chatters on stderr.
    code = "import pygame; pygame.mixer.init()"
    opened = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if opened.returncode:
        return Finding("note", "no device", "videos have sound all the same")
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
        return Finding("fail", str(error), "mend it, or move it away for the defaults")
    return Finding("ok", str(file))


def _ray() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding("ok", f"ray {version('ray')}")
    except PackageNotFoundError:
        return Finding("note", "not installed", "pip install 'atari-cli[ray]' for --ray")


CHECKS: Final[dict[str, Callable[[], Finding]]] = {
    "python": _python,
    "ale": _ale,
    "roms": _roms,
    "ffmpeg": _ffmpeg,
    "display": _display,
    "terminal": _terminal,
    "sound": _sound,
    "keys": _keys,
    "ray": _ray,
}
