"""The time of `atari --help` relative to the help of an empty program, each as a whole process."""

import subprocess
import sys
from functools import partial

from benchmarks.report import Row
from benchmarks.timing import Effort, ratio, seconds, side_by_side

# The code of the script that pip creates for an entry point.
_SCRIPT = "import sys; from {module} import {name}; sys.argv[0] = {module!r}; sys.exit({name}())"


def over_empty_app(effort: Effort) -> list[Row]:
    figures = side_by_side(
        {
            "atari": partial(_help, "atari_cli.cli", "main"),
            "empty Typer app": partial(_help, "benchmarks.empty_app", "app"),
        },
        effort.pick(25, 2),
    )
    value = ratio(figures, "atari", "empty Typer app")
    milliseconds = {name: [1000 * time for time in times] for name, times in figures.items()}
    what = "`atari --help` over an empty Typer app's"
    return [Row(what, value, 1.25, milliseconds, "ms", at_most=True)]


def _help(module: str, name: str) -> float:
    command = [sys.executable, "-c", _SCRIPT.format(module=module, name=name), "--help"]
    return seconds(partial(subprocess.run, command, stdout=subprocess.PIPE, check=True))
