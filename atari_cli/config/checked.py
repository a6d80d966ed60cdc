"""Settings that are checked when their object is made."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any


def setting(default: Any, check: Callable[[str, Any], Any], **more: Any) -> Any:
    """Return a field of a `Checked` class.

    Args:
        default: Its default.
        check: Takes the field's name and value; returns the value to keep, or raises.
        more: Further metadata of the field.
    """
    return field(default=default, metadata={"check": check, **more})


@dataclass(frozen=True)
class Checked:
    """A class of settings: each field that `setting` made is passed to its check."""

    def __post_init__(self) -> None:
        for item in fields(self):
            if check := item.metadata.get("check"):
                object.__setattr__(self, item.name, check(item.name, getattr(self, item.name)))
