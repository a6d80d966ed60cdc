"""What the server counts, as Prometheus reads it."""

import threading
from collections import Counter

from atari_cli.server.sessions import Sessions
from atari_cli.version import __version__


class Metrics:
    """Counters that several threads count up.

    Names are those of Prometheus' conventions: base units, `_total` on what only grows.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, name: str, amount: int = 1, **labels: str | int) -> None:
        """Count something up."""
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        with self._lock:
            self._counts[f"{name}{{{inside}}}" if inside else name] += amount

    def count_step(self, steps: int = 1) -> None:
        """Count steps that were played."""
        self.count("atari_env_steps_total", steps)

    def text(self, sessions: Sessions) -> str:
        """Return every figure, one a line."""
        with self._lock:
            counts = dict(self._counts)
        figures: dict[str, int] = {
            f'atari_build_info{{version="{__version__}"}}': 1,
            "atari_sessions_active": len(sessions),
            "atari_sessions_max": sessions.most,
            "atari_session_rejections_total": sessions.rejected,
            "atari_sessions_reaped_total": sessions.reaped,
            **dict(sorted(counts.items())),
        }
        return "".join(f"{name} {value}\n" for name, value in figures.items())
