"""Disk space of an installation: this package, and upstream's Atari environment."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import Row
from benchmarks.timing import Effort
from benchmarks.virtual import PINS, ROOT, Peers

IMAGE = "atari-env:latest"

# The requirements of upstream's envs/atari_env, at the newest release of OpenEnv tested here.
_UPSTREAM = ("openenv[core]==0.10.0", "fastapi", "uvicorn", "requests", "gymnasium", "ale-py")


def install_size(effort: Effort) -> list[Row]:
    """Install both and measure their package folders, and the image if there is one."""
    if effort.quick:
        return []
    base = _megabytes(Peers("base", [str(ROOT)], ROOT / "constraints.txt"))
    upstream = _megabytes(Peers("upstream", _UPSTREAM, PINS))
    figures = {"atari-cli": [base], "upstream's dependencies": [upstream]}
    what = "installed size, over upstream's dependencies"
    rows = [Row(what, base / upstream, 1, figures, "MB", at_most=True)]
    return rows + _image_size()


def _megabytes(peers: Peers) -> float:
    peers.make()
    return sum(file.stat().st_size for file in peers.packages().rglob("*") if file.is_file()) / 1e6


def _image_size() -> list[Row]:
    """Return the size of the image that `make docker` has built, if an engine has it."""
    command: Sequence[str | Path] = ("docker", "image", "inspect", IMAGE)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        print(f"serve-size: no image {IMAGE}: make docker", file=sys.stderr)
        return []
    size = json.loads(done.stdout)[0]["Size"] / 1e6
    return [Row(f"size of the image {IMAGE}", size, 450, {"image": [size]}, "MB", "MB", True)]
