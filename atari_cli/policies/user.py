"""Policies that users write: a function or class in a Python file or an installed module."""

import importlib
import importlib.util
import linecache
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from atari_cli.errors import UnknownPolicy
from atari_cli.model import Policy


@dataclass
class FileSource:
    """A policy in a Python file; the source holds its text, so that a worker needs no file.

    Attributes:
        name: The policy as the user spelled it.
        path: The file's absolute path, for tracebacks and for imports from its folder.
        text: The file's text.
        attribute: Name of the function or class; chosen by `choose_policy` if None.
        deterministic: Unknown.
    """

    name: str
    path: str
    text: str
    attribute: str | None
    deterministic: bool | None = None

    @classmethod
    def read(cls, name: str, file: str, attribute: str | None) -> "FileSource":
        """Return the source of a policy in a file, without running it.

        Args:
            name: The policy as the user spelled it.
            file: The path of the file.
            attribute: Name of the function or class; chosen by `choose_policy` if None.

        Raises:
            UnknownPolicy: If the file cannot be read.
        """
        try:
            text = Path(file).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise UnknownPolicy(f"cannot read the policy {file!r}: {reason}") from error
        return cls(name, str(Path(file).absolute()), text, attribute)

    def load(self) -> Policy:
        """Run the file and return its policy.

        Raises:
            UnknownPolicy: If the file cannot be run or holds no such policy.
        """
        with _loading(self.name, self.path):
            return _make(choose_policy(self._run(), self.attribute))

    def _run(self) -> ModuleType:
        _search(str(Path(self.path).parent))
        # Tracebacks show the user's lines on machines without the file, too.
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)
        module = ModuleType(f"policy {self.path}")
        module.__file__ = self.path
        sys.modules[module.__name__] = module  # dataclasses look their module up there
        exec(compile(self.text, self.path, "exec", dont_inherit=True), module.__dict__)
        return module


@dataclass
class ModuleSource:
    """A policy in a module that can be imported, also from the working directory.

    Attributes:
        name: The policy as the user spelled it.
        module: The module's dotted name.
        attribute: Name of the function or class.
        deterministic: Unknown.
    """

    name: str
    module: str
    attribute: str
    deterministic: bool | None = None

    def load(self) -> Policy:
        """Import the module and return its policy.

        Raises:
            UnknownPolicy: If the module cannot be imported or holds no such policy.
        """
        with _loading(self.name, None):
            _search(str(Path.cwd()))
            return _make(choose_policy(importlib.import_module(self.module), self.attribute))


def has_module(name: str) -> bool:
    """Return whether a module seems to exist, without running it: its top package does."""
    _search(str(Path.cwd()))
    top = name.partition(".")[0]
    return top in sys.modules or importlib.util.find_spec(top) is not None


def choose_policy(module: ModuleType, attribute: str | None) -> Any:
    """Return a module's policy: the named attribute, `policy`, `Policy` or the only candidate.

    Candidates are the callables that the module itself defines, without a leading underscore.

    Args:
        module: The module.
        attribute: The name of the policy; None to choose.

    Raises:
        UnknownPolicy: If there is no such attribute, or none or several candidates.
    """
    own = {
        name: value
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", None) == module.__name__
        and not name.startswith("_")
    }
    names = ", ".join(own) or "none"
    if attribute is not None:
        if not hasattr(module, attribute):
            raise UnknownPolicy(f"it has no {attribute!r}; its functions and classes: {names}")
        return getattr(module, attribute)
    for name in ("policy", "Policy"):
        if hasattr(module, name):
            return getattr(module, name)
    if len(own) != 1:
        raise UnknownPolicy(
            "expected a function or class called policy or Policy, or only one of any name; "
            f"got {names}; choose one with FILE.py:NAME"
        )
    return next(iter(own.values()))


def _make(found: Any) -> Policy:
    policy: Policy = found() if isinstance(found, type) else found
    if not callable(policy):
        raise UnknownPolicy(
            f"expected a function of the observation or a class with __call__, got {found!r}"
        )
    return policy


def _search(folder: str) -> None:
    """Let imports find a folder's modules, after all others."""
    if folder not in sys.path:
        sys.path.append(folder)


@contextmanager
def _loading(name: str, path: str | None) -> Iterator[None]:
    """Turn any error of a user's code while it is loaded into one line."""
    try:
        yield
    except UnknownPolicy as error:
        raise UnknownPolicy(f"cannot load the policy {name}: {error}") from error
    except (Exception, SystemExit) as error:
        last = "".join(traceback.format_exception_only(error)[-1:]).strip().splitlines()[0]
        raise UnknownPolicy(f"cannot load the policy {name}: {_line(error, path)}{last}") from error


def _line(error: BaseException, path: str | None) -> str:
    """Return the line of the user's file where an error arose, as `line 3: `; else nothing."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: " if error.filename == path else ""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == path
    ]
    return f"line {lines[-1]}: " if lines else ""
