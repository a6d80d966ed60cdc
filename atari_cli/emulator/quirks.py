"""Games that need special treatment, as measured (docs/determinism.md)."""

from typing import Final

STATE_INCOMPLETE: Final = frozenset(
    {
        "miniature_golf",
        "qbert",
        "tetris",
        "tic_tac_toe_3d",
        "video_checkers",
        "video_chess",
        "yars_revenge",
    }
)
"""Games whose ALE state is incomplete; they are restored by replaying their inputs."""

WITHOUT_KEYFRAMES: Final = frozenset({"tic_tac_toe_3d", "video_checkers", "video_chess"})
"""Games that ALE's state does not restore exactly; going back replays them from the boot."""

SEEDED_MODES: Final = {"adventure": (1, 2)}
"""Modes with a random start, drawn by ALE: in Adventure, where things are hidden."""
