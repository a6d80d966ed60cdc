"""The server's image, built and run by a Docker engine; skipped where there is none.

`.ci/docker` starts an engine and provides the base image of the Dockerfile.
"""

import asyncio
import gc
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from tempfile import gettempdir
from threading import Timer
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import InvalidMessage, WebSocketException
from websockets.sync.client import connect

from atari_cli import AtariAction, AtariEnv
from atari_cli.errors import ConnectionLost, ContainerFailed
from benchmarks.virtual import one_at_a_time

ROOT = Path(__file__).parents[2]
IMAGE = "atari-env:test"
HARDENED = (
    *("--user", "65532:65532", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--pids-limit", "256"),
)
RUNS = re.findall(r"^docker run .+$", (ROOT / "docs/docker.md").read_text("utf-8"), re.MULTILINE)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("docker")]


def docker(*words: str, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    command = ["docker", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


def succeeds(*words: str, seconds: float = 60.0) -> bool:
    try:
        return docker(*words, seconds=seconds).returncode == 0
    except subprocess.TimeoutExpired:
        return False


class Container:
    """A running container."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def address(self) -> str:
        """The address on this machine that leads to the server."""
        return docker("port", self.name, "8000/tcp").stdout.split()[0]

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return the status and the body of the server's answer."""
        connection = HTTPConnection(self.address, timeout=10)
        connection.request(method, path, None if body is None else json.dumps(body))
        response = connection.getresponse()
        content = json.loads(response.read())
        connection.close()
        return response.status, content

    def first_line(self, expected: str, *words: str, seconds: float = 60.0) -> str:
        """Return the first line containing `expected` that a Docker command prints."""
        process = subprocess.Popen(
            ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        killer = Timer(seconds, process.kill)
        killer.start()
        with process:
            assert process.stdout is not None
            found = next((line for line in process.stdout if expected in line), "")
            process.kill()
        killer.cancel()
        return found

    def end(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds that it took."""
        start = monotonic()
        assert succeeds("kill", "--signal", "TERM", self.name)
        code = int(docker("wait", self.name).stdout)
        return code, monotonic() - start


@contextmanager
def started(*options: str, arguments: tuple[str, ...] = ()) -> Iterator[Container]:
    """Start a container and remove it after the block."""
    publish = ("--publish", "127.0.0.1::8000")
    done = docker("run", "--detach", *publish, *options, IMAGE, *arguments)
    container = Container(done.stdout.strip())
    try:
        assert done.returncode == 0, done.stderr
        yield container
    finally:
        docker("rm", "--force", container.name)


@contextmanager
def serving(*options: str, arguments: tuple[str, ...] = ()) -> Iterator[Container]:
    """Start a container and wait until its server listens."""
    with started(*options, arguments=arguments) as container:
        assert container.first_line("serving at", "logs", "--follow", container.name)
        yield container


LOCK = Path(gettempdir()) / "atari-docker-tests.lock"


@pytest.fixture(autouse=True)
def alone(image: None) -> Iterator[None]:
    """Keep other workers' tests away from the engine: some check which containers are left."""
    with one_at_a_time(LOCK):
        yield


@pytest.fixture(scope="session")
def image() -> None:
    """Build the image as users do, or skip where that is impossible."""
    if shutil.which("docker") is None or not succeeds("info"):
        pytest.skip("no Docker engine answers")
    base = re.findall(r"^ARG BASE=(.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)[0]
    fetch = ("pip", "download", "--quiet", "--no-deps", "--dest", "/tmp", "hatchling")
    command = ["make", "docker", f"IMAGE={IMAGE}"]
    with one_at_a_time(LOCK):
        if not succeeds("image", "inspect", base) and not succeeds("pull", base, seconds=120):
            pytest.skip(f"{base} is not here and cannot be pulled")
        if not succeeds("run", "--rm", base, *fetch):
            pytest.skip("containers reach no package index")
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_variables_given_with_e_become_settings_of_the_episodes() -> None:
    variables = {
        "ATARI_GAME": "space_invaders",
        "ATARI_OBS_TYPE": "grayscale",
        "ATARI_FULL_ACTION_SPACE": "true",
        "ATARI_MODE": "3",
        "ATARI_DIFFICULTY": "1",
        "ATARI_REPEAT_ACTION_PROB": "0.25",
        "ATARI_FRAMESKIP": "5",
    }
    options = [word for pair in variables.items() for word in ("-e", "=".join(pair))]
    with serving(*options) as container:
        assert container.ask("GET", "/health") == (200, {"status": "healthy"})
        status, reset = container.ask("POST", "/reset", {"seed": 1})
        assert status == 200
        assert reset["observation"]["screen_shape"] == [210, 160]
        assert len(reset["observation"]["legal_actions"]) == 18
        state = container.ask("GET", "/state")[1]
    expected = {
        "game_name": "space_invaders",
        "obs_type": "grayscale",
        "full_action_space": True,
        "mode": 3,
        "difficulty": 1,
        "repeat_action_probability": 0.25,
        "frameskip": 5,
    }
    assert state.items() >= expected.items()


def test_options_can_be_given_after_the_name_of_the_image() -> None:
    with serving(arguments=("breakout", "--obs-type", "ram")) as container:
        observation = container.ask("POST", "/reset")[1]["observation"]
    assert observation["screen_shape"] == [128]
    assert observation["metadata"]["game_name"] == "breakout"


def test_an_invalid_variable_is_reported_in_one_line_with_exit_code_2() -> None:
    done = docker("run", "--rm", "-e", "ATARI_GAME=pnog", IMAGE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("atari: ATARI_GAME: no game is called 'pnog'")
    assert done.stderr.count("\n") == 1


def test_a_token_keeps_others_from_playing() -> None:
    with serving("-e", "ATARI_TOKEN=secret") as container:
        assert container.ask("GET", "/health")[0] == 200
        assert container.ask("POST", "/reset")[0] == 401


def test_it_needs_no_privileges_no_network_and_no_writable_folder() -> None:
    with serving(*HARDENED) as container:
        assert container.ask("POST", "/reset")[0] == 200
        status, stepped = container.ask("POST", "/step", {"action": {"action_id": 1}})
        assert (status, stepped["done"]) == (200, False)
    with started(*HARDENED, "--network", "none") as container:
        assert container.first_line("serving at", "logs", "--follow", container.name)


def test_it_writes_no_file() -> None:
    with serving() as container:
        assert container.ask("POST", "/reset")[0] == 200
        assert docker("diff", container.name).stdout == ""


def test_it_does_not_run_as_root_and_has_no_volumes_or_build_tools() -> None:
    config = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", IMAGE).stdout)
    assert config["User"] == "65532:65532"
    assert not config.get("Volumes")
    find = "id -u; for tool in cc gcc g++ clang make cmake ld git; do command -v $tool; done; true"
    done = docker("run", "--rm", "--entrypoint", "sh", IMAGE, "-c", find)
    assert (done.returncode, done.stdout) == (0, "65532\n")


def test_its_health_check_reports_it_as_healthy() -> None:
    with serving("--health-interval", "1s") as container:
        since = ("--since", "2020-01-01", "--filter", "event=health_status")
        words = ("events", *since, "--filter", f"container={container.name}")
        assert container.first_line("health_status: healthy", *words)


def test_sigterm_ends_it_within_two_seconds_with_clients_connected() -> None:
    with serving() as container, connect(f"ws://{container.address}/ws") as client:
        client.send('{"type": "state"}')
        assert json.loads(client.recv(timeout=10))["type"] == "state"
        code, seconds = container.end()
    assert code == 0
    assert seconds < 2.0


def test_sigterm_ends_it_while_it_loads_its_libraries() -> None:
    code = """if True:
        import os, signal, sys
        sys.modules["atari_cli.cli.app"] = None  # up to the import of the command line
        try:
            import atari_cli.cli
        except ImportError:
            os.kill(1, signal.SIGTERM)
    """
    done = docker("run", "--rm", "--entrypoint", "python", IMAGE, "-c", code)
    assert done.returncode == 128 + 15, done.stderr


def test_it_survives_more_connections_than_its_limit_of_processes() -> None:
    with serving(*HARDENED) as container, ExitStack() as clients:
        url = f"ws://{container.address}/ws"
        for _ in range(300):
            try:
                clients.enter_context(connect(url, compression=None))
            except (InvalidMessage, WebSocketException, OSError, AssertionError):
                continue  # the library raises the last if the server hangs up before the request
        clients.close()
        for _ in range(20):
            with connect(url, compression=None) as client:
                client.send('{"type": "state"}')
                assert json.loads(client.recv(timeout=10))["type"] == "state"


@pytest.mark.parametrize("line", RUNS)
def test_the_documented_docker_commands_run(line: str) -> None:
    """As documented, except for the tag, in the background and on a free port."""
    words = line.split()
    assert words[:3] == ["docker", "run", "--rm"]
    assert words[3] == "-p"
    assert words[4].endswith("8000:8000")
    assert words[-1] == IMAGE.replace("test", "latest")
    with serving(*words[5:-1]) as container:
        assert container.ask("POST", "/reset")[0] == 200


def containers() -> set[str]:
    words = ("ps", "--all", "--quiet", "--filter", f"ancestor={IMAGE}")
    return set(docker(*words).stdout.split())


def left(before: set[str]) -> set[str]:
    return containers() - before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the abandoned one
def test_our_client_removes_each_container_that_it_starts() -> None:
    before = containers()
    handle = partial(AtariEnv.from_docker_image, IMAGE, env_vars={"ATARI_GAME": "breakout"})

    async def play() -> None:
        env = await handle()
        try:
            assert (await env.state()).game_name == "breakout"
            assert len(left(before)) == 1
        finally:
            await env.close()
        with pytest.raises(ZeroDivisionError):
            async with handle() as env:
                await env.reset()
                raise ZeroDivisionError

    asyncio.run(play())
    assert not left(before)
    with handle().sync() as env:
        assert env.reset().observation.screen_shape == (210, 160, 3)
    with pytest.raises(ZeroDivisionError), handle() as same:
        same.step(AtariAction(action_id=2))
        raise ZeroDivisionError
    assert not left(before)
    handle().sync()
    gc.collect()
    assert not left(before)


def test_our_client_removes_containers_that_fail_or_are_abandoned() -> None:
    before = containers()
    with pytest.raises(ContainerFailed, match="no game is called 'pnog'"):
        AtariEnv.from_docker_image(IMAGE, env_vars={"ATARI_GAME": "pnog"}).sync()
    with pytest.raises(ContainerFailed, match="cannot run"):
        AtariEnv.from_docker_image("127.0.0.1:1/none:none").sync()
    with pytest.raises(ConnectionLost, match="the token is missing"):
        AtariEnv.from_docker_image(IMAGE, env_vars={"ATARI_TOKEN": "t"}).__enter__()

    async def open_it() -> AtariEnv:
        return await AtariEnv.from_docker_image(IMAGE)

    for seconds in (0.05, 0.15, 0.25, 0.35):
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(open_it(), seconds))
    assert not left(before)


@pytest.mark.parametrize("ending", ["", "import sys; sys.exit(3)", "raise KeyboardInterrupt"])
def test_the_container_is_removed_when_the_program_ends(ending: str) -> None:
    before = containers()
    code = f"from atari_cli import AtariEnv\nenv = AtariEnv.from_docker_image({IMAGE!r}).sync()\n"
    subprocess.run([sys.executable, "-c", code + ending], capture_output=True, timeout=60)
    assert not left(before)


def test_the_container_example_runs() -> None:
    before = containers()
    command = [sys.executable, str(ROOT / "examples" / "from_docker.py"), IMAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "screen: (210, 160, 3)\ngame: space_invaders frames: 80\n"
    assert not left(before)
