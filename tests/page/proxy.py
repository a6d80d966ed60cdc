"""Debian's nginx in front of a server."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.server.conftest import until

NAME: Final = "games.example.com"
"""A name that the browser of these tests finds on this machine."""

_PATHS: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def free_port() -> int:
    """Return a port of the loopback that is free now: nginx cannot choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, servers: str) -> Iterator[None]:
    """Run nginx with `server` blocks while the block lasts.

    Args:
        folder: An empty folder for its files.
        servers: The blocks, which listen on the loopback.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("needs nginx")
    places = "".join(f"{path}_temp_path {folder / path};\n" for path in _PATHS)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; error_log stderr; pid {folder / 'pid'};\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}{servers}\n}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            ports = [int(port) for port in re.findall(r"listen 127\.0\.0\.1:(\d+)", servers)]
            assert until(lambda: all(map(_answers, ports)) or process.poll() is not None)
            assert process.poll() is None, process.stderr and process.stderr.read()
            yield
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that nobody has signed, and its key; return their files."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("needs openssl")
    files = folder / "games.pem", folder / "games.key"
    command = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-nodes", "-subj", f"/CN={NAME}", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run([*command, *names], check=True, capture_output=True, timeout=60)
    return files
