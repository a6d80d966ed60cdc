"""The description of a run: what decides its episodes."""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Self

from atari_cli.config import EnvironmentConfig
from atari_cli.games import find_game
from atari_cli.model import PolicySource
from atari_cli.version import __version__


@dataclass(frozen=True)
class RunDescription:
    """Everything that decides the episodes of a run: equal descriptions mean equal episodes.

    Attributes:
        game: The id of the game.
        rom_md5: MD5 of its ROM.
        policy: The policy as the user spelled it.
        policy_sha256: SHA-256 of its text, model or actions; None if it is built in.
        seed: The seed of the run.
        settings: The other settings of the environment by name, with mode and difficulty by
            number; `sound` decides no episode.
        versions: The versions of atari_cli, ale_py, numpy and python.
    """

    game: str
    rom_md5: str
    policy: str
    policy_sha256: str | None
    seed: int
    settings: dict[str, Any]
    versions: dict[str, str]

    @classmethod
    def of(cls, config: EnvironmentConfig, policy: PolicySource, seed: int) -> Self:
        """Return the description of a run.

        Args:
            config: The settings of the environment.
            policy: The source of the policy.
            seed: The seed of the run.

        Raises:
            InvalidSetting: If the game does not have the mode or difficulty.
        """
        game = find_game(config.game)
        versions = {"ale_py": version("ale-py"), "numpy": version("numpy")}
        return cls(
            game.id,
            game.md5,
            # The bytes of a file's name need not be UTF-8, a file of results is.
            policy.name.encode("utf-8", "backslashreplace").decode(),
            getattr(policy, "sha256", None),
            seed,
            _settings(config),
            {"atari_cli": __version__, **versions, "python": platform.python_version()},
        )

    def changed_settings(self) -> dict[str, Any]:
        """Return the settings that are not the defaults of the game."""
        defaults = _settings(EnvironmentConfig(self.game))
        return {name: value for name, value in self.settings.items() if value != defaults[name]}

    def as_row(self) -> dict[str, Any]:
        """Return the fields as columns of a table, among which the seed is `run_seed`."""
        row = asdict(self)
        settings, versions = row.pop("settings"), row.pop("versions")
        return {"run_seed": row.pop("seed"), **row, **settings, **versions}


def _settings(config: EnvironmentConfig) -> dict[str, Any]:
    game = find_game(config.game)
    settings = asdict(config) | {
        "mode": game.choose_mode(config.mode),
        "difficulty": game.choose_difficulty(config.difficulty),
    }
    return {name: value for name, value in settings.items() if name not in {"game", "sound"}}
