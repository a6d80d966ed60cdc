"""Public functions of two or more parameters describe them, their results and their errors."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("atari_cli", "atari_env")

LIVE = {"os", "sys", "random", "logging", "threading", "signal"}
"""Modules with objects that change while the program runs."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the functions and methods of a module or class whose names have no underscore."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node


def parameters(function: Function) -> list[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
    return [argument.arg for argument in every if argument.arg not in ("self", "cls")]


def is_overload(function: Function) -> bool:
    return any(getattr(node, "id", "") == "overload" for node in function.decorator_list)


def returns_something(function: Function) -> bool:
    nothing = function.returns is None or ast.unparse(function.returns) in (
        *("None", "NoReturn"),
        "Iterator[None]",  # a context manager without a value
    )
    return not nothing


def raised(function: Function) -> set[str]:
    """Return the names of the errors in the function's own `raise` statements."""
    nested = {
        inner
        for outer in ast.walk(function)
        if isinstance(outer, Function | ast.Lambda) and outer is not function
        for inner in ast.walk(outer)
    }
    calls = [
        node.exc
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node not in nested
    ]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def complaints(function: Function) -> list[str]:
    """Return a list of everything that is missing in the docstring of a function."""
    names = parameters(function)
    text = ast.get_docstring(function) or ""
    if len(names) < 2 or is_overload(function):
        return []
    if "Args:\n" not in text:
        found = [f"has no Args: for {', '.join(names)}"]
    else:
        listed = text.partition("Args:\n")[2]
        found = [f"does not describe {name}" for name in names if f"    {name}: " not in listed]
    summary = text.partition("\n\n")[0]
    says = re.search(r"\b([Rr]eturn|[Yy]ield)", summary) or re.search(r"(Returns|Yields):\n", text)
    if returns_something(function) and not says:
        found.append("does not say what it returns")
    errors = sorted(name for name in raised(function) if name[0].isupper())
    if errors and "Raises:\n" not in text:
        found.append(f"has no Raises: for {', '.join(errors)}")
    return found


def is_command(place: str, name: str) -> bool:
    """Return whether a function is a command: its docstring is its help, as are its options'."""
    path = Path(place)
    return path.parent.name == "commands" and name == path.stem or name == "options"


def all_complaints() -> list[str]:
    found = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            place = file.relative_to(ROOT).as_posix()
            module = ast.parse(file.read_text(encoding="utf-8"))
            for name, function in public_functions(module.body):
                if not is_command(place, name):
                    found += [f"{place}: {name} {wrong}" for wrong in complaints(function)]
    return found


def test_public_functions_describe_parameters_results_and_errors() -> None:
    found = all_complaints()
    assert not found, "\n".join([f"{len(found)} docstrings:", *found])


def test_missing_parts_of_a_docstring_are_found() -> None:
    source = '''
class Public:
    def half(self, one, two) -> int:
        """Do.

        Args:
            one: The first.
        """
        raise ValueError("no")

    def single(self, one):
        """Do."""

    def _hidden(self, one, two): ...

def nothing(one, *, two) -> None:
    """Do."""
'''
    module = ast.parse(source)
    found = {name: complaints(function) for name, function in public_functions(module.body)}
    assert found == {
        "Public.half": [
            "does not describe two",
            "does not say what it returns",
            "has no Raises: for ValueError",
        ],
        "Public.single": [],
        "nothing": ["has no Args: for one, two"],
    }


def undescribed_fields(module: ast.Module) -> Iterator[str]:
    """Yield the public fields of public dataclasses and named tuples that have no description."""
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            kinds = map(ast.unparse, (*node.bases, *node.decorator_list))
            if any(re.match(r"NamedTuple|dataclass", kind) for kind in kinds):
                text = ast.get_docstring(node) or ""
                for field in node.body:
                    if isinstance(field, ast.AnnAssign):
                        name = ast.unparse(field.target)
                        if not name.startswith("_") and f"    {name}: " not in text:
                            yield f"{node.name}.{name}"


def test_fields_of_public_dataclasses_and_named_tuples_are_described() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {field}"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for field in undescribed_fields(ast.parse(file.read_text("utf-8")))
    ]
    assert not found


def test_a_field_without_a_description_is_found() -> None:
    source = '''
class Point(NamedTuple):
    """A point.

    Attributes:
        x: Its column.
    """

    x: int
    y: int
'''
    assert list(undescribed_fields(ast.parse(source))) == ["Point.y"]


def test_no_default_is_an_object_that_changes_or_holds_secrets() -> None:
    """`help()` prints the defaults: those of `os.environ` would be the variables of the user."""
    live = [
        f"{file.relative_to(ROOT)}: {name}: {ast.unparse(default)}"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        for name, function in public_functions(ast.parse(file.read_text("utf-8")).body)
        for default in (*function.args.defaults, *function.args.kw_defaults)
        if isinstance(default, ast.Attribute) and ast.unparse(default).split(".")[0] in LIVE
    ]
    assert not live
