"""`play_game` and `watch_recording`: what a person plays or watches, in a window or a terminal."""

from typing import TYPE_CHECKING, Final

from atari_cli.config import PLAY_SETTINGS, EnvironmentConfig, PlayConfig
from atari_cli.model import Policy, PolicySource
from atari_cli.play.start import OpenFrontEnd, Outcome, play, watch

if TYPE_CHECKING:
    from atari_cli.recording import Recording

_SHOWN: Final = PlayConfig()


def play_game(
    environment: EnvironmentConfig | str,
    config: PlayConfig = _SHOWN,
    *,
    policy: PolicySource | Policy | str | None = None,
    seed: int = 0,
    games: int | None = None,
    terminal: bool = False,
) -> Outcome:
    """Play games by hand, alone or taking turns with an agent, until the player leaves.

    Args:
        environment: The settings, or a game's name for the settings of a console:
            `PLAY_SETTINGS`. `full_action_space` is the agent's; the human has all 18 actions.
        config: How the game is shown, and what is kept of it.
        policy: An agent, in any form that `record` takes; None without an agent.
        seed: Seed of the run; game k's own seed follows from (seed, k) alone.
        games: Number of games after which the session ends; None if only the player ends it.
        terminal: Play in this terminal instead of a window.

    Returns:
        The games that were played, with their files.

    Raises:
        NoDisplay: If there is no display to open a window on.
        AtariError: If the terminal cannot show a game, a setting is wrong or the agent fails to
            start.
    """
    environment = EnvironmentConfig.of(environment, **PLAY_SETTINGS)
    source = None
    if policy is not None:
        from atari_cli.api.policies import as_source

        source = as_source(policy, environment)
    return play(environment, config, open_front_end(terminal), source, seed, games)


def watch_recording(
    recording: "Recording",
    config: PlayConfig = _SHOWN,
    *,
    first_step: int = 0,
    terminal: bool = False,
) -> Outcome:
    """Show a recording; a viewer who takes over plays on from there, into a new file.

    Args:
        recording: The recording, from `load_recording`.
        config: How it is shown, and what is kept of a game that was taken over.
        first_step: The step to begin with.
        terminal: Show it in this terminal instead of a window.

    Returns:
        The games that were played after taking over, with their files.

    Raises:
        NoDisplay: If there is no display to open a window on.
        AtariError: If the terminal cannot show a game, or the recording has no such step.
    """
    return watch(recording, config, open_front_end(terminal), first_step)


def open_front_end(terminal: bool) -> OpenFrontEnd:
    """Return the class that opens the terminal's screen or the window."""
    if terminal:
        from atari_cli.play.terminal.screen import TextScreen

        return TextScreen
    from atari_cli.play.window.window import Window

    return Window
