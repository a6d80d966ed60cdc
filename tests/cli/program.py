"""The program, called in this process with its output captured, for tests of the command line."""

from pathlib import Path

import pytest

from atari_cli.cli import main


class Program:
    """Runs commands in the working directory of the test.

    Attributes:
        folder: That directory.
        notes: The output of the last command on stderr.
    """

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.notes = ""
        self._capsys = capsys

    def __call__(self, *words: object) -> str:
        """Run a command that must succeed; return what it printed on stdout."""
        code, out = self._run(words)
        assert code == 0, self.notes
        return out

    def fails(self, expected: int, *words: object) -> str:
        """Run a command that must end with that code and print only one line; return the line."""
        code, out = self._run(words)
        assert (code, out) == (expected, ""), self.notes
        assert self.notes.startswith("atari: ")
        assert self.notes.count("\n") == 1
        return self.notes

    def stops(self, expected: int, *words: object) -> str:
        """Run a command that must end with that code; return what it printed on stdout."""
        code, out = self._run(words)
        assert code == expected, self.notes
        return out

    def files(self, folder: str = ".") -> list[str]:
        """Return the names in a folder, sorted."""
        return sorted(path.name for path in (self.folder / folder).iterdir())

    def _run(self, words: tuple[object, ...]) -> tuple[int, str]:
        code = main([str(word) for word in words])
        captured = self._capsys.readouterr()
        self.notes = captured.err
        return code, captured.out
