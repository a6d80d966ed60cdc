"""The settings of the player during a session: pause, speed, sound, slot and pages."""

from typing import Final, Self

from atari_cli.config import PlayConfig
from atari_cli.play.interface import SLOTS, Command, Inputs

MESSAGE_TICKS: Final = 120
"""How long a message stays on the screen."""

SLOW_TICKS: Final = 4
"""Ticks per frame in slow motion."""

VOLUME_STEP: Final = 10
FASTEST_REWIND: Final = 64

BEHIND_HELP: Final = frozenset({Command.HELP, Command.LEAVE, Command.MUTE, Command.FULLSCREEN})
"""The commands that are obeyed while the help page is open."""


_PLAYING: Final = ((False, False), (False, True))
_WATCHING: Final = ((True, False), (True, True), (False, False))
"""Whether slider and heads-up display are on, in the order in which one key goes through them."""


class PlayerSettings:
    """Pause, speed, sound, slot, pages and the current message.

    Args:
        config: The settings to start with.
        has_slider: Whether there is a position to show.

    Attributes:
        paused: Whether the game is paused.
        slow: Whether slow motion is on.
        muted: Whether the sound is off.
        volume: Loudness in percent.
        help: Whether the help page is open.
        hud: Whether the heads-up display is on.
        slider: Whether the position in a recording is shown.
        slot: The chosen slot.
        message: A line for the player, which disappears after `MESSAGE_TICKS`.
    """

    def __init__(self, config: PlayConfig, has_slider: bool = False) -> None:
        self._displays = _WATCHING if has_slider else _PLAYING
        self.slider, _ = self._displays[0]
        self.slow = self.help = self.hud = False
        self.muted, self.volume = config.mute, config.volume
        self.slot = 0
        self.message = ""
        self._paused = self._unfocused = False
        self._message_ticks = self._ticks = self._rewound_ticks = 0

    @property
    def paused(self) -> bool:
        """Whether the game is paused: by the key, without the focus, or behind the help page."""
        return self._paused or self._unfocused or self.help

    def set_like(self, others: Self) -> None:
        """Copy speed, sound, display and slot from other settings, not pause and message."""
        self.slow, self.hud, self.slot = others.slow, others.hud, others.slot
        self.muted, self.volume = others.muted, others.volume

    def say(self, message: str) -> None:
        """Show a message."""
        self.message, self._message_ticks = message, MESSAGE_TICKS

    def tick(self, inputs: Inputs, stops_without_focus: bool) -> None:
        """Advance by one tick.

        Args:
            inputs: The player's inputs.
            stops_without_focus: Whether the game is paused while another window has the keyboard.
        """
        self._ticks += 1
        self._unfocused = stops_without_focus and not inputs.focused
        self._message_ticks -= 1
        if self._message_ticks <= 0:
            self.message = ""
        if Command.REWIND not in inputs.held:
            self._rewound_ticks = 0

    def is_due(self) -> bool:
        """Return whether this tick has a frame; in slow motion every fourth has one."""
        return not self.slow or self._ticks % SLOW_TICKS == 0

    def rewind_steps(self, ticks_per_second: int) -> int:
        """Return how many steps to rewind in this tick: the longer it lasts, the more."""
        self._rewound_ticks += 1
        return int(min(FASTEST_REWIND, 2 ** ((self._rewound_ticks - 1) // ticks_per_second)))

    def obey(self, command: Command) -> bool:
        """Carry out a command about the settings; return whether it is one."""
        match command:
            case Command.PAUSE:
                self._paused = not self._paused
            case Command.ADVANCE:
                self._paused = True
            case Command.SLOW_MOTION:
                self.slow = not self.slow
            case Command.HELP:
                self.help = not self.help
            case Command.LEAVE if self.help:
                self.help = False
            case Command.HUD:
                at = self._displays.index((self.slider, self.hud))
                self.slider, self.hud = self._displays[(at + 1) % len(self._displays)]
            case Command.MUTE:
                self.muted = not self.muted
                self.say("sound off" if self.muted else "sound on")
            case Command.LOUDER | Command.QUIETER:
                self._turn(VOLUME_STEP if command is Command.LOUDER else -VOLUME_STEP)
            case Command.NEXT_SLOT | Command.PREVIOUS_SLOT:
                self.slot = (self.slot + (1 if command is Command.NEXT_SLOT else -1)) % SLOTS
                self.say(f"slot {self.slot}")
            case _:
                return False
        return True

    def _turn(self, percent: int) -> None:
        self.volume = max(0, min(100, self.volume + percent))
        self.muted = False
        self.say(f"volume {self.volume} %")
