"""A container's health check finds the server wherever it listens."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from atari_cli.system import container_health
from tests.cli.commands.test_serve import served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"


def table(folder: Path, name: str, *rows: str) -> None:
    (folder / name).write_text(HEAD + "".join(f"{row}\n" for row in rows), "ascii")


def row(local: str, state: str = "0A", uid: int | None = None) -> str:
    user = os.getuid() if uid is None else uid
    return f"   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {user} 0 1"


@pytest.mark.skipif(sys.byteorder != "little", reason="the rows are those of such a machine")
def test_the_listening_sockets_of_this_user_are_found(tmp_path: Path) -> None:
    other = os.getuid() + 1
    table(
        tmp_path,
        "tcp",
        row("00000000:2328"),
        row("0100007F:1F90"),
        row("0100007F:1F91", state="01"),
        row("0B00007F:0035", uid=other),
    )
    table(
        tmp_path,
        "tcp6",
        row("00000000000000000000000000000000:2328"),
        row("00000000000000000000000001000000:1F90"),
    )
    assert list(container_health.listening(tmp_path)) == [
        ("127.0.0.1", 9000),
        ("127.0.0.1", 8080),
        ("::1", 9000),
        ("::1", 8080),
    ]


def test_a_kernel_without_ipv6_has_no_such_table(tmp_path: Path) -> None:
    table(tmp_path, "tcp")
    assert list(container_health.listening(tmp_path)) == []
    assert container_health.main(tmp_path) == 1


def test_a_server_is_healthy_on_whichever_port_it_has() -> None:
    with served() as server:
        command = [sys.executable, "-m", "atari_cli.system.container_health"]
        assert subprocess.run(command, timeout=60).returncode == 0
        assert (server.host, server.port) in container_health.listening(Path("/proc/net"))
        assert container_health.is_healthy(server.host, server.port)


def test_a_port_where_nobody_speaks_http_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_health, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert not container_health.is_healthy("127.0.0.1", port)
    assert not container_health.is_healthy("127.0.0.1", port)
