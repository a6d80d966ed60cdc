"""`atari mcp` in its own process: what it writes to which stream, and how it ends."""

import json
import os
import shlex
import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.program import Program

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def started(*options: str, program: str | None = None) -> "subprocess.Popen[str]":
    """Start the command; `program` runs in place of it, in Python."""
    command = ["-c", program] if program else ["-m", "atari_cli"]
    pipes: dict[str, Any] = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    return subprocess.Popen([sys.executable, *command, "mcp", *options], text=True, **pipes)


def said(process: "subprocess.Popen[str]", request: dict[str, Any]) -> Any:
    """Send a request and return the answer."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return PING | {"method": "tools/call", "params": {"name": name, "arguments": arguments}}


def test_it_plays_with_the_given_settings_and_exits_with_0_at_the_end_of_input() -> None:
    with started("--frameskip", "2", "--log-level", "info") as process:
        begun = said(process, call("new_game", game="breakout", seed=1))["result"]
        assert begun["structuredContent"]["frameskip"] == 2
        played = said(process, call("press", actions=[{"action": "FIRE", "steps": 3}]))["result"]
        assert played["structuredContent"]["frames"] == 6
        rest, log = process.communicate()
    assert (rest, process.returncode) == ("", 0)
    assert "INFO MCP on standard input and output" in log


@pytest.mark.posix("sends a signal to another process")
def test_it_exits_with_0_on_sigterm() -> None:
    with started() as process:
        assert said(process, PING)["result"] == {}
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 0


def test_it_ends_without_a_traceback_when_its_output_is_closed() -> None:
    with started() as process:
        assert said(process, PING)["result"] == {}
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(json.dumps(PING) + "\n")
        process.stdin.flush()
        assert process.wait(30) == 1
        assert process.stderr.read() == ""


@pytest.mark.posix("closes standard input in a shell")
def test_it_ends_at_once_without_input() -> None:
    command = [sys.executable, "-m", "atari_cli", "mcp"]
    shell = f"{shlex.join(command)} <&-"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.posix("opens a pseudo-terminal")
def test_at_a_terminal_it_explains_what_it_waits_for() -> None:
    near, far = os.openpty()
    command = [sys.executable, "-m", "atari_cli", "mcp"]
    with subprocess.Popen(command, stdin=far, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "Ctrl-D ends it" in process.stderr.readline()
        os.write(near, b"\x04")
        assert process.wait(30) == 0
    os.close(near)
    os.close(far)


def test_output_of_other_code_stays_out_of_the_protocol() -> None:
    program = """
import os, sys
from atari_cli.cli import main
from atari_cli.server.mcp import rpc
def chatty(params, caller):
    print("from Python")
    os.write(1, b"from a library\\n")
    return {}
rpc.METHODS["ping"] = chatty
sys.exit(main())
"""
    with started(program=program) as process:
        assert said(process, PING)["result"] == {}
        rest, noise = process.communicate()
    assert rest == ""
    assert sorted(noise.splitlines()) == ["from Python", "from a library"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("pomg",), "no game is called 'pomg'"),
        (("pong", "--mode", "77"), "pong has no mode 77"),
        (("--log-level", "loud"), "log_level must be one of"),
        (("--frameskip", "0"), "frameskip must be"),
    ],
)
def test_an_invalid_option_is_reported_in_one_line_with_exit_code_2(
    options: tuple[str, ...], expected: str
) -> None:
    with started(*options) as process:
        out, line = process.communicate(json.dumps(PING))
    assert (out, process.returncode, line.count("\n")) == ("", 2, 1)
    assert expected in line


def test_the_help_names_the_protocol(atari: Program) -> None:
    assert "Model Context Protocol" in atari("mcp", "--help")
