"""A client's own server, with a fake one that counts its starts and stops."""

import asyncio
import threading
from typing import Any

import pytest

from atari_cli import AtariEnv, SyncAtariEnv
from atari_cli.client.launch import Launch, launched_by
from atari_cli.client.options import Options
from atari_cli.errors import ConnectionLost, InvalidSetting


class Host:
    """A host of a server, which fails as it is asked to."""

    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.start_fails = self.stop_fails = False

    def start(self, cancelled: threading.Event | None = None) -> str:
        self.calls.append("start")
        if self.start_fails:
            raise ValueError("no room")
        return self.url

    def wait_for_ready(self) -> None:
        self.calls.append("ready")

    def stop(self) -> None:
        self.calls.append("stop")
        if self.stop_fails:
            raise OSError("it still runs")

    def launch(self) -> Launch:
        return Launch(self.start, self.stop)


@pytest.fixture
def host() -> Host:
    return Host()


def test_a_server_is_started_once_and_stopped_once(host: Host) -> None:
    launch, urls = host.launch(), []
    for act in (launch.stop, launch.start, launch.start, launch.stop, launch.stop):
        act()
        urls.append(launch.url)
    assert urls == [None, host.url, host.url, None, None]
    assert host.calls == ["start", "stop"]


def test_a_server_that_failed_to_start_is_stopped(host: Host) -> None:
    host.start_fails = True
    with pytest.raises(ValueError, match="no room"):
        host.launch().start()
    assert host.calls == ["start", "stop"]


def test_nothing_is_started_before_an_earlier_server_is_stopped(host: Host) -> None:
    launch = host.launch()
    host.start_fails = host.stop_fails = True
    with pytest.raises(ValueError, match="no room"):
        launch.start()
    host.start_fails = False
    for _ in range(2):
        with pytest.raises(OSError, match="still runs"):
            launch.start()
    assert host.calls == ["start", "stop", "stop", "stop"]
    host.stop_fails = False
    launch.start()
    assert host.calls[4:] == ["stop", "start"]


def test_a_server_that_starts_after_a_cancellation_is_stopped(host: Host) -> None:
    begun = threading.Event()

    def start(cancelled: threading.Event) -> str:
        begun.set()
        assert cancelled.wait(5)
        return host.start()

    async def play() -> None:
        launch = Launch(start, host.stop)
        task = asyncio.ensure_future(launch.start_awaited())
        assert await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert launch.url is None

    asyncio.run(play())
    assert host.calls == ["start", "stop"]


def test_an_unresponsive_own_server_is_stopped(host: Host) -> None:
    async def play() -> None:
        await AtariEnv._of(Options(launch=host.launch()))

    with pytest.raises(ConnectionLost):
        SyncAtariEnv._of(Options(launch=host.launch())).connect()
    with pytest.raises(ConnectionLost):
        asyncio.run(play())
    assert host.calls == ["start", "stop"] * 2


def test_a_sibling_does_not_stop_the_server(host: Host) -> None:
    options = Options(launch=host.launch())
    options.launch.start()  # type: ignore[union-attr]
    options.sibling({}).stop_server()
    assert host.calls == ["start"]
    options.stop_server()
    assert host.calls == ["start", "stop"]


def test_an_unknown_kind_of_provider_is_refused(host: Host) -> None:
    assert launched_by(host).url is None
    for wrong in (3, object()):
        with pytest.raises(InvalidSetting, match=r"start\(\) and stop\(\), got"):
            launched_by(wrong)


def test_a_provider_that_needs_other_arguments_is_refused_before_it_starts() -> None:
    class Docker:
        def start_container(self, image: str) -> Any:
            pytest.fail("started")

        def stop_container(self) -> None:
            pytest.fail("stopped")

    with pytest.raises(InvalidSetting, match=r"Docker\.start_container .*'image'"):
        AtariEnv(provider=Docker())
    assert launched_by(Docker(), url="http://h").url == "http://h"
