"""The peak memory of recording half an hour of play, in its process and its encoder."""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

import numpy as np

from benchmarks.report import Row
from benchmarks.timing import Effort

_FRAMES = 108_000

# The command, which prints the status of its process at the end.
_PROGRAM = """
import sys
from atari_cli.cli import main
code = main(sys.argv[1:])
print(open("/proc/self/status").read())
sys.exit(code)
"""


def while_recording(effort: Effort) -> list[Row]:
    """Record in a new process; only Linux reports the peak memory of one process."""
    if not Path("/proc/self/status").exists():
        print("memory: measured on Linux alone", file=sys.stderr)
        return []
    frames = effort.pick(_FRAMES, 2000)
    own, encoder = _record(frames)
    figures = {"process": [own], "encoder": [encoder]}
    what = f"peak memory while recording {frames:,} frames of breakout"
    return [Row(what, own + encoder, 300, figures, "MB", unit="MB", at_most=True)]


def _record(frames: int) -> tuple[float, float]:
    """Record one episode of breakout; return the peaks of `atari record` and of its encoder."""
    options = ["--policy", "benchmarks.record.wandering:wander", "--max-frames", str(frames)]
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _PROGRAM, "record", "breakout", *options, "--out", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            encoder = 0.0
            while process.poll() is None:
                encoder = max(encoder, _children_peak(process.pid))
                sleep(0.05)
            assert process.stdout
            own = _peak(process.stdout.read())
        (npz,) = Path(folder).glob("*.npz")
        with np.load(npz) as recording:
            if len(recording["frame_actions"]) != frames:
                raise RuntimeError(
                    f"expected {frames} frames, got {len(recording['frame_actions'])}"
                )
    return own, encoder


def _children_peak(pid: int) -> float:
    """Return the sum of the peaks so far of the programs that a process has started."""
    total = 0.0
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _text(listing).split():
            status = _text(Path(f"/proc/{child}/status"))
            # A child that has not yet become another program still shows the memory of this one.
            if not status.startswith("Name:\tpython"):
                total += _peak(status)
    return total


def _peak(status: str) -> float:
    """Return the peak of resident memory in the status of a process, in MB; 0 after its end."""
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(peak[1]) * 1024 / 1e6 if peak else 0.0


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError:  # the process has ended
        return ""
