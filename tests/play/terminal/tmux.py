"""A terminal for the tests, in which a program runs: it receives keys, and its text is read."""

import os
import subprocess
from pathlib import Path

from tests.play.sessions import until

ROOT = Path(__file__).parents[3]


class Tmux:
    """A separate tmux with a shell, 80 columns wide and 24 lines high."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tmux"

    def run(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        surroundings = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        surroundings |= {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PS1": "$ "}
        done = subprocess.run(
            command, capture_output=True, text=True, env=surroundings, check=True, timeout=20
        )
        return done.stdout

    def open(self, columns: int = 80, lines: int = 24) -> None:
        self.run("new-session", "-d", "-x", str(columns), "-y", str(lines), "sh")
        self.run("set-option", "-g", "remain-on-exit", "on")
        until(lambda: self.text().strip())

    def type(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def text(self) -> str:
        return self.run("capture-pane", "-p")

    def kill(self) -> None:
        """Drop the connection, as when the network is gone."""
        command = ["tmux", "-S", str(self._socket), "kill-server"]
        subprocess.run(command, check=False, capture_output=True)
