"""The server logs one line per request, and no client can forge a line."""

import io
import json
import logging
import sys

import pytest

from atari_cli.cli.log import log_to_stderr

LOGGER = logging.getLogger("atari.server")
FIELDS = {"request_id": "1a2b", "peer": "127.0.0.1", "method": "GET", "path": "/", "status": 200}


def test_a_line_has_time_level_message_peer_and_request_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("info", as_json=False)
    LOGGER.info("%(method)s %(path)s %(status)d", FIELDS, extra={"fields": FIELDS})
    line = capsys.readouterr().err
    time, rest = line.split(" ", 1)
    assert time.endswith("+00:00")
    assert rest == "INFO GET / 200 127.0.0.1 1a2b\n"


def test_json_logs_have_one_object_per_line_with_every_field(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_to_stderr("info", as_json=True)
    LOGGER.info("%(method)s %(path)s", FIELDS, extra={"fields": FIELDS})
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        LOGGER.exception("failed\nagain")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.items() >= {**FIELDS, "level": "info", "message": "GET /"}.items()
    assert second["message"] == "failed\nagain"
    assert "ZeroDivisionError" in second["error"]


def test_control_characters_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info", as_json=False)
    LOGGER.info("GET /\r\n2026 INFO \x1b[31m\x00é")
    line = capsys.readouterr().err
    assert line.endswith("INFO GET /\\r\\n2026 INFO \\x1b[31m\\x00é\n")
    assert line.count("\n") == 1


def test_messages_below_the_level_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("warning", as_json=False)
    LOGGER.info("quiet")
    LOGGER.warning("loud")
    assert "quiet" not in (err := capsys.readouterr().err)
    assert "loud" in err


def test_a_broken_stderr_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken())
    log_to_stderr("info", as_json=False)
    LOGGER.info("nobody hears this")
