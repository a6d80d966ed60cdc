"""Write `atari_cli/catalogue.json`: what ALE says about each of its games, and its palettes.

    python scripts/make_catalogue.py            write the file; needs multi-agent-ale-py as well
    python scripts/make_catalogue.py --check    compare the file with ALE; exit 1 if they differ

All values come from ALE, except the player counts (multi-agent-ale-py, which knows the modes for
two and four players) and the published scores (`atari57_scores.csv`, whose last column has the
source).
"""

import argparse
import csv
import hashlib
import json
import os
import re
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import ale_py
import numpy as np

SCRIPTS: Final = Path(__file__).resolve().parent
CATALOGUE: Final = SCRIPTS.parent / "atari_cli" / "catalogue.json"
SCORES: Final = SCRIPTS / "atari57_scores.csv"
ROMS: Final = Path(ale_py.__file__).parent / "roms"
PALETTE_GAMES: Final = {"NTSC": ("pong",), "PAL": ("laser_gates", "air_raid")}
"""Games that keep a poked colour on screen; air_raid always draws the odd PAL indices."""


def main() -> int:
    """Write or check the catalogue; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if parser.parse_args().check:
        return check()
    CATALOGUE.write_text(as_text(ask_ale(count_players())), encoding="utf-8")
    return 0


def check() -> int:
    """Return 1 and name what differs if ALE no longer says what the catalogue says, else 0."""
    found = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    expected = ask_ale({game["id"]: game["players"] for game in found["games"]})
    differences = list(compare(found, expected))
    print("\n".join(differences) or f"{CATALOGUE.name} agrees with ALE {ale_py.__version__}")
    return 1 if differences else 0


def compare(found: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """Yield one line for each value of the catalogue that is not as ALE has it."""
    games = {game["id"]: game for game in found["games"]}
    for game in expected["games"]:
        old = games.pop(game["id"], {})
        for field, value in game.items():
            if old.get(field) != value:
                yield f"{game['id']}: {field} is {old.get(field)}, ALE has {value}"
    yield from (f"{game}: not a game of ALE" for game in games)
    if found["palettes"] != expected["palettes"]:
        yield "the palettes differ from ALE's"


def as_text(catalogue: dict[str, Any]) -> str:
    """Return the catalogue as JSON with one game, or one hue of 8 colours, per line."""
    games = ",\n".join(json.dumps(game, ensure_ascii=False) for game in catalogue["games"])
    palettes = json.dumps(catalogue["palettes"], indent=1)
    return f'{{"games": [\n{games}\n],\n"palettes": {palettes}}}\n'


def ask_ale(players: dict[str, int]) -> dict[str, Any]:
    """Return the catalogue, with the given player counts by game."""
    scores = published_scores()
    games = [{**ask_game(path), "players": players.get(path.stem, 1)} for path in rom_files()]
    return {
        "games": [{**game, **scores.get(game["id"], NO_SCORES)} for game in games],
        "palettes": {tv: ask_palette(names) for tv, names in PALETTE_GAMES.items()},
    }


def rom_files() -> list[Path]:
    """Return the ROMs that ALE can play; loading any other would end the process."""
    is_supported = ale_py.ALEInterface.isSupportedROM
    return [path for path in sorted(ROMS.glob("*.bin")) if is_supported(path) is not None]


def ask_game(path: Path) -> dict[str, Any]:
    """Return the facts that ALE has about one ROM."""
    ale = ale_py.ALEInterface()
    log = load_and_listen(ale, path)
    ale.reset_game()
    state = ale.cloneState()
    height, width = ale.getScreenDims()
    return {
        "id": path.stem,
        **parse_cartridge(re.findall(r"Cart Name: *(.*)", log)[0], path.stem),
        "md5": hashlib.md5(path.read_bytes()).hexdigest(),
        "minimal_actions": [action.value for action in ale.getMinimalActionSet()],
        "legal_actions": [action.value for action in ale.getLegalActionSet()],
        "modes": list(ale.getAvailableModes()),
        "difficulties": list(ale.getAvailableDifficulties()),
        "default_mode": state.getCurrentMode(),
        "default_difficulty": state.getDifficulty(),
        "width": width,
        "height": height,
        "tv": re.findall(r"Display Format: .*\b(NTSC|PAL)\b", log)[0],
        "lives": ale.lives(),
        "uses_paddles": uses_paddles(ale),
    }


def load_and_listen(ale: ale_py.ALEInterface, path: Path) -> str:
    """Load a ROM and return what ALE logs about it; it writes to file descriptor 2."""
    stderr = os.dup(2)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Info)
    try:
        with tempfile.TemporaryFile() as log:
            os.dup2(log.fileno(), 2)
            ale.setFloat("repeat_action_probability", 0.0)  # ALE's own default draws at random
            ale.loadROM(path)
            log.seek(0)
            return log.read().decode()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)


def parse_cartridge(name: str, rom_id: str) -> dict[str, Any]:
    """Return title, year and publisher from Stella's `Title (AKA …) (1982) (Publisher) [!]`.

    Stella knows no name for some cartridges and gives the file's; the title is then the ROM id's.
    """
    remarks = re.findall(r"\(([^)]*)\)", name)
    years = [int(remark) for remark in remarks if re.fullmatch(r"\d{4}", remark)]
    publishers = [
        remark.removesuffix(" w-Picture Label")
        for remark in remarks
        if remark[0].isalpha() and not re.match(r"AKA |NTSC$|PAL$|Prototype$", remark)
    ]
    title = re.split(r" [(\[]", name)[0]
    return {
        "title": title if title != rom_id else rom_id.replace("_", " ").title(),
        "year": years[0] if years else None,
        "publisher": publishers[0] if publishers else None,
    }


def uses_paddles(ale: ale_py.ALEInterface) -> bool:
    """Return whether LEFT or RIGHT turns the paddle: the first number in ALE's state."""

    def position() -> int:
        return int(struct.unpack_from("<i", ale.cloneState().serialize())[0])

    positions = {position()}
    for action in (ale_py.Action.LEFT, ale_py.Action.RIGHT):
        ale.act(action)
        positions.add(position())
    return len(positions) > 1


NO_SCORES: Final = {"random_score": None, "human_score": None}


def published_scores() -> dict[str, dict[str, float]]:
    """Return the published scores of a random and a human player by game."""
    with SCORES.open(encoding="utf-8", newline="") as file:
        return {
            row["rom_id"]: {
                "random_score": float(row["random"]),
                "human_score": float(row["human"]),
            }
            for row in csv.DictReader(file)
        }


def count_players() -> dict[str, int]:
    """Return the most players of each game over its modes; 1 where the library knows no other."""
    from multi_agent_ale_py import ALEInterface  # needed here alone, not when checking

    ALEInterface.setLoggerMode(ALEInterface.Logger.Error)
    players = {}
    for path in rom_files():
        ale = ALEInterface()
        ale.loadROM(str(path))
        players[path.stem] = max(n for n in (1, 2, 3, 4) if len(ale.getAvailableModes(n)))
    return players


def ask_palette(games: tuple[str, ...]) -> dict[str, list[str]]:
    """Return ALE's RGB and gray value of each of the 256 palette indices, as hexadecimal text.

    ALE has no call for its palette. A saved state holds the console's colour registers, each as
    four equal bytes: write an index there, restore, act once, and look how ALE shows that index.
    Odd indices are the gray that a PAL television shows when it loses the colour.
    """
    colours: dict[int, tuple[str, str]] = {}
    for game in games:
        ale = ale_py.ALEInterface()
        ale.loadROM(ROMS / f"{game}.bin")
        for _ in range(60):  # past the first dark frames
            ale.act(ale_py.Action.NOOP)
        for state, index in poked_states(ale):
            if index not in colours:
                ale.restoreState(ale_py.ALEState(state))
                ale.act(ale_py.Action.NOOP)
                if colour := shown_colour(ale, index):
                    colours[index] = colour
    if len(colours) < 256:
        raise SystemExit(f"{', '.join(games)} showed only {len(colours)} of 256 colours")
    rgb, gray = zip(*(colours[index] for index in range(256)), strict=True)
    return {"rgb": sixteen_lines(rgb), "gray": sixteen_lines(gray)}


def poked_states(ale: ale_py.ALEInterface) -> Iterator[tuple[bytes, int]]:
    """Yield the state with each index in each register that holds a colour on screen."""
    state = ale.cloneState().serialize()
    for colour in filter(None, np.unique(ale.getScreen()).tolist()):
        for register in re.finditer(re.escape(bytes([colour] * 4)), state):
            for index in range(256):
                yield (
                    state[: register.start()] + bytes([index] * 4) + state[register.end() :],
                    index,
                )


def shown_colour(ale: ale_py.ALEInterface, index: int) -> tuple[str, str] | None:
    """Return how ALE shows an index, as RGB and as gray; None if it is not on screen."""
    pixels = np.flatnonzero(ale.getScreen() == index)
    if pixels.size == 0:
        return None
    rgb = ale.getScreenRGB().reshape(-1, 3)[pixels[0]]
    gray = ale.getScreenGrayscale().reshape(-1)[pixels[0]]
    return rgb.tobytes().hex(), gray.tobytes().hex()


def sixteen_lines(values: tuple[str, ...]) -> list[str]:
    """Return 256 values as text, 16 to a line."""
    return ["".join(values[start : start + 16]) for start in range(0, 256, 16)]


if __name__ == "__main__":
    sys.exit(main())
