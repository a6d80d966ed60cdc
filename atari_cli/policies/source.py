"""The source of a policy that a function makes, and the text of its file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from atari_cli.errors import UnknownPolicy
from atari_cli.model import Policy


@dataclass
class Source:
    """A `PolicySource` (model.py) of policies that a function makes.

    Attributes:
        name: The policy as the user spelled it.
        make: Returns a new policy, ready for its first episode; it can be pickled.
        deterministic: Whether the policy draws nothing at random; None if that is unknown.
        sha256: SHA-256 of the text that decides its actions; None if it is built in.
    """

    name: str
    make: Callable[[], Policy]
    deterministic: bool | None = None
    sha256: str | None = None

    def load(self) -> Policy:
        """Return a new policy, ready for its first episode."""
        return self.make()


def text_hash(text: str) -> str:
    """Return the SHA-256 of a policy's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_text(kind: str, file: str) -> str:
    """Return the text of a UTF-8 file.

    Args:
        kind: The kind of file, for the error.
        file: Its path.

    Raises:
        UnknownPolicy: If it cannot be read.
    """
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UnknownPolicy(f"cannot read the {kind} {file!r}: {reason}") from error
