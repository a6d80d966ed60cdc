"""The commands of `atari` under Wine: each is run as its users run it."""

import os
import pty
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from time import monotonic, sleep
from typing import Final
from urllib.request import urlopen

from scripts.systems.bed import ROOT, Bed
from scripts.systems.checks import NATIVE, relative, replay

SECONDS: Final = 120
CTRL_C: Final = b"\x03"


def check_commands(bed: Bed) -> None:
    """Run each command that needs no person.

    Args:
        bed: The other system.

    Raises:
        CalledProcessError: If a command fails.
    """
    folder = bed.folder / "commands"
    shutil.rmtree(folder, ignore_errors=True)
    out = ("--max-frames", "400", "--out", relative(folder))
    for words in (
        ("games", "pac"),
        ("info", "pong"),
        ("doctor",),
        ("rollout", "pong", "--episodes", "2", "--workers", "2", "--max-frames", "400"),
        ("record", "pong", "--policy", "tracker", *out),
    ):
        bed.run("-m", "atari_cli", *words)
    [path] = folder.glob("*.npz")
    replay(bed, path)
    if not path.with_suffix(".mp4").stat().st_size:
        raise ValueError(f"{path.with_suffix('.mp4')} is empty")


def check_server(bed: Bed) -> None:
    """Serve in a console, ask for `/health`, and end the server with Ctrl-C.

    Args:
        bed: The other system.

    Raises:
        TimeoutError: If the server does not start or end.
        ValueError: If it does not end with 0.
    """
    command = [*bed.python, "-m", "atari_cli", "serve", "--port", "0"]
    server, terminal = pty.fork()
    if not server:
        os.chdir(ROOT)
        os.execvpe(command[0], command, bed.environment())
    url = read_until(terminal, rb"http://127\.0\.0\.1:\d+")
    with urlopen(f"{url}/health", timeout=SECONDS) as reply:
        print(url, reply.read().decode(), flush=True)
    os.write(terminal, CTRL_C)
    end = monotonic() + SECONDS
    while not (ended := os.waitpid(server, os.WNOHANG))[0]:
        if monotonic() > end:
            os.kill(server, signal.SIGKILL)
            raise TimeoutError("Ctrl-C did not end the server")
        sleep(0.1)
    os.close(terminal)
    if status := os.waitstatus_to_exitcode(ended[1]):
        raise ValueError(f"the server ended with {status} at Ctrl-C")
    print("Ctrl-C ended the server with 0")


def read_until(terminal: int, pattern: bytes) -> str:
    """Return the first match in what a terminal receives."""
    received = b""
    end = monotonic() + SECONDS
    while monotonic() < end:
        received += os.read(terminal, 4096)
        if found := re.search(pattern + rb"(?=\D)", received):
            return found[0].decode()
    raise TimeoutError(f"got only {received!r}")


def check_window(bed: Bed) -> None:
    """Play in a window on a screen that exists in memory only, and verify the recording here.

    Args:
        bed: The other system.

    Raises:
        CalledProcessError: If the game fails.
    """
    folder = bed.folder / "played"
    shutil.rmtree(folder, ignore_errors=True)
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as screen:
        try:
            number = screen.stdout.readline().decode().strip() if screen.stdout else ""
            seen = replace(
                bed,
                variables={**bed.variables, "DISPLAY": f":{number}", "SDL_AUDIODRIVER": "dummy"},
            )
            words = ("play", "breakout", "--policy", "random", "--episodes", "1")
            seen.run("-m", "atari_cli", *words, "--max-frames", "240", "--out", relative(folder))
        finally:
            screen.terminate()
    [path] = folder.glob("*.npz")
    replay(NATIVE, path)
