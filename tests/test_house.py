"""Rules of this project that no linter checks."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path

import pytest
import typer
import typer.core
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import atari_cli
import atari_env
from atari_cli.version import __version__
from tests.docs.language import EXAMPLES, SOURCES, faults

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
MODULES = sorted(
    file for package in ("atari_cli", "atari_env") for file in (ROOT / package).rglob("*.py")
)
UNTESTED = {"__init__", "__main__", "version", "context"}  # modules without behaviour
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager"}
MARKDOWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FOLDERS = ("atari_cli", "atari_env", "tests", "examples", "benchmarks", "scripts")
STATIC = ROOT / "atari_cli" / "server" / "static"
PAGE = sorted(file for kind in ("js", "css", "html") for file in STATIC.rglob(f"*.{kind}"))
BUILD = sorted(
    file
    for pattern in ("Dockerfile", "Makefile", "*.toml", "*.yaml", ".ci/*", ".github/**/*.yml")
    for file in ROOT.glob(pattern)
)
PHRASES = TESTS / "docs" / "language.py"
"""The file of the phrases that plain English avoids."""


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_modules_are_at_most_400_lines_long() -> None:
    lengths = {
        name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES
    }
    assert not {name: length for name, length in lengths.items() if length > 400}


@pytest.mark.parametrize("folder", ["atari_cli", "benchmarks", "scripts", "tests"])
def test_no_folder_has_more_than_15_python_files(folder: str) -> None:
    counts = Counter(name_of(file.parent) for file in (ROOT / folder).rglob("*.py"))
    assert not {name: count for name, count in counts.items() if count > 15}


def test_lines_of_javascript_have_at_most_120_characters() -> None:
    """The formatter leaves comments and long strings as they are."""
    files = [file for file in PAGE if file.suffix == ".js"]
    lines = [(file.name, line) for file in files for line in file.read_text("utf-8").splitlines()]
    assert lines
    assert not [place for place in lines if len(place[1]) > 120]


def test_every_module_has_tests() -> None:
    """Either its own file in the mirrored folder, or another file nearby that imports it."""
    missing = [
        name_of(file) for file in MODULES if file.stem not in UNTESTED and not has_tests(file)
    ]
    assert not missing


def has_tests(module: Path) -> bool:
    place = module.relative_to(ROOT).with_suffix("")
    folder = TESTS.joinpath(*place.parts[1:-1])
    name = rf"\b{re.escape('.'.join(place.parts))}\b"
    nearby = TESTS.joinpath(*place.parts[1:2])
    return (folder / f"test_{module.stem}.py").exists() or any(
        re.search(name, file.read_text("utf-8"))
        for file in (nearby if nearby.is_dir() else TESTS).rglob("*.py")
    )


def test_each_public_class_and_alias_of_types_has_a_unique_name() -> None:
    """A name with two meanings has to be looked up twice; names that differ only in case, too.

    Type variables may have the same name, since each means nothing outside its module.
    """
    places: dict[str, set[str]] = {}
    for file in MODULES:
        for node in ast.parse(file.read_text("utf-8")).body:
            name, is_variable = name_of_type(node)
            if re.match("[A-Z].*[a-z]", name):
                place = "TypeVar" if is_variable else name_of(file)
                places.setdefault(name.casefold(), set()).add(place)
    assert places["atarienvironment"] == {"atari_cli/environment.py"}
    assert places["policy"] == {"atari_cli/model.py"}
    assert not {name: files for name, files in places.items() if len(files) > 1}


def name_of_type(node: ast.stmt) -> tuple[str, bool]:
    """Return the name that a statement gives to what may be a type, and if that is a `TypeVar`."""
    match node:
        case ast.ClassDef(name=name):
            return name, False
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="TypeVar"))):
            return name, True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name, False
    return "", False


def test_no_file_has_a_vague_name() -> None:
    vague = [
        name_of(file)
        for folder in FOLDERS
        for file in (ROOT / folder).rglob("*.py")
        if VAGUE & set(file.stem.split("_"))
    ]
    assert not vague


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert versions[0] == __version__


@pytest.mark.parametrize("file", ["constraints.txt", "tests/peers/constraints.txt"])
def test_constraints_contain_only_names_and_versions(file: str) -> None:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    assert lines
    assert not [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)]


@pytest.mark.parametrize(
    ("file", "extras"),
    [("constraints.txt", {"bench", "dev", "ray"}), ("tests/peers/constraints.txt", {"peers"})],
)
def test_constraints_pin_all_installed_packages(file: str, extras: set[str]) -> None:
    """Dependencies of installed packages are included; those of missing ones are unknown."""
    pinned = {
        canonicalize_name(line.partition("==")[0])
        for line in (ROOT / file).read_text("utf-8").splitlines()
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [line for name in extras for line in project["optional-dependencies"][name]]
    if "dev" in extras:
        asked += project["dependencies"]
    exact = {canonicalize_name(Requirement(line).name) for line in asked if "==" in line}
    assert needed_by(asked) - pinned - exact == set()


def test_every_extra_is_pinned_somewhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["optional-dependencies"].keys() == {"bench", "dev", "peers", "ray"}


def needed_by(lines: list[str]) -> set[str]:
    """Return the packages that requirements name, and those that the installed ones require."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in lines]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        seen = name in found and not requirement.extras
        found.add(name)
        if seen or not list(metadata.distributions(name=name)):
            continue
        for needed in map(Requirement, metadata.requires(name) or []):
            chosen = requirement.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in chosen):
                waiting.append(needed)
    return found


def test_the_peers_have_the_same_ale() -> None:
    """Otherwise a comparison of their speed would be meaningless."""
    files = ("constraints.txt", "tests/peers/constraints.txt")
    pins = [(ROOT / file).read_text("utf-8").splitlines() for file in files]
    versions = [[line for line in lines if line.startswith("ale-py==")] for lines in pins]
    assert versions[0] == versions[1] != []


def test_the_alias_exports_the_same_objects() -> None:
    assert vars(atari_env)["__all__"] == dir(atari_env) == dir(atari_cli)
    for name in dir(atari_cli):
        assert getattr(atari_env, name) is getattr(atari_cli, name)


def test_the_packages_have_no_other_attributes() -> None:
    name = "AtariEnvironments"
    for package in (atari_cli, atari_env):
        with pytest.raises(AttributeError, match=f"^No atari_cli attribute {name}$"):
            getattr(package, name)


@pytest.mark.parametrize("package", ["atari_cli", "atari_env"])
def test_importing_a_package_loads_neither_numpy_nor_ale(package: str) -> None:
    code = f"import sys, {package}; print(*{{'numpy', 'ale_py', 'typer'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_every_command_has_help_and_is_in_the_readme() -> None:
    from atari_cli.cli.app import app

    group = typer.main.get_command(app)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert isinstance(group, typer.core.TyperGroup)
    commands = group.commands
    assert commands
    assert not [name for name, command in commands.items() if not command.help]
    assert not [name for name in commands if f"atari {name}" not in readme]


def test_python_m_atari_cli_runs_the_command() -> None:
    command = [sys.executable, "-m", "atari_cli", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert __version__ in done.stdout


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_pages_use_plain_english(file: Path) -> None:
    found = [f"{name_of(file)}:{fault}" for fault in faults(file)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", FOLDERS)
def test_code_uses_plain_english(folder: str) -> None:
    """In docstrings, comments, messages and the names of tests."""
    found = [
        f"{name_of(file)}:{fault}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != PHRASES
        for fault in faults(file)
    ]
    assert not found, "\n".join(found)


def test_the_page_and_the_build_use_plain_english() -> None:
    assert PAGE
    assert BUILD
    found = [f"{name_of(file)}:{fault}" for file in (*PAGE, *BUILD) for fault in faults(file)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("name", "source"), SOURCES)
def test_a_refused_phrase_is_found_in_other_languages(
    tmp_path: Path, name: str, source: str
) -> None:
    file = tmp_path / name
    file.write_text(source, "utf-8")
    [fault] = faults(file)
    assert fault.startswith(("2: ", "3: "))


@pytest.mark.parametrize(("text", "better"), EXAMPLES)
def test_a_refused_phrase_is_found_with_its_better_wording(
    tmp_path: Path, text: str, better: str
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\nGood words.\n{text}\n", "utf-8")
    [fault] = faults(page)
    assert fault.startswith("3: ")
    assert better in fault


def test_a_refused_phrase_in_the_name_of_a_test_is_found(tmp_path: Path) -> None:
    module = tmp_path / "test_names.py"
    module.write_text("def test_a_client_is_told_the_score() -> None: ...\n", "utf-8")
    [fault] = faults(module)
    assert fault.startswith("1: ")
    assert "notify" in fault


@pytest.mark.parametrize("file", MARKDOWN, ids=name_of)
def test_pages_are_wrapped_at_100_characters(file: Path) -> None:
    """Tables, headings, fenced blocks, comments and single links cannot be wrapped."""
    text = re.sub(r"^```.*?^```|<!--.*?-->", "", file.read_text("utf-8"), flags=re.S | re.M)
    long = [
        line
        for line in text.splitlines()
        if len(line) > 100 and not re.match(r"[|#]|!\[|<img|\S*$|- \S*$", line)
    ]
    assert not long
