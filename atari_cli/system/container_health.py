"""Ask the server of this container whether it works: `python -m atari_cli.system.container_health`.

Its port may come from an option or a variable, so the listening sockets of the user are read from
Linux' /proc. Exits with 0 if one of them is that of a healthy server.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

TIMEOUT_SECONDS: Final = 2.0

_LISTENS: Final = "0A"
_TABLES: Final = {"tcp": socket.AF_INET, "tcp6": socket.AF_INET6}


def main(net: Path = Path("/proc/net")) -> int:
    """Return the exit code."""
    return 0 if any(is_healthy(*address) for address in listening(net)) else 1


def listening(net: Path) -> Iterator[tuple[str, int]]:
    """Yield where programs of this user listen, as addresses to connect to.

    Args:
        net: The folder of the tables of sockets.
    """
    for name, family in _TABLES.items():
        table = net / name
        if not table.is_file():
            continue  # a kernel without IPv6
        for row in table.read_text("ascii").splitlines()[1:]:
            columns = row.split()
            if columns[3] == _LISTENS and int(columns[7]) == os.getuid():
                yield _address(columns[1], family)


def is_healthy(host: str, port: int) -> bool:
    """Return whether a server answers that it is healthy.

    Args:
        host: Its address.
        port: Its port.
    """
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _address(text: str, family: socket.AddressFamily) -> tuple[str, int]:
    """Return the address of a row: words in the order of the machine's bytes, and the port."""
    digits, _, port = text.partition(":")
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if any(packed):
        return socket.inet_ntop(family, packed), int(port, 16)
    # A server that listens on every address; one with IPv6 alone need not have IPv4.
    return ("127.0.0.1" if family == socket.AF_INET else "::1"), int(port, 16)


if __name__ == "__main__":
    sys.exit(main())
