"""The settings of the server."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from atari_cli.config.checked import Checked, setting
from atari_cli.errors import InvalidSetting
from atari_cli.validation import (
    each,
    flag,
    host_name,
    is_loopback,
    one_of,
    optional,
    parse_variable,
    seconds,
    seconds_or_none,
    secret,
    text,
    web_origin,
    whole_number,
)

SERVE_MODES: Final = ("simulation", "production")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

_SESSIONS: Final = whole_number(1, 100_000)


@dataclass(frozen=True, kw_only=True)
class ServeConfig(Checked):
    """The address of the server, its access rules and its limits.

    Attributes:
        host: Address to listen on. One that other machines can reach requires a token or
            `allow_unauthenticated`.
        port: TCP port; 0 chooses a free one.
        max_sessions: Most sessions at a time, over HTTP and WebSocket together.
        idle_timeout: Seconds after which an unused session is ended.
        keep_lost: Seconds for which a session is kept whose WebSocket was lost; 0 for not at all.
        ping_interval: Seconds of silence after which a WebSocket is sent a ping.
        ping_timeout: Seconds that it may take to answer.
        token: The secret that each request must have; none is needed if None.
        allow_hosts: Names that the Host header may have in addition to those of this machine; `*`
            allows any.
        allow_origins: Origins of web pages that may use the server, in addition to its own.
        trust_proxy: Believe the proxy in front, which names the client of a request in the header
            `X-Forwarded-For`.
        allow_unauthenticated: Listen beyond this machine without a token.
        mode: `production` omits the routes /reset, /step and /state, as OpenEnv does.
        web: Serve the page at /web.
        log_level: Minimum severity to log: `debug`, `info`, `warning` or `error`.
        log_json: Log one JSON object per line.

    Raises:
        InvalidSetting: If a value is outside its range, or the host requires a token.
    """

    # An address rather than a name: Windows tries another address of `localhost` for seconds.
    host: str = setting("127.0.0.1", text)
    port: int = setting(8000, whole_number(0, 65_535))
    max_sessions: int = setting(256, _SESSIONS)
    idle_timeout: float = setting(1800.0, seconds)
    keep_lost: float = setting(60.0, seconds_or_none)
    ping_interval: float = setting(20.0, seconds)
    ping_timeout: float = setting(20.0, seconds)
    token: str | None = field(default=None, repr=False, metadata={"check": optional(secret)})
    allow_hosts: tuple[str, ...] = setting((), each(host_name))
    allow_origins: tuple[str, ...] = setting((), each(web_origin))
    trust_proxy: bool = setting(False, flag)
    allow_unauthenticated: bool = setting(False, flag)
    mode: str = setting("simulation", one_of(SERVE_MODES))
    web: bool = setting(True, flag)
    log_level: str = setting("info", one_of(LOG_LEVELS))
    log_json: bool = setting(False, flag)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.token or self.allow_unauthenticated or is_loopback(self.host)):
            raise InvalidSetting(
                f"host {self.host} can be reached from other machines: set token, or "
                "allow_unauthenticated if everyone who reaches it may play"
            )

    @classmethod
    def from_variables(
        cls, explicit: Mapping[str, Any], variables: Mapping[str, str] | None = None
    ) -> "ServeConfig":
        """Return the settings by precedence: explicit value, variable, default.

        The variables are OpenEnv's `OPENENV_MODE`, `ENABLE_WEB_INTERFACE` and
        `MAX_CONCURRENT_ENVS`, `SPACE_HOST` of a Hugging Face Space, which has a proxy in front, and
        `ATARI_TOKEN`. An empty `ATARI_TOKEN` is refused: it is a secret that was not set, and
        without it everyone would be served.

        Args:
            explicit: Settings by name; None means that the user did not give the setting.
            variables: The environment variables; those of the process if None.

        Raises:
            InvalidSetting: If a value is outside its range; the message names a variable that is
                wrong.
        """
        variables = os.environ if variables is None else variables
        settings = {name: value for name, value in explicit.items() if value is not None}
        if variables.get("OPENENV_MODE", "").strip():
            settings.setdefault("mode", variables["OPENENV_MODE"].strip().lower())
            one_of(SERVE_MODES)("OPENENV_MODE", settings["mode"])
        if web := variables.get("ENABLE_WEB_INTERFACE", "").strip():
            settings.setdefault("web", parse_variable("ENABLE_WEB_INTERFACE", web, bool))
        if most := variables.get("MAX_CONCURRENT_ENVS", "").strip():
            number = parse_variable("MAX_CONCURRENT_ENVS", most, int)
            settings.setdefault("max_sessions", _SESSIONS("MAX_CONCURRENT_ENVS", number))
        if "ATARI_TOKEN" in variables and "token" not in settings:
            settings["token"] = secret("ATARI_TOKEN", variables["ATARI_TOKEN"].strip())
        space = variables.get("SPACE_HOST", "").strip()
        spaces = [host_name("SPACE_HOST", space)] if space else []
        settings["trust_proxy"] = bool(space) or settings.get("trust_proxy", cls.trust_proxy)
        settings["allow_hosts"] = (*settings.get("allow_hosts", ()), *spaces)
        return cls(**settings)
