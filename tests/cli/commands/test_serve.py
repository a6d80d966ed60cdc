"""`atari serve` in its own process: its options, its exit codes and its shutdown."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import monotonic

import pytest
from websockets.sync.client import connect

from atari_cli.config import ServeConfig
from tests.cli.program import Program


class Served:
    """A running server and the lines that it has written to stderr so far."""

    def __init__(self, process: "subprocess.Popen[str]", *, reads_on: bool) -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stderr is not None
        self.lines.append(process.stderr.readline())
        found = re.search(r"http://(.+):(\d+)", self.lines[0])
        assert found, self.lines
        self.host, self.port = found[1].strip("[]"), int(found[2])
        self._reader = threading.Thread(target=self.lines.extend, args=(process.stderr,))
        if reads_on:
            self._reader.start()
        else:
            process.stderr.close()

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection(self.host, self.port, timeout=30)
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def read_to_the_end(self) -> None:
        """Wait for the last line of a process that has ended: its pipe is closed after that."""
        if self._reader.ident is not None:
            self._reader.join()


@contextmanager
def served(*options: str, reads_on: bool = True, **variables: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "atari_cli", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **variables}
    ) as process:
        server = None
        try:
            server = Served(process, reads_on=reads_on)
            yield server
        finally:
            process.kill()
            if server is not None:
                server.read_to_the_end()


@pytest.mark.posix("sends a signal to another process")
def test_it_prints_the_real_port_serves_and_exits_with_0() -> None:
    with served("breakout", "--log-json", "--frameskip", "2") as server:
        assert server.port > 0
        assert server.get("/health") == (200, '{"status":"healthy"}')
        state = json.loads(server.get("/state")[1])
        assert (state["game_name"], state["frameskip"]) == ("breakout", 2)
        with connect(f"ws://127.0.0.1:{server.port}/ws") as socket:
            started = monotonic()
            assert server.end() == 0
            assert monotonic() - started < 5
            assert socket.close_code is None or socket.close_code == 1012
        line = json.loads(server.lines[1])
        assert (line["path"], line["status"], line["level"]) == ("/health", 200, "info")


@pytest.mark.posix("sends a signal to another process")
def test_variables_replace_options_that_are_not_given() -> None:
    variables = {
        "ATARI_GAME": "ALE/Breakout-v5",
        "ATARI_OBS_TYPE": "ram",
        "OPENENV_MODE": "production",
        "ENABLE_WEB_INTERFACE": "False",
        "ATARI_TOKEN": "secret",
    }
    with served("--log-level", "warning", reads_on=True, **variables) as server:
        assert server.get("/metadata")[0] == 401
        headers = {"Authorization": "Bearer secret"}
        with connect(f"ws://127.0.0.1:{server.port}/ws", additional_headers=headers) as socket:
            socket.send('{"type": "state"}')
            state = json.loads(socket.recv(timeout=30))["data"]
        assert (state["game_name"], state["obs_type"]) == ("breakout", "ram")
        assert server.end(signal.SIGINT) == 0
        assert server.lines[1:] == []


@pytest.mark.posix("sends a signal to another process")
def test_it_keeps_serving_after_its_stderr_is_closed() -> None:
    with served(reads_on=False) as server:
        for _ in range(3):
            assert server.get("/health")[0] == 200
        assert server.end() == 0


@pytest.mark.posix("sends a signal to another process")
def test_a_second_signal_ends_it_at_once() -> None:
    code = (
        "import sys, time\n"
        "from atari_cli.server.front.listener import Listener\n"
        "stop = Listener.stop\n"
        "def slowly(self, seconds):\n"
        "    print('stopping', file=sys.stderr, flush=True)\n"
        "    time.sleep(30)\n"
        "Listener.stop = slowly\n"
        "from atari_cli.cli import main\n"
        "sys.exit(main(['serve', '--port', '0']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "serving at" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.stderr.readline() == "stopping\n"
        started = monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 128 + signal.SIGTERM
        assert monotonic() - started < 5


def test_a_port_in_use_is_reported_in_one_line_with_exit_code_1(atari: Program) -> None:
    with served() as server:
        line = atari.fails(1, "serve", "--port", server.port)
    assert f"cannot listen on 127.0.0.1:{server.port}: " in line
    assert "choose another --host or --port" in line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["brekout"], "did you mean"),
        (["pong", "--mode", "77"], "pong has no mode 77"),
        (["--difficulty", "9"], "has no difficulty 9"),
        (["--port", "65536"], "port must be"),
        (["--port", "x"], "--port"),
        (["--max-sessions", "0"], "max_sessions must be"),
        (["--idle-timeout", "0"], "idle_timeout must be seconds over 0, got 0.0"),
        (["--keep-lost", "-1"], "keep_lost must be seconds, or 0, got -1.0"),
        (["--ping-interval", "0"], "ping_interval must be seconds over 0, got 0.0"),
        (["--ping-timeout", "0"], "ping_timeout must be seconds over 0, got 0.0"),
        (["--idle-timeout", "nan"], "idle_timeout must be seconds over 0, got nan"),
        (["--allow-host", ""], "allow_host must be a host such as"),
        (["--allow-host", "http://games.example"], "allow_host must be a host such as"),
        (["--allow-origin", "games.example"], "allow_origin must be an origin such as"),
        (["--allow-origin", "https://a; script-src *"], "allow_origin must be an origin such as"),
        (["--no-such"], "(see `atari serve --help`)"),
        (["--log-level", "loud"], "log_level must be one of debug, info, warning, error"),
        (["--host", "0.0.0.0"], "give --token, or --allow-unauthenticated"),
        (["--host", ""], "host must be a name"),
        (["--token", ""], "token must be"),
        (["--token", "a b"], "token must be"),
    ],
)
def test_invalid_options_are_reported_in_one_line_with_exit_code_2(
    atari: Program, words: list[str], expected: str
) -> None:
    assert expected in atari.fails(2, "serve", *words)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ATARI_GAME", "nonsense", "ATARI_GAME: "),
        ("ATARI_FRAMESKIP", "0", "ATARI_FRAMESKIP must be"),
        ("ATARI_OBS_TYPE", "smell", "ATARI_OBS_TYPE must be one of"),
        ("OPENENV_MODE", "test", "OPENENV_MODE must be one of simulation, production"),
        ("ATARI_TOKEN", "ä", "ATARI_TOKEN must be"),
        ("SPACE_HOST", "https://me.hf.space", "SPACE_HOST must be a host"),
    ],
)
def test_an_invalid_variable_is_named(
    atari: Program, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert expected in atari.fails(2, "serve", "--port", 0)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, {"mode": "simulation", "web": True, "token": None, "allow_hosts": ()}),
        ({"OPENENV_MODE": " Production "}, {"mode": "production"}),
        ({"ENABLE_WEB_INTERFACE": "NO"}, {"web": False}),
        ({"ENABLE_WEB_INTERFACE": "true"}, {"web": True}),
        ({"ENABLE_WEB_INTERFACE": ""}, {"web": True}),
        (
            {"SPACE_HOST": "me-atari.hf.space"},
            {"allow_hosts": ("me-atari.hf.space",), "trust_proxy": True},
        ),
        ({"ATARI_TOKEN": " t "}, {"token": "t"}),
    ],
)
def test_variables_become_settings(variables: dict[str, str], expected: dict[str, object]) -> None:
    config = ServeConfig.from_variables({"port": 0}, variables)
    assert {name: getattr(config, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"ATARI_TOKEN": ""}, "ATARI_TOKEN must be"),
        ({"ATARI_TOKEN": "  "}, "ATARI_TOKEN must be"),
        ({"ATARI_TOKEN": "a b"}, "ATARI_TOKEN must be"),
        ({"ENABLE_WEB_INTERFACE": "flase"}, "ENABLE_WEB_INTERFACE must be true or false"),
        ({"OPENENV_MODE": "prod"}, "OPENENV_MODE must be one of"),
        ({"SPACE_HOST": "a b"}, "SPACE_HOST must be"),
    ],
)
def test_a_variable_that_should_restrict_the_server_is_not_ignored(
    atari: Program, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    """An unset secret gives an empty token, which must not open the server to everyone."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected in atari.fails(2, "serve", "pong", "--port", "0")


def test_options_take_precedence_over_variables() -> None:
    variables = {"ATARI_TOKEN": "variable", "SPACE_HOST": "a"}
    config = ServeConfig.from_variables({"token": "option", "allow_hosts": ("b",)}, variables)
    assert (config.token, config.allow_hosts) == ("option", ("b", "a"))


def test_the_variable_port_chooses_the_port_unless_the_option_does(
    atari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "99999")
    assert "port must be a whole number from 0 to 65535" in atari.fails(2, "serve")
    monkeypatch.setenv("PORT", "x")
    assert "PORT" in atari.fails(2, "serve")
    with served("--port", "0") as server:
        assert server.get("/health")[0] == 200
