"""The house's floors: a room imports only from lower ranks, and each third party has one door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "atari_cli"

# A room is a module or folder of atari_cli; rooms of one rank never import each other.
FLOORS = (
    {"version", "errors", "model"},
    {"config", "actions", "packing", "seeding"},
    {"games", "wire"},
    {"emulator", "client"},
    {"observation"},
    {"environment"},
    {"sink"},
    {"policies", "rollout", "recording", "terminal"},
    {"play", "server", "evaluation", "export"},
    {"cli"},
)
RANKS = {room: rank for rank, rooms in enumerate(FLOORS) for room in rooms}

# `cli` may open every door: `atari doctor` looks behind each.
DOORS = {
    "ale_py": {"games", "emulator", "cli"},
    "imageio": {"recording", "cli"},
    "imageio_ffmpeg": {"recording", "cli"},
    "pygame": {"play", "cli"},
    "ray": {"rollout", "cli"},
    "rich": {"cli"},
    "typer": {"cli"},
}


def imported_modules(source: str) -> Iterator[str]:
    """Yield the dotted name of each import, wherever in the source it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module == "atari_cli":
                yield from (f"atari_cli.{alias.name}" for alias in node.names)
            else:
                yield module


def breach(room: str, imported: str) -> str | None:
    """Return what is wrong with an import in a room, None if it is allowed."""
    top, _, rest = imported.partition(".")
    target = rest.partition(".")[0]
    if top in DOORS and room not in DOORS[top]:
        return f"{room} imports {top}; its door is in {', '.join(sorted(DOORS[top]))}"
    if top in ("", "atari_env"):
        return f"{room} imports {imported}; write the name from atari_cli down"
    if top != "atari_cli" or target == room:
        return None
    if target not in RANKS:
        return f"{room} imports {imported}, which is no room: import from the module that has it"
    if RANKS[target] >= RANKS[room]:
        return f"{room} imports {target}, which has no lower rank"
    return None


def breaches(room: str, source: str) -> list[str]:
    """Return every breach in a source that stands in a room."""
    return [wrong for name in imported_modules(source) if (wrong := breach(room, name))]


def rooms_and_files() -> list[tuple[str, Path]]:
    files = sorted(PACKAGE.rglob("*.py"))
    return [(file.relative_to(PACKAGE).with_suffix("").parts[0], file) for file in files]


def test_every_room_has_a_rank() -> None:
    rooms = {room for room, _ in rooms_and_files()} - {"__init__", "__main__"}
    assert rooms <= RANKS.keys(), f"give these a rank in FLOORS: {sorted(rooms - RANKS.keys())}"


def test_rooms_import_only_from_lower_ranks_and_keep_to_their_doors() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}: {wrong}"
        for room, file in rooms_and_files()
        if room in RANKS
        for wrong in breaches(room, file.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("games", "from atari_cli.cli import main", "games imports cli"),
        ("policies", "import atari_cli.rollout", "policies imports rollout"),
        ("config", "from atari_cli import games", "config imports games"),
        ("config", "def f():\n    import atari_cli.cli.app", "config imports cli"),
        ("errors", "if TYPE_CHECKING:\n    from atari_cli.model import Frame", "imports model"),
        ("cli", "from atari_cli import AtariEnvironment", "which is no room"),
        ("games", "from . import errors", "write the name from atari_cli down"),
        ("games", "import atari_env", "write the name from atari_cli down"),
        ("environment", "from ale_py import roms", "environment imports ale_py"),
        ("recording", "def f():\n    import pygame.mixer", "recording imports pygame"),
    ],
)
def test_the_checker_catches_a_breach(room: str, source: str, expected: str) -> None:
    (wrong,) = breaches(room, source)
    assert expected in wrong


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("cli", "from atari_cli.cli.output import table\nimport ale_py"),
        ("environment", "from atari_cli import errors\nimport numpy as np"),
        ("rollout", "def f():\n    import ray\n    from atari_cli.environment import save"),
    ],
)
def test_the_checker_lets_allowed_imports_pass(room: str, source: str) -> None:
    assert breaches(room, source) == []
