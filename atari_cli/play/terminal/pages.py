"""The text around and over the picture in a terminal: status lines, pages and the help."""

from collections.abc import Iterable, Sequence
from typing import Final

from atari_cli.actions import ACTION_NAMES
from atari_cli.play.controls import watching as watched
from atari_cli.play.controls.keymap import KeyAction, Keymap
from atari_cli.play.interface import SLOTS, Command, Control, Row, View, is_number

# Without the commands about sound and the window, which a terminal does not have.
_DOES: Final[dict[KeyAction, str]] = {
    Control.UP: "up",
    Control.DOWN: "down",
    Control.LEFT: "left",
    Control.RIGHT: "right",
    Control.FIRE: "fire",
    Command.PAUSE: "pause",
    Command.ADVANCE: "next frame",
    Command.REWIND: "hold: rewind",
    Command.FAST_FORWARD: "hold: fast",
    Command.SLOW_MOTION: "slow motion",
    Command.NEW_GAME: "new game",
    Command.SAVE: "save",
    Command.LOAD: "load",
    Command.PREVIOUS_SLOT: "prev. slot",
    Command.NEXT_SLOT: "next slot",
    Command.TAKE_OVER: "agent plays",
    Command.HUD: "details",
    Command.SCREENSHOT: "screenshot",
    Command.VIDEO: "video",
    Command.HELP: "this help",
    Command.LEAVE: "leave",
}
_ARROWS: Final = {
    "": "·",
    "UP": "↑",
    "RIGHT": "→",
    "LEFT": "←",
    "DOWN": "↓",
    "UPRIGHT": "↗",
    "UPLEFT": "↖",
    "DOWNRIGHT": "↘",
    "DOWNLEFT": "↙",
}
_KEYS: Final = {"escape": "Esc", "space": "Space", "return": "Enter", "tab": "Tab"}
_PAGE: Final = "\x1b[0;38;2;235;235;235;48;2;28;32;44m"
_PLAIN: Final = "\x1b[0m"
_BOLD: Final = "\x1b[0;1m"
_REVERSE: Final = "\x1b[0;7m"
_BAR: Final = "\x1b[0;38;2;240;180;60m"


def status_line(view: View, keymap: Keymap, columns: int) -> str:
    """Return the status line, at most as wide as the screen.

    Args:
        view: The view to describe.
        keymap: The keys, for the key of the help.
        columns: Columns of the screen.
    """
    parts = [(_BOLD, view.message)] if view.message else []
    parts += [(_REVERSE, f" {view.status} ")] if view.status else []
    parts += [(_PLAIN, text) for text in (_facts(view) if view.hud else _headline(view, keymap))]
    line, room = "", columns
    for style, text in parts:
        # The first part is cut if it does not fit; later ones are left out.
        if line and len(text) + 2 > room:
            break
        gap = "  " if line else ""
        line += f"{gap}{style}{text[:room]}{_PLAIN}"
        room -= len(gap) + len(text)
    return line


def _headline(view: View, keymap: Keymap) -> Iterable[str]:
    yield view.game.display_name
    yield f"score {view.score:g}"
    if view.filming:
        yield "filming"
    helps = keyboard_keys(keymap, Command.HELP)
    if helps:
        yield f"{helps[0]} help"


def _facts(view: View) -> Iterable[str]:
    yield f"score {view.score:g}"
    if view.game.lives:
        yield f"lives {view.lives}"
    yield f"frame {view.frame:,}"
    yield f"{view.speed:.3g}×"
    yield joystick(view.code)
    yield view.pilot
    yield f"slot {view.slot}/{SLOTS - 1}"
    yield from ["filming"] * view.filming + ["recording"] * view.recording


def joystick(code: int) -> str:
    """Return a joystick and its button as two characters, for an ALE code (0-17)."""
    name = ACTION_NAMES[code].replace("NOOP", "")
    return _ARROWS[name.removesuffix("FIRE")] + ("●" if name.endswith("FIRE") else "○")


def position_line(position: tuple[int, int], columns: int) -> str:
    """Return the position in a recording as a bar of the screen's width.

    Args:
        position: The step shown and the number of steps.
        columns: Columns of the screen.
    """
    step, steps = position
    numbers = f"step {step:,}/{steps:,} "
    width = max(columns - len(numbers), 0)
    done = min(width * step // max(steps, 1), width)
    return f"{_PLAIN}{numbers}{_BAR}{'━' * done}{_PLAIN}{'─' * (width - done)}"


def keyboard_keys(keymap: Keymap, action: KeyAction) -> list[str]:
    """Return an action's keys of the keyboard, as they are printed on it.

    Args:
        keymap: The keys.
        action: The action.
    """
    keys = keymap.keyboard_keys_of(action)
    return [_ARROWS.get(key.upper()) or _KEYS.get(key) or key.upper() for key in keys]


def help_page(keymap: Keymap, columns: int, watching: bool) -> list[str]:
    """Return the help on keys as 11 lines that fit the columns, unless names are long.

    Args:
        keymap: The keys.
        columns: Columns that the page may take.
        watching: Whether a recording is watched.
    """
    labels = _DOES
    if watching:
        labels = {
            action: watched.LABELS.get(action, does)
            for action, does in _DOES.items()
            if action not in watched.WITHOUT_EFFECT
        }
    entries = [(keyboard_keys(keymap, action), does) for action, does in labels.items()]
    bound = [(keys, does) for keys, does in entries if keys]
    wide = _halved([(" ".join(keys), does) for keys, does in bound], gap="  ")
    if max(map(len, wide), default=0) <= columns:
        return wide
    return _halved([(keys[0], does) for keys, does in bound], gap=" ")


def table(rows: Sequence[Row]) -> list[str]:
    """Return rows as lines: cells in columns one blank apart, numbers to the right."""
    cells = [row for row in rows if len(row) > 1]
    columns = range(max(map(len, cells), default=0))
    widths = [max(len(row[column]) for row in cells if column < len(row)) for column in columns]
    return [
        " ".join(
            f"{cell:>{width}}" if is_number(cell) else f"{cell:<{width}}"
            for cell, width in zip(row, widths, strict=False)
        )
        if len(row) > 1
        else row[0]
        for row in rows
    ]


def _halved(entries: Sequence[tuple[str, str]], gap: str) -> list[str]:
    """Return a table in two halves, side by side."""
    half = -(-len(entries) // 2)
    left, right = _table(entries[:half], gap), _table(entries[half:], gap)
    right += [""] * (half - len(right))
    return [f"{one} {gap}{other}" for one, other in zip(left, right, strict=True)]


def _table(entries: Sequence[tuple[str, str]], gap: str) -> list[str]:
    widths = [max((len(entry[column]) for entry in entries), default=0) for column in (0, 1)]
    return [f"{keys:<{widths[0]}}{gap}{does:<{widths[1]}}" for keys, does in entries]


def page(lines: Sequence[str], columns: int, rows: int) -> str:
    """Return a framed page in the middle of the upper rows, cut if it is too large.

    Args:
        lines: The lines of the page.
        columns: Columns of the screen.
        rows: Rows that it may take.
    """
    width = min(max((len(line) for line in lines), default=0), columns - 4)
    shown = [f"│ {line[:width]:<{width}} │" for line in lines[: rows - 2]]
    framed = [f"┌{'─' * (width + 2)}┐", *shown, f"└{'─' * (width + 2)}┘"]
    top, left = (rows - len(framed)) // 2 + 1, (columns - width - 4) // 2 + 1
    placed = [f"\x1b[{top + row};{left}H{line}" for row, line in enumerate(framed)]
    return _PAGE + "".join(placed) + _PLAIN
