"""The server's log on stderr: one line per request, as text or as JSON."""

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO


def log_to_stderr(level: str, as_json: bool) -> None:
    """Print the server's log on stderr.

    Args:
        level: Minimum severity: one of `LOG_LEVELS`.
        as_json: Print JSON objects instead of text.
    """
    shown = _Stderr()
    shown.setFormatter(_Json() if as_json else _Line())
    logger = logging.getLogger("atari")
    logger.setLevel(level.upper())
    logger.handlers = [shown]
    logger.propagate = False


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to stderr, and nowhere once stderr is closed."""

    def handleError(self, record: logging.LogRecord) -> None:  # logging's name
        if isinstance(sys.exc_info()[1], OSError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
        else:
            super().handleError(record)


class _Line(logging.Formatter):
    """Formats a line of text: time, level, message, then the peer and the request's id."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        ending = [str(fields[name]) for name in ("peer", "request_id") if name in fields]
        words = [_time(record), record.levelname, _visible(record.getMessage()), *ending]
        line = " ".join(words)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(logging.Formatter):
    """Formats one JSON object per line, with every field of the request."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return dict(getattr(record, "fields", {}))


def _visible(text: str) -> str:
    """Return a text on one line, so that a client's text cannot look like further log lines."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )
