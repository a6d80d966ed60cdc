"""The parts of a row in the table of routes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from enum import Enum, auto
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from atari_cli.config import ServeConfig
from atari_cli.server.routes.negotiation import JSON
from atari_cli.server.sessions.context import ApiCall
from atari_cli.server.transport.messages import SESSION_HEADER, Response
from atari_cli.server.transport.request_body import MAX_BODY_BYTES
from atari_cli.wire.descriptions import describe
from atari_cli.wire.json_text import Json

READS: Final = ("GET", "HEAD")

_SHARED: Final = {
    HTTPStatus.UNAUTHORIZED: "the token is missing: send Authorization: Bearer TOKEN",
    HTTPStatus.FORBIDDEN: "pages of https://other.example may not use this server: "
    "see --allow-origin",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "a body has at most 1048576 bytes, got 2000000",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "expected Content-Type: application/json",
    HTTPStatus.MISDIRECTED_REQUEST: "the host name 'other.example' is not allowed: "
    "allow it with --allow-host",
    HTTPStatus.UNPROCESSABLE_ENTITY: [
        {"type": "json_invalid", "loc": ["body"], "msg": "JSON decode error: …", "input": {}}
    ],
}
"""The `detail` of each refusal that many routes have, as an example."""

FULL: Final = {
    HTTPStatus.SERVICE_UNAVAILABLE: "Server at capacity: 256/256 sessions active. "
    "Cannot accept new connections."
}
"""The refusal of routes that can open a session."""


class ClosedModel(BaseModel):
    """A JSON object that has no keys other than those of the model."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


def example_of(model: type[BaseModel]) -> Json:
    """Return the object that has the first example of each field."""
    fields = model.model_fields.items()
    return {name: field.examples[0] for name, field in fields if field.examples}


class Access(Enum):
    """The checks that a request must pass."""

    ANYONE = auto()
    """None."""
    PAGE = auto()
    """The name of the server: the pages that ask for the token."""
    TOKEN = auto()
    """The name of the server, and its token if it has one."""


@dataclass(frozen=True)
class Parameter:
    """A variable of a path or a query, or a header.

    Attributes:
        name: Its name.
        place: Where it is.
        description: Its purpose.
        example: A value that works on a new server; empty if there is none.
        pattern: A regular expression that matches every value.
        choices: Its values, if they are few.
        required: Whether it must be there; every variable of a path must.
    """

    name: str
    place: Literal["path", "query", "header"]
    description: str = ""
    _: KW_ONLY
    example: str = ""
    pattern: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass
class Reply:
    """A reply other than a refusal.

    Attributes:
        model: The model of a JSON document.
        example: Such a document, or a text; if it is None, the examples of the model's fields.
        status: Its status.
        media: Its other Content-Types; without a model, all of them.
        headers: Headers that it always has.
        links: OpenAPI's links to the requests that can follow.
        description: Its meaning.
    """

    model: type[BaseModel] | None = None
    example: object = None
    _: KW_ONLY
    status: HTTPStatus = HTTPStatus.OK
    media: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    links: Json = field(default_factory=dict)
    description: str = "Success"

    def __post_init__(self) -> None:
        if self.model and self.example is None:
            self.example = example_of(self.model)


RouteHandler = Callable[[ApiCall[Any]], Response]


@dataclass(eq=False)
class Route:
    """A row of the table of routes, and the decorator of the handler that answers it.

    The handler's docstring describes the route to users: the first line is its summary. The
    annotation of its argument, such as `ApiCall[StepRequest]`, has the model of the body.

    Attributes:
        name: The method and the path, with variables in braces; a route of GET answers HEAD, too.
        reply: The reply to its example.
        tag: The group that it belongs to.
        others: The other replies.
        description: Details, if they are not those of the handler's docstring.
        parameters: Variables of the path and the query, and headers.
        example: A body that works on a new server; if it is None, the examples of its model.
        media: The Content-Type of the body.
        most: The maximum size of the body in bytes.
        refusals: The `detail` of each refusal that few routes have, as an example.
        access: The checks that a request must pass.
        is_costly: It reads only, but pages of other origins may not request it.
        is_page: A browser may open it with the token as `?token=`, and gets a cookie for it.
        in_production: OpenEnv's production mode has it, too.
        handler: Returns the reply.
        method: The method.
        path: The path, with variables in braces.
    """

    name: str
    reply: Reply
    _: KW_ONLY
    tag: str
    others: tuple[Reply, ...] = ()
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    example: object = None
    media: str = JSON
    most: int = MAX_BODY_BYTES
    refusals: Mapping[HTTPStatus, object] = field(default_factory=dict)
    access: Access = Access.TOKEN
    is_costly: bool = False
    is_page: bool = False
    in_production: bool = True
    handler: RouteHandler = field(init=False)
    method: str = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.method, _, self.path = self.name.partition(" ")

    def __call__(self, handler: RouteHandler) -> "Route":
        """Take a handler and return the route."""
        self.handler = handler
        self.description = self.description or describe(handler).details
        if self.model and self.example is None:
            self.example = example_of(self.model)
        return self

    def at(self, name: str, **changes: Any) -> "Route":
        """Return a route with the same handler.

        Args:
            name: Its method and path.
            changes: Its other attributes that differ.
        """
        return replace(self, name=name, **changes)(self.handler)

    @property
    def summary(self) -> str:
        """Its purpose, in a few words."""
        return describe(self.handler).summary.removesuffix(".")

    @cached_property
    def model(self) -> type[BaseModel] | None:
        """The model of the body; None if there is no body or the handler reads it itself."""
        [model] = get_args(self.handler.__annotations__["call"])
        return model if issubclass(model, BaseModel) else None

    @property
    def replies(self) -> tuple[Reply, ...]:
        """All replies but the refusals."""
        return (self.reply, *self.others)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the paths that it answers."""
        text = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        for parameter in self.parameters:
            if parameter.place == "path":
                group = f"(?P<{parameter.name}>{parameter.pattern or '[^/]+'})"
                text = text.replace(f"{{{parameter.name}}}", group)
        return re.compile(text)

    @property
    def has_variables(self) -> bool:
        """Whether it answers more than one path."""
        return "{" in self.path

    @property
    def uses_session(self) -> bool:
        """Whether it is about a session, for which it may have to wait."""
        return any(parameter.name == SESSION_HEADER for parameter in self.parameters)

    @property
    def changes_something(self) -> bool:
        """Whether pages of other origins may not request it."""
        return self.is_costly or self.method not in READS

    @property
    def id(self) -> str:
        """Its name in the OpenAPI document."""
        path = f"{self.path}index" if self.path.endswith("/") else self.path
        return "_".join([self.method.lower(), *re.findall(r"\w+", path)])

    def is_served(self, config: ServeConfig) -> bool:
        """Return whether a server with these settings has it."""
        if config.mode == "production" and not self.in_production:
            return False
        return config.web or not (self.path == "/" or self.path.startswith("/web"))

    def all_refusals(self) -> dict[HTTPStatus, object]:
        """Return an example of the `detail` of each of its refusals, by status."""
        is_guarded = self.access is not Access.ANYONE
        possible = {
            HTTPStatus.UNAUTHORIZED: self.access is Access.TOKEN,
            HTTPStatus.FORBIDDEN: is_guarded and self.changes_something,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: True,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE: is_guarded and self.method == "POST",
            HTTPStatus.MISDIRECTED_REQUEST: is_guarded,
            HTTPStatus.UNPROCESSABLE_ENTITY: self.model is not None,
        }
        shared = {status: _SHARED[status] for status in possible if possible[status]}
        return shared | dict(self.refusals)
