"""Games that ALE treats unlike all others, as measured (docs/determinism.md)."""

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
"""Games whose ALE state does not hold all of the console; they restore from their inputs."""

WITHOUT_KEYFRAMES: Final = frozenset({"tic_tac_toe_3d", "video_checkers", "video_chess"})
"""Games that ALE's own state does not lead back to exactly; they are played again from the boot."""

SEEDED_MODES: Final = {"adventure": (1, 2)}
"""Where ALE draws the start from its own generator: here it is what Adventure hides where."""
