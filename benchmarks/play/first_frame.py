"""The `atari` program with a window that reports its first picture and then closes."""

import os
import sys
from dataclasses import replace

from atari_cli.cli import main
from atari_cli.play.interface import Command, Inputs, View
from atari_cli.play.window import window


class FirstFrame(window.Window):
    def poll(self) -> Inputs:
        return replace(super().poll(), commands=(Command.LEAVE,))

    def show(self, view: View) -> None:
        super().show(view)
        os.write(1, b"first frame\n")


if __name__ == "__main__":
    window.Window = FirstFrame  # type: ignore[misc]  # the command is about to open it
    sys.exit(main())
