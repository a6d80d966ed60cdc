"""Each folder imports only from lower ranks, and third-party libraries only where a table says."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "atari_cli"

# The ranks in a folder, from the lowest: its modules and folders. Those of one rank never import
# each other. In a folder without a row, modules may import each other, but never in a cycle.
FLOORS: dict[str, tuple[set[str], ...]] = {
    "": (
        {"version", "errors"},
        {"validation", "actions", "system"},
        {"config", "model", "seeding"},
        {"games", "saved_state"},
        {"emulator", "pictures", "wire"},
        {"observation", "client"},
        {"environment"},
        {"sink"},
        {"policies", "rollout", "recording"},
        {"play", "server"},
        {"api"},
        {"cli"},
    ),
    "api": ({"policies", "doctor", "scores"}, {"play", "record"}),
    "cli": (
        {"log", "output"},
        {"options", "progress"},
        {"commands"},
        {"app"},
    ),
    "client": (
        {"address", "failures", "received", "container", "launch"},
        {"options", "dialects"},
        {"conversation", "async_socket", "sync_socket"},
        {"client_session"},
        {"sync_env", "awaited_session"},
        {"pending"},
        {"env"},
    ),
    "play": (
        {"interface", "agent", "slow_work", "kept_screens"},
        {"game_run"},
        {"controls", "loop", "player_settings", "pilot"},
        {"saved", "window", "terminal"},
        {"playback"},
        {"play_session", "watch_session"},
        {"start"},
    ),
    "recording": (
        {"step_proof", "format"},
        {"media", "growing_arrays", "journal", "seekable"},
        {"episode", "replay"},
        {"live_episode", "add_screens"},
        {"recovery"},
        {"recorder", "recorded_environment"},
    ),
    "server": ({"transport"}, {"sessions"}, {"mcp"}, {"routes"}, {"sockets"}, {"front"}),
}

# Where a third-party library may be imported: folders or files. `atari doctor` checks some of the
# libraries. A library without a row may be imported nowhere, except numpy and the standard library.
DOORS = {
    "ale_py": {"emulator", "api/doctor"},
    "cloudpickle": {"rollout"},
    "imageio": {"pictures"},
    "imageio_ffmpeg": {"recording/media", "api/doctor"},
    "isal": {"recording/step_proof"},
    "lazy_loader": {"__init__"},
    "orjson": {"wire"},
    "platformdirs": {"config"},
    "prometheus_client": {"server"},
    "pydantic": {"wire", "server"},
    "pygame": {"play/window"},
    "ray": {"rollout"},
    "rich": {"cli"},
    "typer": {"cli"},
    "websockets": {"server", "client"},
}
ABOVE = {"__init__", "__main__"}
EVERYWHERE = sys.stdlib_module_names | {"numpy"}
COMMAND = re.compile(r"""["']-m["'],\s*["']atari_cli""")
PROGRAM = re.compile(r"^(?:from|import) atari_cli\S*.*$", re.MULTILINE)


def module_of(place: str) -> str:
    """Return the dotted name of a place such as `cli/app`."""
    return "atari_cli." + place.removesuffix("/__init__").replace("/", ".")


def imported_modules(source: str) -> Iterator[str]:
    """Yield the dotted name of each import, also within functions and in programs as text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for line in PROGRAM.findall(node.value):
                yield from imported_modules(line)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                full = f"{module}.{alias.name}"
                yield full if module == "atari_cli" or full in modules() else module


def breach(place: str, imported: str) -> str | None:
    """Return the fault of an import in a place such as `cli/app`, or None if it is allowed."""
    top = imported.partition(".")[0]
    if top in ("", "atari_env"):
        return f"{place} imports {imported}; write the name from atari_cli down"
    if top != "atari_cli":
        doors = DOORS.get(top, set())
        if top in EVERYWHERE or any(
            place == door or place.startswith(f"{door}/") for door in doors
        ):
            return None
        return f"{place} imports {top}; its doors are in {', '.join(sorted(doors)) or 'no folder'}"
    return climb(place.split("/"), imported.split(".")[1:], imported)


def climb(here: list[str], there: list[str], imported: str) -> str | None:
    """Return how an import breaks the ranks of the innermost folder that has both places."""
    folder = []
    while here and there and here[0] == there[0]:
        folder.append(here[0])
        here, there = here[1:], there[1:]
    name = "/".join(folder)
    if not here or not there or here == ["__init__"] or name not in FLOORS:
        return None  # an `__init__` exports names of its folder
    ranks = {entry: rank for rank, entries in enumerate(FLOORS[name]) for entry in entries}
    if there[0] not in ranks:
        return (
            f"{here[0]} imports {imported}, which has no rank: import from the module that has it"
        )
    if ranks[there[0]] >= ranks[here[0]]:
        return f"{here[0]} imports {there[0]}, which has no lower rank"
    return None


def breaches(place: str, source: str) -> list[str]:
    """Return every fault in the imports of a source file."""
    found = [wrong for name in imported_modules(source) if (wrong := breach(place, name))]
    if COMMAND.search(source):
        found.append(f"{place} starts the command line as a process; call what it calls")
    return found


@cache
def places() -> dict[str, Path]:
    """Return each file except those above all ranks, which only export public names."""
    files = {
        file.relative_to(PACKAGE).with_suffix("").as_posix(): file
        for file in sorted(PACKAGE.rglob("*.py"))
    }
    return {place: file for place, file in files.items() if place not in ABOVE}


@cache
def modules() -> set[str]:
    return {module_of(place) for place in places()}


def circle(graph: dict[str, set[str]]) -> str:
    """Return a cycle of imports as a line of text, empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1])
    return ""


def test_every_module_and_folder_has_a_rank() -> None:
    missing = []
    for folder, floors in FLOORS.items():
        standing = {
            entry.stem
            for entry in (PACKAGE / folder).iterdir()
            if (entry.suffix == ".py" or (entry / "__init__.py").exists())
            and entry.stem not in ABOVE
        }
        named = [name for entries in floors for name in entries]
        missing += [f"{folder}/{name}" for name in standing.symmetric_difference(named)]
        assert len(named) == len(set(named))
    assert not missing, f"FLOORS and the folders differ: {sorted(missing)}"


def test_imports_are_only_from_lower_ranks_and_allowed_libraries() -> None:
    found = [
        f"{place}: {wrong}"
        for place, file in places().items()
        for wrong in breaches(place, file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def test_there_are_no_import_cycles() -> None:
    """Imports for type checking and those within functions count, too."""
    graph = {
        module_of(place): set(imported_modules(file.read_text(encoding="utf-8"))) & modules()
        for place, file in places().items()
    }
    assert sum(map(len, graph.values())) > 100
    assert circle(graph) == ""


def test_an_import_cycle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) in {
        "a -> c -> b -> a",
        "b -> a -> c -> b",
        "c -> b -> a -> c",
    }


def test_ruff_bans_the_same_libraries() -> None:
    """The linter reports such imports earlier; its list is checked against this table."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert set(settings["flake8-tidy-imports"]["banned-api"]) == DOORS.keys()


@pytest.mark.parametrize(
    ("place", "source", "expected"),
    [
        ("games", "from atari_cli.cli import main", "games imports cli"),
        ("policies", "import atari_cli.rollout", "policies imports rollout"),
        ("config", "from atari_cli import games", "config imports games"),
        ("config", "def f():\n    import atari_cli.cli.app", "config imports cli"),
        ("errors", "if TYPE_CHECKING:\n    from atari_cli.model import Frame", "imports model"),
        ("cli", "from atari_cli import AtariEnvironment", "which has no rank"),
        ("games", "from . import errors", "write the name from atari_cli down"),
        ("games", "import atari_env", "write the name from atari_cli down"),
        ("environment", "from ale_py import roms", "environment imports ale_py"),
        ("recording/media/video", "def f():\n    import pygame.mixer", "video imports pygame"),
        ("play/loop", "import pygame", "its doors are in play/window"),
        ("recording/media/video", "from atari_cli.cli import app", "recording imports cli"),
        ("cli/commands/info", "import ale_py", "its doors are in api/doctor, emulator"),
        ("cli/commands/info", "import requests", "its doors are in no folder"),
        (
            "server/sessions/session",
            "from atari_cli.server.routes import x",
            "sessions imports routes",
        ),
        (
            "play/window/hud",
            "from atari_cli.play.terminal.screen import x",
            "window imports terminal",
        ),
        ("play/controls/keymap", "from atari_cli.play import start", "controls imports start"),
        ("server/x", 'call([sys.executable, "-m", "atari_cli", "replay"])', "as a process"),
        ("server/x", 'PROGRAM = "import sys\\nfrom atari_cli.cli import main"', "imports cli"),
    ],
)
def test_the_checker_finds_a_forbidden_import(place: str, source: str, expected: str) -> None:
    (wrong,) = breaches(place, source)
    assert expected in wrong


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("api/doctor", "from atari_cli.games import all_games\nimport ale_py"),
        ("environment", "from atari_cli import errors\nimport numpy as np"),
        ("rollout", "def f():\n    import ray\n    from atari_cli.environment import save"),
        ("play/window/window", "import pygame\nfrom atari_cli.play.controls.keymap import Keys"),
        ("server/__init__", "from atari_cli.server.front.lifecycle import serve"),
    ],
)
def test_the_checker_accepts_allowed_imports(place: str, source: str) -> None:
    assert breaches(place, source) == []
