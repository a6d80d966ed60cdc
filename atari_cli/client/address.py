"""Turns a `base_url` as users write it into the address of a WebSocket."""

import base64
import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from atari_cli.config import ServeConfig
from atari_cli.errors import InvalidSetting
from atari_cli.validation import is_loopback
from atari_cli.version import __version__

DEFAULT_URL: Final = f"http://{ServeConfig.host}:{ServeConfig.port}"
"""The server that `atari serve` starts without options."""

NEXT_ADDRESS_SECONDS: Final = 0.25
"""Time for one address of a host to answer before the next is tried as well (RFC 8305)."""

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_HUB: Final = {"huggingface.co", "www.huggingface.co", "hf.co"}


class Address(NamedTuple):
    """Where to open a WebSocket.

    Attributes:
        url: Its URL, without a password.
        headers: Headers to send in addition to the handshake's own.
        shown: The server's URL for error messages, without a password.
        is_local: Whether the server runs on this machine.
        resumes: Whether it is that of a session which a lost connection had.
    """

    url: str
    headers: dict[str, str]
    shown: str
    is_local: bool
    resumes: bool = False

    def resuming(self, session: str) -> "Address":
        """Return the address of a session which a lost connection had, given its id."""
        mark = "&" if "?" in self.url else "?"
        url = f"{self.url}{mark}session_id={quote(session)}&resume=true"
        return self._replace(url=url, resumes=True)


def address(
    base_url: str, token: str | None = None, headers: Mapping[str, str] | None = None
) -> Address:
    """Return the address of a server's WebSocket.

    Args:
        base_url: `http://host:8000`, with a path if the server has one, or the page of a Hugging
            Face Space; the scheme defaults to http. A password in it is the token.
        token: The server's token.
        headers: Additional headers.

    Raises:
        InvalidSetting: If the URL does not name a server, or a header is not printable.
    """
    parts = _split(base_url)
    if parts.hostname in _HUB:
        parts = _split(space_url(base_url))
    netloc = parts.netloc.rpartition("@")[2]
    path = parts.path.rstrip("/").removesuffix("/ws")
    scheme = _SCHEMES[parts.scheme]
    is_local = is_loopback(parts.hostname or "")
    # A container's engine forwards from another address, so the server cannot see that it is local.
    query = "?compression=none" if is_local else ""
    sent = {"User-Agent": f"atari-cli/{__version__}", **_authorization(parts, token)}
    sent |= headers or {}
    for name, value in sent.items():
        if not str(value).isprintable():  # the value may be the token
            raise InvalidSetting(
                f"the value of the header {name} has a line break or another unprintable character"
            )
    return Address(
        f"{scheme}://{netloc}{path}/ws{query}",
        sent,
        f"{scheme.replace('ws', 'http')}://{netloc}{path}",
        is_local,
    )


def space_url(url: str) -> str:
    """Return the URL of the server of a Hugging Face Space; any other URL is returned unchanged."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    names = [name for name in parts.path.split("/") if name]
    if (parts.hostname or "") not in _HUB or names[:1] != ["spaces"] or len(names) < 3:
        return url
    user, at, _ = parts.netloc.rpartition("@")
    return f"https://{user}{at}{space_name(f'{names[1]}/{names[2]}')}.hf.space"


def space_name(space: str) -> str:
    """Return the name of a Space, given as `ORG/NAME`, in its host and in its image.

    Raises:
        InvalidSetting: If it has another form.
    """
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", space):
        raise InvalidSetting(f"a Space is named ORG/NAME, got {space!r}")
    return re.sub("[^a-z0-9]", "-", space.lower())


def _split(url: str) -> SplitResult:
    if not isinstance(url, str):  # such as None, from an unset variable
        raise InvalidSetting(f"base_url must be like {DEFAULT_URL}, got {url!r}")
    url = url.strip()
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        _ = parts.port  # raises if it is not a number
    except ValueError as error:
        # The error may quote a part of the password.
        why = "in a password, / is written %2F, and so on" if "@" in url else str(error)
        raise InvalidSetting(f"base_url {_shown(url)!r} is not a URL: {why}") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise InvalidSetting(f"base_url must be like {DEFAULT_URL}, got {_shown(url)!r}")
    return parts


def _shown(url: str) -> str:
    """Return a URL, which may be malformed, without its password."""
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def _authorization(parts: SplitResult, token: str | None) -> dict[str, str]:
    if token is not None:
        return {"Authorization": f"Bearer {token}"}
    if parts.username is None and parts.password is None:
        return {}
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
