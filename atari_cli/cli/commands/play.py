"""`atari play`: play a game, or watch an agent and take over."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atari_cli.cli.options import Seed, complete_policies, parse_seed, takes_environment
from atari_cli.config import PLAY_SETTINGS, VIEWS, EnvironmentConfig, PlayConfig, RolloutConfig

if TYPE_CHECKING:
    from atari_cli.play.saved.shelf import Played
    from atari_cli.play.start import OpenFrontEnd, Outcome


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(takes_environment(play, own=PLAY_SETTINGS))


def play(
    environment: EnvironmentConfig,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Let an agent play until you touch a control; T hands over and back.",
            autocompletion=complete_policies,
        ),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Play in this terminal; it needs 24-bit colour.")
    ] = False,
    step: Annotated[
        bool, typer.Option("--step", help="Wait for you at each decision.")
    ] = PlayConfig.step,
    seed: Seed = str(RolloutConfig.seed),
    episodes: Annotated[
        int | None, typer.Option(help="Leave after so many games.", show_default="never")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Record each game.")
    ] = PlayConfig.record,
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = PlayConfig.out,
    zoom: Annotated[
        int, typer.Option(help="Screen pixels per Atari pixel, 1 to 16.")
    ] = PlayConfig.zoom,
    view: Annotated[
        str,
        typer.Option(help="Square pixels, or a television's 4:3.", metavar="|".join(VIEWS)),
    ] = PlayConfig.view,
    fullscreen: Annotated[
        bool, typer.Option("--fullscreen", help="Use the whole screen.")
    ] = PlayConfig.fullscreen,
    phosphor: Annotated[
        bool, typer.Option("--phosphor", help="Blend pictures against flicker; display only.")
    ] = PlayConfig.phosphor,
    mute: Annotated[bool, typer.Option("--mute", help="Start without sound.")] = PlayConfig.mute,
    volume: Annotated[int, typer.Option(help="Loudness in percent.")] = PlayConfig.volume,
    keys: Annotated[
        Path | None, typer.Option(help="The key file.", show_default="as `atari doctor` says")
    ] = None,
) -> None:
    """Play a game in a window or a terminal, alone or in turn with an agent."""
    from atari_cli.cli.commands.recover import recover_first
    from atari_cli.play.start import play as play_games

    config = PlayConfig(
        zoom=zoom,
        view=view,
        fullscreen=fullscreen,
        phosphor=phosphor,
        mute=mute,
        volume=volume,
        step=step,
        record=record,
        out=out,
        keys=keys,
    )
    source = None
    if policy is not None:
        from atari_cli.cli.policies import find_source

        source = find_source(policy, environment)
    run_seed = parse_seed(seed)
    if record:
        recover_first(out)
    front_end = open_front_end(terminal)
    outcome = play_games(environment, config, front_end, source, run_seed, episodes)
    report(outcome, environment.game, terminal)


def open_front_end(terminal: bool) -> "OpenFrontEnd":
    """Return what opens the terminal's screen or the window."""
    if terminal:
        from atari_cli.play.terminal.screen import TextScreen

        return TextScreen
    from atari_cli.play.window.window import Window

    return Window


def report(outcome: "Outcome", game: str, terminal: bool) -> None:
    """Print what was played, where it is, and what can be done with it.

    Raises:
        PolicyFailed: If the agent had failed, after all that was printed.
    """
    from atari_cli.cli.output import note

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
        file, video = _quoted(last), _quoted(last.with_suffix(".mp4"))
        data = _quoted(last.with_name(f"{last.stem}-screens.npz"))
        print(f"watch it:   atari replay {file} {'--watch' if terminal else '--window'}")
        print(f"as a video: atari replay {file} --video {video}")
        print(f"as data:    atari replay {file} --npz {data}")
    if outcome.failure:
        raise outcome.failure
    if any(played.failure for played in outcome.played):
        raise typer.Exit(1)


def _quoted(path: Path) -> str:
    """Return a path as the system's shell takes it."""
    if sys.platform == "win32":
        from subprocess import list2cmdline

        return list2cmdline([path])
    return shlex.quote(str(path))


def _line(played: "Played", game: str) -> str:
    minutes, seconds = divmod(int(played.seconds), 60)
    line = f"{game}: {played.score:g} points in {minutes}:{seconds:02d}, {played.player}"
    return f"{line}, in {played.file}" if played.file else line
