"""The server's log on stderr: a line a request, as text or as JSON."""

import json
import logging
from datetime import UTC, datetime


def log_to_stderr(level: str, as_json: bool) -> None:
    """Show what the server logs from a level on."""
    shown = logging.StreamHandler()
    shown.setFormatter(_Json() if as_json else logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("atari")
    logger.setLevel(level.upper())
    logger.handlers = [shown]
    logger.propagate = False


class _Json(logging.Formatter):
    """One object a line, with the id of the request where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        for name in ("request_id", "peer"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)
