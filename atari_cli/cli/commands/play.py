"""`atari play`: play a game, or watch an agent and take over."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from atari_cli.cli.options import (
    PolicyArgumentOption,
    SeedOption,
    complete_policies,
    optional,
    parse_seed,
    read_arguments,
    takes_config,
    takes_environment,
)
from atari_cli.cli.output import note
from atari_cli.config import PLAY_SETTINGS, VIEWS, EnvironmentConfig, PlayConfig, RolloutConfig
from atari_cli.errors import InvalidSetting
from atari_cli.system.shell import quoted

if TYPE_CHECKING:
    from atari_cli.play.saved.shelf import FinishedGame
    from atari_cli.play.start import Outcome

_OPTIONS: Final = {
    "step": typer.Option("--step", help="Wait for your input at each step."),
    "record": typer.Option("--record/--no-record", help="Record each game."),
    "out": typer.Option(help="Output folder."),
    "zoom": typer.Option(help="Screen pixels per Atari pixel, 1 to 16."),
    "view": typer.Option(
        help="Square pixels, or the 4:3 picture of a television.", metavar="|".join(VIEWS)
    ),
    "fullscreen": typer.Option("--fullscreen", help="Use the whole screen."),
    "phosphor": typer.Option(
        "--phosphor", help="Blend consecutive frames to hide flicker (display only)."
    ),
    "mute": typer.Option("--mute", help="Start without sound."),
    "volume": typer.Option(help="Volume in percent."),
    "keys": optional("TOML file of key bindings.", "the file that `atari doctor` names"),
}


@partial(takes_environment, own=PLAY_SETTINGS)
@partial(takes_config, config=PlayConfig, options=_OPTIONS)
def play(
    environment: EnvironmentConfig,
    config: PlayConfig,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Let an agent play until you touch a control; T takes over and hands back.",
            autocompletion=complete_policies,
        ),
    ] = None,
    policy_arg: PolicyArgumentOption = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Play in this terminal; it needs 24-bit colour.")
    ] = False,
    seed: SeedOption = str(RolloutConfig.seed),
    episodes: Annotated[int | None, optional("Leave after this many games.", "never")] = None,
) -> None:
    """Play in a window or a terminal.

    You play alone, or take turns with an agent.
    """
    from atari_cli.api.play import play_game
    from atari_cli.api.policies import find_policy
    from atari_cli.cli.commands.recover import recover_first

    arguments = read_arguments(policy_arg)
    if arguments and policy is None:
        raise InvalidSetting("--policy-arg needs --policy")
    source = None if policy is None else find_policy(policy, environment, arguments)
    run_seed = parse_seed(seed)
    if config.record:
        recover_first(config.out)
    outcome = play_game(
        environment, config, policy=source, seed=run_seed, games=episodes, terminal=terminal
    )
    report(outcome, environment.game, terminal)


def report(outcome: "Outcome", game: str, terminal: bool) -> None:
    """Print the games that were played, their files, and commands to use these with.

    Args:
        outcome: The outcome of the session.
        game: Id of the game.
        terminal: Whether it was played in the terminal.

    Raises:
        PolicyFailed: If the agent failed; the rest is printed first.
    """
    for played in outcome.played:
        print(_line(played, game))
        if played.failure:
            note(f"atari: {played.failure}")
    for path in outcome.videos:
        print(f"wrote {path}")
    if outcome.note:
        note(f"atari: {outcome.note}")
    files = [played.file for played in outcome.played if played.file]
    if files:
        last = files[-1]
        file, video = quoted(last), quoted(last.with_suffix(".mp4"))
        data = quoted(last.with_name(f"{last.stem}-screens.npz"))
        print(f"watch it:   atari replay {file} {'--terminal' if terminal else '--window'}")
        print(f"as a video: atari replay {file} --video {video}")
        print(f"as data:    atari replay {file} --npz {data}")
    if outcome.failure:
        raise outcome.failure
    if any(played.failure for played in outcome.played):
        raise typer.Exit(1)


def _line(played: "FinishedGame", game: str) -> str:
    minutes, seconds = divmod(int(played.seconds), 60)
    line = f"{game}: {played.score:g} points in {minutes}:{seconds:02d}, {played.player}"
    return f"{line}, in {played.file}" if played.file else line
