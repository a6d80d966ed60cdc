"""Plays a game in the terminal in which it is started: python text_session.py GAME DIARY."""

import sys
from time import monotonic, sleep

from atari_cli.config import EnvironmentConfig, PlayConfig
from atari_cli.environment import AtariEnvironment
from atari_cli.games import find_game
from atari_cli.play.controls.keymap import Keymap
from atari_cli.play.interface import Command, View
from atari_cli.play.terminal.screen import TextScreen


def play(game_id: str, diary: str) -> None:
    """Play until LEAVE; the game advances only while a control is held.

    The diary gets a line for each command, each change of the joystick, and the end.
    """
    game = find_game(game_id)
    environment = AtariEnvironment(
        EnvironmentConfig(game=game_id, frameskip=1, full_action_space=True)
    )
    view = View(game, environment.reset(seed=0).observation.indices)
    with open(diary, "w", buffering=1) as lines, TextScreen(game, PlayConfig(), Keymap()) as screen:
        due = monotonic()
        while Command.LEAVE not in (inputs := screen.poll()).commands:
            for command in inputs.commands:
                print(command.value, file=lines)
                view.help ^= command is Command.HELP
                view.hud ^= command is Command.HUD
            if inputs.code != view.code:
                print(f"joystick {inputs.code} frame {view.frame}", file=lines)
            if inputs.code:
                action = game.legal_actions.index(inputs.code)
                view.screen = environment.step(action).observation.indices
                view.frame += 1
            view.code = inputs.code
            screen.show(view)
            # Late ticks are not caught up: a key would be held for more frames than it was pressed.
            due = max(due + 1 / 60, monotonic())
            sleep(max(due - monotonic(), 0.0))
        print("left", file=lines)
    sys.stdout.write("goodbye\n")


if __name__ == "__main__":
    play(*sys.argv[1:])
