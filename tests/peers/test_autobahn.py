"""The Autobahn test suite runs against an echo server made of the server's WebSocket code.

The suite needs Python 2.7; it is skipped if neither `PYTHON27` nor the path provides it.
"""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

from atari_cli.server.transport.request_head import parse_head
from atari_cli.server.transport.websocket import WebSocket
from benchmarks.virtual import ROOT, outside

SUITE = ROOT / ".venv-peers" / "autobahn"
VERSION = "autobahntestsuite==0.8.2"

# The library `websockets` differs from the suite's strictest reading, within the standard: an
# invalid frame closes the connection before earlier frames are answered (sections 3, 4 and 5.15,
# depending on timing), and bad UTF-8 is found only at the end of a message. In 7.1.5 a text
# continues after the close; the suite expects code 1000 and the library sends 1002.
NON_STRICT = re.compile(r"3\.\d|4\.[12]\.\d|5\.15|6\.4\.[1-4]")
WRONG_CODE = {"7.1.5"}

# Large messages and compression in all its sizes, which take minutes.
SKIPPED = ["9.*", "12.*", "13.*"]


class Echo(StreamRequestHandler):
    """Sends every message back."""

    def handle(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b"\r\n":
            if not line:
                return
            lines.append(line)
        websocket = WebSocket(self.connection, parse_head(lines), b"")
        for message in websocket.messages():
            data = message.encode() if isinstance(message, str) else message
            websocket.send([data], isinstance(message, bytes))
        websocket.finish()


class Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connections that the suite aborts."""


@pytest.fixture
def echo() -> Iterator[str]:
    Echo.rbufsize = 0  # the bytes after the head are read by the WebSocket
    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"ws://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def python27() -> str:
    found = os.environ.get("PYTHON27") or shutil.which("python2.7")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip("no Python 2.7, which the Autobahn test suite needs: name one in PYTHON27")
    if not (SUITE / "bin" / "wstest").exists():
        command = [found, "-m", "pip", "install", "--quiet", "--target", str(SUITE), VERSION]
        subprocess.run(command, check=True, env=outside({}))
        (
            SUITE / "zope" / "__init__.py"
        ).touch()  # pip creates it with a file that only site folders use
    return found


@pytest.mark.slow
def test_the_websocket_protocol_passes_the_autobahn_suite(
    echo: str, python27: str, tmp_path: Path
) -> None:
    spec = {
        "outdir": str(tmp_path / "reports"),
        "servers": [{"agent": "atari", "url": echo}],
        "cases": ["*"],
        "exclude-cases": SKIPPED,
        "exclude-agent-cases": {},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec), "utf-8")
    command = [python27, str(SUITE / "bin" / "wstest"), "--mode", "fuzzingclient", "--spec"]
    subprocess.run(
        [*command, "spec.json"],
        cwd=tmp_path,
        env=outside({"PYTHONPATH": str(SUITE)}),
        capture_output=True,
        timeout=180,
        check=True,
    )
    report = json.loads((tmp_path / "reports" / "index.json").read_text("utf-8"))["atari"]
    assert len(report) > 240
    fine = {"OK", "INFORMATIONAL"}
    failed = {case for case, row in report.items() if row["behavior"] not in {*fine, "NON-STRICT"}}
    assert failed == WRONG_CODE
    strict = [case for case in report if not NON_STRICT.fullmatch(case) and case not in WRONG_CODE]
    assert not [case for case in strict if report[case]["behavior"] not in fine]
    assert {case for case, row in report.items() if row["behaviorClose"] not in fine} == WRONG_CODE
