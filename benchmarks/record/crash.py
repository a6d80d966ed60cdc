"""The frames lost of a recording whose process is killed with SIGKILL."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np

from atari_cli.config import EnvironmentConfig
from benchmarks.report import Row
from benchmarks.timing import Effort

_ATARI = (sys.executable, "-m", "atari_cli")
_FPS = 60


def lost_by_kill(effort: Effort) -> list[Row]:
    """Kill `atari record` at several points; the value is the worst loss."""
    losses = [float(_lose(500 * (kill + 1))) for kill in range(effort.repeats)]
    value = max(losses) / _FPS
    figures = {"lost": losses}
    what = "lost after kill -9 while recording, pong"
    return [Row(what, value, 1, figures, "frames", unit="s", at_most=True)]


def _lose(frames: int) -> int:
    """Kill a recording after a number of frames, recover it, and return an upper bound of the loss.

    The policy reports the frames that it has seen; the step that it chose next may have been
    played, so the frames of one more step count as lost unless they are recovered.
    """
    with TemporaryDirectory() as folder:
        reported = _record_until(frames, folder)
        (journal,) = Path(folder).glob("*.journal")
        if list(Path(folder).glob("*.npz")):
            raise RuntimeError(f"the recording of {journal} ended before it was killed")
        subprocess.run([*_ATARI, "recover", folder], stdout=subprocess.PIPE, check=True)
        (npz,) = Path(folder).glob("*.npz")
        with np.load(npz) as recording:
            recovered = len(recording["frame_actions"])
    return max(0, reported + EnvironmentConfig.frameskip - recovered)


def _record_until(frames: int, folder: str) -> int:
    """Record until the policy reports a number of frames, kill the process; return the last."""
    options = ["--policy", "benchmarks.record.counting:count", "--scale", "1", "--out", folder]
    with subprocess.Popen(
        [*_ATARI, "record", "pong", *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        reported = _read(process.stderr, until=frames)
        process.kill()
        return max(reported, _read(process.stderr))


def _read(output: IO[bytes], until: int | None = None) -> int:
    """Return the last number of the output, or the first one that reaches `until`."""
    reported = 0
    for line in output:
        if line.endswith(b"\n"):
            reported = int(line)
        if until is not None and reported >= until:
            break
    else:
        if until is not None:
            raise RuntimeError(f"the recording ended by itself after {reported} frames")
    return reported
