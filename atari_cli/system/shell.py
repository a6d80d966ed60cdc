"""Paths in commands that a message advises to run."""

import os
import re
import shlex
import sys
from pathlib import Path


def quoted(path: Path) -> str:
    """Return a path as one types it in the system's shell, as an argument of a command."""
    text = str(path)
    if text.startswith("-"):
        text = os.path.join(".", text)  # or it would be taken for an option
    if sys.platform != "win32":
        return shlex.quote(text)
    # cmd and PowerShell know double quotes, which no path contains.
    return text if re.fullmatch(r"[\w.:\\/~+=-]+", text) else f'"{text}"'
