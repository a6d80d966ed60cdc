"""A recording in the terminal, at the speed of the console."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

from atari_cli.checks import whole_number
from atari_cli.errors import AtariError
from atari_cli.games import palette
from atari_cli.terminal import FullScreen, HalfBlocks, supports_truecolor

if TYPE_CHECKING:
    from atari_cli.model import Bytes
    from atari_cli.recording import Recording


def watch_recording(recording: "Recording", first_step: int) -> None:
    """Show a recording from a step on until its end or Ctrl-C.

    Raises:
        AtariError: If stdout is not a terminal with 24-bit colour.
        InvalidSetting: If the recording has no such step.
    """
    whole_number(0, recording.steps)("--from", first_step)
    if not sys.stdout.isatty():
        raise AtariError("--watch needs a terminal; --video FILE.mp4 writes a video instead")
    if not supports_truecolor(os.environ):
        raise AtariError(
            "--watch needs a terminal with 24-bit colour; if yours has it, set COLORTERM=truecolor"
        )
    size = shutil.get_terminal_size()
    picture = HalfBlocks(size.columns, size.lines - 1)
    colours = palette(recording.game.tv)
    with FullScreen(sys.stdout) as screen:

        def show(moment: Moment) -> None:
            line = moment.status[: size.columns - 1]
            below = f"\x1b[{picture.rows + 1};1H{line}\x1b[K"
            screen.write(picture.draw(colours[moment.screen]) + below)

        show_in_time(_moments(recording, first_step), recording.game.fps, show)


class Moment(NamedTuple):
    """A frame to show: its palette indices, and the line below it."""

    screen: "Bytes"
    status: str


def show_in_time(
    moments: Iterable[Moment],
    fps: int,
    show: Callable[[Moment], None],
    clock: Callable[[], float] = monotonic,
    wait: Callable[[float], None] = sleep,
) -> None:
    """Show each frame at its time, or not at all where the next one is due already."""
    due = None
    for moment in moments:
        now = clock()
        # The first frame may take a while: the console boots, and earlier steps are played.
        due = now if due is None else due + 1 / fps
        if due > now:
            wait(due - now)
        if now - due < 1 / fps:
            show(moment)


def _moments(recording: "Recording", first_step: int) -> Iterator[Moment]:
    """Yield every frame from a step on."""
    from atari_cli.recording import Replay

    replay = Replay(recording, keep_frames=True)
    score = 0.0
    for step, result in enumerate(replay):
        score += result.reward
        if step >= first_step:
            status = f"{recording.game.title}  step {step:,}/{recording.steps:,}  score {score:g}"
            for frame in replay.environment.frames:
                yield Moment(frame.screen, status)
