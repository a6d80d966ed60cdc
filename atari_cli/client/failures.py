"""Errors between client and server, in words for users."""

import ssl
from http import HTTPStatus
from typing import Any, Final

from websockets.exceptions import InvalidMessage, InvalidStatus, WebSocketException

from atari_cli.errors import (
    CapacityReached,
    ConnectionLost,
    InvalidAction,
    InvalidSetting,
    ReplyTimeout,
    ServerError,
    UnknownSession,
)
from atari_cli.wire.json_text import Json, from_json

GONE: Final = "the session and its episode are gone; reset() starts another"

_REFUSED_VALUES: Final = {
    "reset": InvalidSetting,
    "step": InvalidAction,
    "step_many": InvalidAction,
}
_HUNG_UP: Final = (ssl.SSLError, ConnectionResetError, ConnectionAbortedError, InvalidMessage)
"""Raised by an attempt that reached a server of another protocol."""

_REMEDIES: Final = {
    HTTPStatus.UNAUTHORIZED: "give the right one, as in AtariEnv(url, token=...)",
    HTTPStatus.NOT_FOUND: "is the base_url that of an OpenEnv server?",
    HTTPStatus.FORBIDDEN: "is the base_url that of an OpenEnv server?",
}


def refusal(kind: str, error: Any, blames_values: bool) -> Exception:
    """Return the error for a reply of type `error`.

    Args:
        kind: The request's type.
        error: The `data` of the reply.
        blames_values: Whether a refused reset means a wrong setting, and a refused step a wrong
            action. It does with `atari.v1`; another server may have failed for any reason.
    """
    data: Json = error if isinstance(error, dict) else {}
    code, message = data.get("code"), str(data.get("message") or "no reason given")
    if code == "CAPACITY_REACHED":
        active, most = data.get("active_sessions"), data.get("max_sessions")
        if isinstance(active, int) and isinstance(most, int):
            return CapacityReached(active, most)
    if code == "SESSION_ERROR":
        return UnknownSession(message)
    if code == "EXECUTION_ERROR" and blames_values and kind in _REFUSED_VALUES:
        return _REFUSED_VALUES[kind](message)
    if code == "VALIDATION_ERROR":
        message = "; ".join([message, *_described(data.get("errors"))])
    return ServerError(f"the server refuses the {kind}: {message} ({code})")


def unopened(shown: str, error: Exception, resumes: bool = False) -> ServerError:
    """Return the error for a WebSocket that cannot be opened.

    Args:
        shown: The server's URL.
        error: What the attempt raised: OSError or ValueError if the server cannot be reached, a
            WebSocketException if it refuses.
        resumes: Whether the WebSocket was to resume a session.
    """
    if isinstance(error, InvalidStatus):
        status, why = error.response.status_code, _detail(error.response.body) or str(error)
        if resumes and status == HTTPStatus.NOT_FOUND:
            return UnknownSession(why)
        remedy = _REMEDIES.get(HTTPStatus(status)) if status in set(HTTPStatus) else None
        more = f"; {remedy}" if remedy else ""
        return ConnectionLost(f"{shown} does not open a WebSocket: {why} (HTTP {status}){more}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConnectionLost(
            f"the certificate of {shown} is not trusted ({error.verify_message.rstrip('.')}): use "
            "the name that it is for, or let SSL_CERT_FILE name the file of its authority"
        )
    if isinstance(error, _HUNG_UP):
        other = "http" if shown.startswith("https:") else "https"
        return ConnectionLost(
            f"{shown} answers, but does not open a WebSocket ({_reason(error)}): "
            f"does it want {other}://?"
        )
    if isinstance(error, WebSocketException):
        return ConnectionLost(f"{shown} does not open a WebSocket: {error}")
    return ConnectionLost(
        f"no server answers at {shown} ({_reason(error)}): "
        "start one with `atari serve`, or give another base_url"
    )


def lost(shown: str, why: str) -> ServerError:
    """Return the error for a connection that broke during a request.

    Args:
        shown: The server's URL.
        why: The reason.
    """
    return ConnectionLost(f"the connection to {shown} was lost ({why}): {GONE}")


def timed_out(shown: str, seconds: float) -> ServerError:
    """Return the error for a reply that did not arrive in time.

    Args:
        shown: The server's URL.
        seconds: How long the client waited.
    """
    return ReplyTimeout(
        f"{shown} did not reply within {seconds:g} s; the connection was cut: {GONE}"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ssl.SSLError):
        return "TLS: " + str(error.reason or error).lower().replace("_", " ")
    return str(getattr(error, "strerror", None) or error).strip() or type(error).__name__


def _detail(body: bytes | bytearray | None) -> str:
    """Return the message of an HTTP error: its `detail` if it is OpenEnv's JSON."""
    text = bytes(body or b"")
    try:
        detail = from_json(text)["detail"]
    except (ValueError, LookupError, TypeError):
        detail = text.decode(errors="replace").strip().partition("\n")[0]
    return str(detail)[:200]


def _described(errors: Any) -> list[str]:
    found = errors if isinstance(errors, list) else []
    return [
        f"{'.'.join(map(str, item.get('loc', [])))} {item.get('msg')}".strip()
        for item in found
        if isinstance(item, dict)
    ]
