"""Waiting for sockets."""

import selectors
from typing import Final

Selector: Final[type[selectors.BaseSelector]] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)
"""Takes any file descriptor and costs none, unlike DefaultSelector; Windows has no poll."""
