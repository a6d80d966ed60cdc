"""Both clients reach a server behind TLS, and trust only what the system trusts."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from atari_cli import AtariEnv
from atari_cli.errors import ConnectionLost
from tests.client.conftest import Script, observation

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    where = ["-keyout", str(files[0]), "-out", str(files[1])]
    subprocess.run([*command.split(), *names, *where], check=True, capture_output=True)
    return files


@pytest.fixture
def url(certificate: tuple[Path, Path]) -> Iterator[str]:
    def answer(connection: ServerConnection) -> None:
        for message in connection:
            if '"close"' in message:
                return
            connection.send(observation())

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    with serve(answer, "127.0.0.1", 0, ssl=context) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://localhost:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(5)


def test_both_clients_play_behind_tls(
    url: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))

    async def play() -> None:
        async with AtariEnv(url) as env:
            assert (await env.reset()).observation.lives == 3

    with AtariEnv(url).sync() as env:
        env.reset()
        assert env.step(1).observation.ram[127] == 127
    asyncio.run(play())


def test_a_certificate_without_a_known_authority_is_refused(url: str) -> None:
    async def play() -> None:
        await AtariEnv(url)

    for connect in (AtariEnv(url).sync().connect, lambda: asyncio.run(play())):
        with pytest.raises(ConnectionLost, match="certificate of https://localhost.* not trusted"):
            connect()


def test_a_wrong_scheme_is_recognised(url: str, scripted: Callable[[Script], str]) -> None:
    async def play(url: str) -> None:
        await AtariEnv(url)

    bare = scripted(lambda connection: None)
    for connect in (lambda url: AtariEnv(url).sync().connect(), lambda url: asyncio.run(play(url))):
        with pytest.raises(ConnectionLost, match=r"answers, but .*does it want http://\?"):
            connect(bare.replace("http://", "https://"))
        with pytest.raises(ConnectionLost, match=r"answers, but .*does it want https://\?"):
            connect(url.replace("https://", "http://"))
