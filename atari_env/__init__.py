"""`atari_cli` under the name by which OpenEnv imports an environment: `<name>_env`.

OpenEnv's convention is `from atari_env import AtariEnv`, while the library and the command line are
`atari_cli`. Both packages have the same public names, loaded on first use.
"""

from atari_cli import __all__, __dir__, __getattr__  # noqa: F401  # exported
