"""One hash for each game, which has to be the same on every system that we support.

It needs the package alone, without the tools of development, so that it also runs where only the
base installation fits, such as under an emulator of another processor:

    python -m tests.exactness.systems             compare all games with the fixture
    python -m tests.exactness.systems pong qbert  compare some
    python -m tests.exactness.systems --write     write the fixture

A game is played for 1,000 frames by the policy `random`, with sticky actions and no-op starts and
the default frameskip. An episode that ends is followed by the next. The hash covers the screen of
every frame, and the RAM, reward, lives and end of every step.
"""

import argparse
import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from atari_cli.config import EnvironmentConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.games import all_games
from atari_cli.model import StepResult
from atari_cli.policies.chance import RandomPolicy
from atari_cli.seeding import episode_seed

FIXTURE = Path(__file__).parent / "fixtures" / "systems.json"
FRAMES = 1000


def main(arguments: list[str] | None = None, fixture: Path = FIXTURE) -> int:
    """Compare or write the hashes; return 0 if all are equal, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.exactness.systems")
    parser.add_argument("games", nargs="*", metavar="GAME", help="all games if none is named")
    parser.add_argument("--write", action="store_true", help="write the fixture")
    options = parser.parse_args(arguments)
    if options.write:
        hashes = {game.id: play(game.id) for game in all_games()}
        document = {"ale_py": version("ale-py"), "frames": FRAMES, "games": hashes}
        fixture.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        return 0
    expected = read(fixture)
    if expected["ale_py"] != version("ale-py"):
        print(f"the fixture is of ale_py {expected['ale_py']}, this is {version('ale-py')}")
    games = options.games or expected["games"]
    return compare({game: expected["games"][game] for game in games})


def read(fixture: Path = FIXTURE) -> dict[str, Any]:
    """Return the fixture: `ale_py`, `frames`, and `games` with the hash of each."""
    document: dict[str, Any] = json.loads(fixture.read_text("utf-8"))
    return document


def compare(expected: Mapping[str, str]) -> int:
    """Play the games, print those that differ and a summary; return 0 if all are equal, else 1."""
    equal = 0
    for game, hash_there in expected.items():
        hash_here = play(game)
        if hash_here == hash_there:
            equal += 1
        else:
            print(f"{game} differs: {hash_here} instead of {hash_there}", flush=True)
    where = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    print(f"{equal} of {len(expected)} games equal ({where})")
    return int(equal < len(expected))


def play(game: str) -> str:
    """Return the SHA-256 of all that 1,000 frames of a game show and give."""
    seen = hashlib.sha256()
    played = 0
    config = EnvironmentConfig(game, repeat_action_probability=0.25, noop_max=30)
    with AtariEnvironment(config, keep_frames=True) as environment:
        for result in results(environment):
            frames = environment.frames[: FRAMES - played]
            for frame in frames:
                seen.update(frame.screen.data)
            seen.update(result.observation.ram.data)
            seen.update(numbers(result))
            played += len(frames)
            if played == FRAMES:
                break
    return seen.hexdigest()


def results(environment: AtariEnvironment) -> Iterator[StepResult]:
    """Yield the results of one episode after another, without an end."""
    policy = RandomPolicy()
    for episode in count():
        seed = episode_seed(0, episode)
        policy.reset(seed)
        result = environment.reset(seed=seed)
        yield result
        while not result.done:
            result = environment.step(policy(result.observation))
            yield result


def numbers(result: StepResult) -> bytes:
    """Return a step's reward, lives and end, written alike on every system."""
    return f"{int(result.reward)} {result.observation.lives} {int(result.done)}\n".encode()


if __name__ == "__main__":
    raise SystemExit(main())
