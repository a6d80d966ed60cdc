"""Whom the server lets in: the checks of Host, Origin and token, on plain values."""

import base64
import binascii
import hmac
import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from atari_cli.config import ServeConfig

COOKIE: Final = "atari_token"


class Refusal(NamedTuple):
    """Why a request is refused."""

    status: HTTPStatus
    reason: str


def check_host(headers: Mapping[str, str], config: ServeConfig) -> Refusal | None:
    """Refuse a Host that is a name which others may have pointed here (DNS rebinding).

    IP literals pass, and names without dots, which are those of this machine, of containers and of
    services in a cluster.
    """
    host = headers.get("host", "")
    name = _without_port(host).lower()
    if "*" in config.allow_hosts or name in {host.lower() for host in config.allow_hosts}:
        return None
    if name and ("." not in name or _is_address(name)):
        return None
    return Refusal(
        HTTPStatus.MISDIRECTED_REQUEST,
        f"this server does not go by the name {name[:100]!r}: allow it with --allow-host",
    )


def check_origin(headers: Mapping[str, str], config: ServeConfig) -> Refusal | None:
    """Refuse what a web page of another origin sends; programs send no Origin and pass."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    if origin is None and site in {"same-origin", "none"}:
        return None
    if origin is not None and _is_allowed(origin, headers.get("host", ""), config):
        return None
    return Refusal(
        HTTPStatus.FORBIDDEN,
        f"pages of {(origin or site)[:100]} may not use this server: see --allow-origin",
    )


def check_content_type(headers: Mapping[str, str]) -> Refusal | None:
    """Refuse a body from a web page that is not declared as JSON: a form needs no permission."""
    if "origin" not in headers and "sec-fetch-site" not in headers:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return None
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "expected Content-Type: application/json")


def check_token(headers: Mapping[str, str], config: ServeConfig) -> Refusal | None:
    """Refuse a request that does not show the token: Bearer, Basic (as password) or cookie."""
    if config.token is None:
        return None
    shown = _token(headers)
    if shown is not None and hmac.compare_digest(shown, config.token.encode()):
        return None
    what = "no token came" if shown is None else "the token is wrong"
    return Refusal(HTTPStatus.UNAUTHORIZED, f"{what}: send Authorization: Bearer TOKEN")


def _token(headers: Mapping[str, str]) -> bytes | None:
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip().encode("latin-1", "replace")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    for cookie in headers.get("cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value.encode("latin-1", "replace")
    return None


def _is_allowed(origin: str, host: str, config: ServeConfig) -> bool:
    allowed = {allowed.rstrip("/").lower() for allowed in config.allow_origins}
    same = {f"http://{host}".lower(), f"https://{host}".lower()}
    return "*" in allowed or origin.lower() in allowed | same


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0][1:]
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and ":" not in name else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
