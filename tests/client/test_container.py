"""A server in a container: with a fake engine, every failure cleans up."""

import asyncio
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from atari_cli import AtariEnv
from atari_cli.client.container import find_engine, start_container
from atari_cli.errors import ConnectionLost, ContainerFailed, InvalidSetting, MissingDependency
from tests.client.conftest import Start, Ways

pytestmark = pytest.mark.posix("it replaces a program by a script")

ENGINE = """#!{python}
import os, sys
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
answers = {answers!r}
code, text = answers.get(sys.argv[1], (0, ""))
if text == "hang":
    import time
    time.sleep(60)
print(text, file=sys.stderr if sys.argv[1] in ("run", "logs") else sys.stdout)
sys.exit(code)
"""

Pretend = Callable[..., "Calls"]


class Calls:
    """The commands that an engine received."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def lines(self, verb: str) -> list[str]:
        text = self._log.read_text("utf-8") if self._log.exists() else ""
        return [line for line in text.splitlines() if line.startswith(f"{verb} ")]


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Put a `docker` on PATH with given answers: `port=(0, "127.0.0.1:80")`."""

    def begin(**answers: tuple[int, str]) -> Calls:
        log = tmp_path / "calls"
        program = tmp_path / "docker"
        text = ENGINE.format(python=sys.executable, log=str(log), answers=answers)
        program.write_text(text, "utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return Calls(log)

    return begin


@pytest.fixture
def running(pretend: Pretend, ways: Ways) -> Calls:
    """An engine whose container is a server of this process."""
    return pretend(port=(0, "{}:{}".format(*ways.address)))


async def started() -> AtariEnv:
    return await AtariEnv.from_docker_image("i")


def names(calls: Calls, verb: str) -> list[str]:
    return [line.split()[-1] for line in calls.lines(verb)]


def test_a_container_lives_as_long_as_its_client(running: Calls) -> None:
    handle = AtariEnv.from_docker_image("atari-env:latest", env_vars={"ATARI_GAME": "pong"})
    assert not running.lines("run")
    with handle as env:
        env.reset(obs_type="ram")
        (run,) = running.lines("run")
        assert "--publish 127.0.0.1::8000 --env=ATARI_GAME=pong atari-env:latest" in run
        assert not running.lines("rm")
    assert names(running, "stop") == names(running, "rm") == [run.split()[3]]


def test_each_way_of_using_a_container_removes_it_once(running: Calls) -> None:
    async def awaited() -> None:
        env = await AtariEnv.from_docker_image("i")
        await env.reset(obs_type="ram")
        await env.close()
        await env.close()

    async def entered() -> None:
        async with AtariEnv.from_docker_image("i", message_timeout_s=30) as env:
            await env.reset(obs_type="ram")

    asyncio.run(awaited())
    asyncio.run(entered())
    env = AtariEnv.from_docker_image("i").sync()
    env.reset(obs_type="ram")
    env.new_session().reset()
    env.close()
    env.close()
    assert len(running.lines("run")) == len(running.lines("rm")) == 3


def test_a_terminals_ctrl_c_does_not_reach_the_engine(
    running: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither while it fetches an image nor while it removes a container."""
    begun: list[dict[str, Any]] = []
    start = subprocess.Popen

    def noted(*command: Any, **options: Any) -> Any:
        begun.append(options)
        return start(*command, **options)

    monkeypatch.setattr("subprocess.Popen", noted)
    with AtariEnv.from_docker_image("i"):
        pass
    assert len(begun) >= len(["run", "port", "stop", "rm"])
    assert all(options["start_new_session"] for options in begun)
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows alone has groups
    assert {options["creationflags"] for options in begun} == {group}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its connection
def test_the_container_of_a_garbage_collected_client_is_removed(running: Calls) -> None:
    AtariEnv.from_docker_image("i").sync()
    gc.collect()
    assert len(running.lines("rm")) == 1


def test_a_forked_process_does_not_remove_the_container(running: Calls) -> None:
    env = AtariEnv.from_docker_image("i").sync()
    program = multiprocessing.get_context("fork").Process(target=env.close)
    program.start()
    program.join()
    assert not running.lines("rm")
    env.close()
    assert running.lines("rm")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # subprocess's own
def test_a_container_is_removed_even_if_ctrl_c_interrupts_its_stop(
    pretend: Pretend, ways: Ways
) -> None:
    calls = pretend(port=(0, "{}:{}".format(*ways.address)), stop=(0, "hang"))
    env = AtariEnv.from_docker_image("i").sync()

    def interrupt() -> None:
        while not calls.lines("stop"):
            time.sleep(0.01)
        # Sent to the main thread, which waits for the engine and would not wake up otherwise.
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        env.close()
    thread.join()
    assert calls.lines("rm")


def test_a_missing_image_is_reported_in_one_line_with_the_engines_message(pretend: Pretend) -> None:
    calls = pretend(run=(125, "Unable to find image\ndocker: not found: i"))
    with pytest.raises(ContainerFailed, match="docker cannot run i: .*docker: not found: i$"):
        AtariEnv.from_docker_image("i").sync()
    assert len(calls.lines("rm")) == 1


def test_a_container_that_exits_at_once_shows_the_end_of_its_log(pretend: Pretend) -> None:
    calls = pretend(port=(1, "no public port"), logs=(0, "one\ntwo\nATARI_GAME must be a name"))
    with pytest.raises(ContainerFailed, match=r"its log ends: .*ATARI_GAME must be a name"):
        AtariEnv.from_docker_image("i").sync()
    assert len(calls.lines("rm")) == 1


def test_a_container_that_exits_later_is_noticed(pretend: Pretend) -> None:
    calls = pretend(port=(0, "127.0.0.1:1"), inspect=(0, "false"), logs=(0, "boom"))
    with pytest.raises(ContainerFailed, match="boom"):
        start_container("i", {})
    assert len(calls.lines("rm")) == 1


def test_an_unresponsive_server_is_given_up(pretend: Pretend) -> None:
    calls = pretend(port=(0, "127.0.0.1:1"), inspect=(0, "true"), logs=(0, "starting"))
    with pytest.raises(ContainerFailed, match=r"within 0\.01 s; its log ends: starting"):
        AtariEnv.from_docker_image("i", start_timeout_s=0.01).sync()
    assert len(calls.lines("rm")) == 1


@pytest.mark.parametrize("answers", [{"run": (0, "hang")}, {"port": (0, "127.0.0.1:1")}])
def test_a_cancelled_start_leaves_nothing_behind(
    pretend: Pretend, answers: dict[str, tuple[int, str]]
) -> None:
    calls = pretend(**answers)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(ContainerFailed, match="cancelled"):
        start_container("i", {}, cancelled=cancelled)
    assert len(calls.lines("rm")) == 1


def test_a_cancelled_task_leaves_nothing_behind(pretend: Pretend) -> None:
    calls = pretend(port=(0, "127.0.0.1:1"))

    async def play() -> None:
        task = asyncio.ensure_future(started())
        while not calls.lines("port"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(play())
    assert len(calls.lines("rm")) == 1


def test_ctrl_c_while_waiting_leaves_nothing_behind(
    pretend: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = pretend(port=(0, "127.0.0.1:1"))

    def interrupted(host: str, port: int) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("atari_cli.client.container.is_healthy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        AtariEnv.from_docker_image("i").sync()
    assert len(calls.lines("rm")) == 1


def test_a_server_that_refuses_the_client_leaves_nothing_behind(
    pretend: Pretend, start: Start
) -> None:
    calls = pretend(port=(0, "{}:{}".format(*start(token="t").address)))
    with (
        pytest.raises(ConnectionLost, match="401"),
        AtariEnv.from_docker_image("i", token="wrong"),
    ):
        pass
    with pytest.raises(ConnectionLost, match="401"):
        asyncio.run(started())
    assert len(calls.lines("rm")) == 2


def test_an_invalid_option_is_refused_before_a_container_starts(pretend: Pretend) -> None:
    calls = pretend()
    with pytest.raises(InvalidSetting):
        AtariEnv.from_docker_image("i", message_timeout_s=0).sync()
    assert not calls.lines("run")


def test_without_an_engine_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependency, match="docker or podman"):
        find_engine()
    with pytest.raises(MissingDependency, match="cannot run no-such-engine"):
        AtariEnv.from_docker_image("i", engine="no-such-engine").sync()
