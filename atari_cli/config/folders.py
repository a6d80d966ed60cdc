"""The folders of the user's files: saved games, high scores and key bindings.

These functions create nothing. The folders are the system's: `XDG_DATA_HOME` and
`XDG_CONFIG_HOME` or their defaults on Linux, and their equivalents on macOS and Windows.
"""

import os
from pathlib import Path

from atari_cli.errors import InvalidSetting


def data_folder() -> Path:
    """Return the folder of slots and high scores: `ATARI_DATA_DIR`, or the system's place.

    Raises:
        InvalidSetting: If it is in the user's home, and the system knows none.
    """
    chosen = os.environ.get("ATARI_DATA_DIR", "").strip()
    try:
        if chosen:
            return Path(chosen).expanduser()
        import platformdirs

        return platformdirs.user_data_path("atari", appauthor=False)
    except RuntimeError:  # neither HOME nor an entry for the user
        raise InvalidSetting(
            "saved games and scores have no place, because no home folder is known: set HOME, or "
            f"ATARI_DATA_DIR to a whole path (it is {chosen!r})"
        ) from None


def keys_file() -> Path | None:
    """Return the path of the user's key file, which need not exist: `keys.toml`.

    None if the system knows no home of the user.
    """
    import platformdirs

    try:
        return platformdirs.user_config_path("atari", appauthor=False) / "keys.toml"
    except RuntimeError:
        return None
