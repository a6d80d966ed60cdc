"""Access to the server: the checks of Host, Origin and token, on plain values."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from atari_cli.config import ServeConfig
from atari_cli.server.transport.messages import Problem
from atari_cli.validation import is_address

COOKIE: Final = "atari_token"
_CHALLENGE: Final = 'Bearer, Basic realm="atari"'
_PAGE_HEADER: Final = "x-atari-page"
"""Sent by our pages, because not every browser sends Sec-Fetch headers."""


def admit(headers: Mapping[str, str], config: ServeConfig, *, has_key: bool = False) -> None:
    """Check the name, the token and the origin that a WebSocket's request shows.

    Args:
        headers: By names in lower case.
        config: The server's settings.
        has_key: Whether another key than the token will be asked for.

    Raises:
        Problem: If one of them is wrong.
    """
    check_host(headers, config)
    if not has_key:
        check_token(headers, config)
    check_origin(headers, config)


def check_host(headers: Mapping[str, str], config: ServeConfig) -> None:
    """Refuse a Host that others may have pointed at this machine (DNS rebinding).

    IP literals pass, as do names without dots: those of this machine, of containers and of services
    in a cluster.

    Args:
        headers: By names in lower case.
        config: The server's settings.

    Raises:
        Problem: If the name is not allowed.
    """
    host = headers.get("host", "")
    name = _without_port(host).lower()
    allowed = {_without_port(known).lower() for known in config.allow_hosts}
    if "*" in allowed or name in allowed:
        return
    if name and ("." not in name or is_address(name)):
        return
    raise Problem(
        HTTPStatus.MISDIRECTED_REQUEST,
        f"the host name {name[:100]!r} is not allowed: allow it with --allow-host",
    )


def check_origin(headers: Mapping[str, str], config: ServeConfig) -> None:
    """Refuse requests of web pages of another origin; programs send no Origin and pass.

    Args:
        headers: By names in lower case.
        config: The server's settings.

    Raises:
        Problem: If the origin is not allowed.
    """
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    if origin is None and site in {"same-origin", "none"}:
        return
    if origin is not None and _is_allowed(origin, headers.get("host", ""), config):
        return
    raise Problem(
        HTTPStatus.FORBIDDEN,
        f"pages of {(origin or site)[:100]} may not use this server, asked for as "
        f"{headers.get('host', '')[:100]}: a proxy must pass on Host, or see --allow-origin",
    )


_SENT: Final = (
    "Authorization, Content-Type, X-Atari-Session, X-Atari-Tab, X-Request-Id, Mcp-Session-Id, "
    "MCP-Protocol-Version"
)
_READ: Final = (
    "X-Atari-Session, X-Atari-Watch, X-Atari-Reward, X-Atari-Terminated, X-Atari-Truncated, "
    "X-Request-Id, Retry-After, WWW-Authenticate, Content-Disposition, Mcp-Session-Id"
)


def sharing(headers: Mapping[str, str], config: ServeConfig) -> tuple[tuple[str, str], ...]:
    """Return the headers that let a page of an allowed origin read the reply.

    Args:
        headers: By names in lower case.
        config: The server's settings.
    """
    origin = headers.get("origin", "")
    if not origin or not _is_listed(origin, config):
        return ()
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", "GET, POST, DELETE"),
        ("Access-Control-Allow-Headers", _SENT),
        ("Access-Control-Expose-Headers", _READ),
        ("Vary", "Origin"),
    )


def check_content_type(headers: Mapping[str, str], expected: str = "application/json") -> None:
    """Refuse a web page's body of another type, which a form could send without permission.

    Args:
        headers: By names in lower case.
        expected: A type that forms cannot have.

    Raises:
        Problem: If the body has another type.
    """
    if "origin" not in headers and "sec-fetch-site" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == expected:
        return
    raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected Content-Type: {expected}")


def check_token(headers: Mapping[str, str], config: ServeConfig) -> None:
    """Refuse a request that does not show the token: Bearer, Basic (as password) or cookie.

    Args:
        headers: By names in lower case.
        config: The server's settings.

    Raises:
        Problem: If the token is missing or wrong.
    """
    if config.token is None:
        return
    shown, expected = _token(headers), config.token
    if shown is None:
        shown, expected = _cookie(headers), _sign(config.token)
    if shown is not None and hmac.compare_digest(shown, expected.encode()):
        return
    what = "the token is missing" if shown is None else "the token is wrong"
    headers_ = (("WWW-Authenticate", "Bearer" if _asks_itself(headers) else _CHALLENGE),)
    reason = f"{what}: send Authorization: Bearer TOKEN"
    raise Problem(HTTPStatus.UNAUTHORIZED, reason, headers_)


def is_token(shown: str, token: str) -> bool:
    """Return whether a text is the token, in a time that says nothing about it.

    Args:
        shown: The text.
        token: The token.
    """
    return hmac.compare_digest(shown.encode(errors="replace"), token.encode())


def _asks_itself(headers: Mapping[str, str]) -> bool:
    """Return whether a page's script sent the request: a challenge would open a prompt."""
    return headers.get("sec-fetch-mode", "navigate") != "navigate" or _PAGE_HEADER in headers


def cookie(token: str, headers: Mapping[str, str]) -> str:
    """Return the cookie of a browser that had the token, which does not contain it.

    Args:
        token: The token.
        headers: Those of the request, by names in lower case. Over https, the cookie is also kept
            for a page in a frame of another site, though only for frames of that site.
    """
    # The pages of an origin share it whatever its path, and a proxy may put one before ours.
    is_https = _is_https(headers.get("origin", ""))
    sites = "SameSite=None; Secure; Partitioned" if is_https else "SameSite=Lax"
    return f"{_cookie_name(headers)}={_sign(token)}; Path=/; HttpOnly; {sites}"


def _cookie_name(headers: Mapping[str, str]) -> str:
    """Return the name of the cookie: browsers send a cookie to every port of a host."""
    port = re.search(r":(\d+)$", headers.get("host", ""))
    return f"{COOKIE}_{port[1]}" if port else COOKIE


def _token(headers: Mapping[str, str]) -> bytes | None:
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip().encode("latin-1", "replace")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return None


def _cookie(headers: Mapping[str, str]) -> bytes | None:
    expected = _cookie_name(headers)
    for item in headers.get("cookie", "").split(";"):
        name, _, value = item.strip().partition("=")
        if name == expected:
            return value.encode("latin-1", "replace")
    return None


def _sign(token: str) -> str:
    return hmac.new(token.encode(), COOKIE.encode(), hashlib.sha256).hexdigest()


def _is_https(origin: str) -> bool:
    return origin.lower().startswith("https://")


def _is_allowed(origin: str, host: str, config: ServeConfig) -> bool:
    same = {f"http://{host}".lower(), f"https://{host}".lower()}
    return origin.lower() in same or _is_listed(origin, config)


def _is_listed(origin: str, config: ServeConfig) -> bool:
    allowed = {allowed.rstrip("/").lower() for allowed in config.allow_origins}
    return "*" in allowed or origin.lower() in allowed


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0][1:]
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and ":" not in name else host
