"""Policies that users write: a function or class in a Python file or an installed module."""

import importlib
import importlib.util
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.machinery import PathFinder
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from atari_cli.errors import UnknownPolicy
from atari_cli.model import Policy
from atari_cli.policies.source import Source, read_text, text_hash


def file_source(
    name: str,
    file: str,
    attribute: str | None,
    arguments: Mapping[str, Any] = MappingProxyType({}),
) -> Source:
    """Return the source of a policy in a Python file, without running it.

    It holds the file's text, so that a worker needs no file.

    Args:
        name: The policy as the user spelled it.
        file: The path of the file.
        attribute: Name of the function or class; chosen by `choose_policy` if None.
        arguments: Its arguments by name.

    Raises:
        UnknownPolicy: If the file cannot be read; from `load`, if it cannot be run or holds no
            such policy.
    """
    text, path = read_text("policy", file), str(Path(file).absolute())
    make = partial(_load, name, partial(_run, path, text), attribute, dict(arguments), path)
    return Source(_called(name, arguments), make, sha256=text_hash(text))


def module_source(
    name: str, module: str, attribute: str, arguments: Mapping[str, Any] = MappingProxyType({})
) -> Source:
    """Return the source of a policy in a module, also from the working directory.

    Args:
        name: The policy as the user spelled it.
        module: The module's dotted name.
        attribute: Name of the function or class.
        arguments: Its arguments by name.

    Raises:
        UnknownPolicy: From `load`, if the module cannot be imported or holds no such policy.
    """
    make = partial(_load, name, partial(_import, module), attribute, dict(arguments))
    return Source(_called(name, arguments), make, sha256=_module_hash(module))


def _called(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the name of a policy with its arguments: `agent.py(depth=3)`."""
    # Without blanks after commas, which separate players in a recording's header.
    listed = ",".join(f"{key}={value!r}".replace(", ", ",") for key, value in arguments.items())
    return f"{name}({listed})" if listed else name


def has_module(name: str) -> bool:
    """Return whether a module seems to exist, without running it: its top package does."""
    _search(str(Path.cwd()))
    top = name.partition(".")[0]
    return top in sys.modules or importlib.util.find_spec(top) is not None


def _module_hash(name: str) -> str | None:
    """Return the SHA-256 of a module's file, without running it; None if it has none to read."""
    _search(str(Path.cwd()))
    parts = name.split(".")
    folders, origin = None, None
    # `importlib.util.find_spec` would import the packages around the module.
    for end in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:end]), folders)
        if spec is None:
            return None
        folders, origin = spec.submodule_search_locations, spec.origin
    try:
        return text_hash(Path(origin or "").read_text("utf-8"))
    except (OSError, ValueError):
        return None


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


def _load(
    name: str,
    run: Callable[[], ModuleType],
    attribute: str | None,
    arguments: dict[str, Any],
    path: str | None = None,
) -> Policy:
    """Run a module and return its policy; errors name the line in the file at `path`."""
    with _loading(name, path):
        return _make(choose_policy(run(), attribute), arguments)


def _run(path: str, text: str) -> ModuleType:
    """Run the text of a Python file as a module."""
    _search(str(Path(path).parent))
    # Tracebacks show the user's lines on machines without the file, too.
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    # Without dots, since pickle imports the modules of classes by their names.
    module = ModuleType("policy " + re.sub(r"\W", "_", path))
    module.__file__ = path
    sys.modules[module.__name__] = module  # dataclasses look their module up there
    exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)
    return module


def _import(module: str) -> ModuleType:
    _search(str(Path.cwd()))
    return importlib.import_module(module)


def _make(found: Any, arguments: dict[str, Any]) -> Policy:
    policy: Policy
    if isinstance(found, type):
        policy = found(**arguments)
    else:
        policy = partial(found, **arguments) if arguments and callable(found) else found
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
