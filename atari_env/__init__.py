"""`atari_cli` under the name by which OpenEnv imports an environment: `<name>_env`.

OpenEnv's convention is `from atari_env import AtariEnv`, while the library and the command line are
`atari_cli`. Both packages have the same public names, loaded on first use.
"""

from typing import TYPE_CHECKING, Any

import atari_cli
from atari_cli import __all__

if TYPE_CHECKING:
    from atari_cli import *  # noqa: F403 - the same names, for type checkers and editors


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(atari_cli, name)


def __dir__() -> list[str]:
    return __all__
