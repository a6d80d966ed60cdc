"""The `atari` program: its commands, and the one place where errors become exit codes.

0 means success, 1 failure, 2 incorrect usage, 130 that Ctrl-C interrupted work, 143 that SIGTERM
did and 129 that the terminal was closed (SIGHUP).
"""

import errno
import io
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from atari_cli.cli.commands.doctor import doctor
from atari_cli.cli.commands.games import games
from atari_cli.cli.commands.info import info
from atari_cli.cli.commands.mcp import mcp
from atari_cli.cli.commands.play import play
from atari_cli.cli.commands.record import record
from atari_cli.cli.commands.recover import recover
from atari_cli.cli.commands.replay import replay
from atari_cli.cli.commands.rollout import name_ray_address, rollout
from atari_cli.cli.commands.scores import scores
from atari_cli.cli.commands.serve import serve
from atari_cli.errors import AtariError, InvalidSetting, PolicyFailed
from atari_cli.version import __version__

FAILURE: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130

_OPTIONS: Final = {
    "allow_unauthenticated": "--allow-unauthenticated",
    "another host or port": "another --host or --port",
    "another out": "another --out",
    "another out folder": "another --out",
    "out must end": "--out must end",
    "resume needs out": "--resume needs --out",
    "resume=True": "--resume",
    "first_step": "--from",
    "full_action_space": "--full-action-space",
    "overwrite=True": "--overwrite",
    "record without video": "record with --no-video",
    "set token": "give --token",
}
"""The options of parameters that messages of the library advise to set."""

_PARAMETERS: Final = re.compile(rf"\b({'|'.join(_OPTIONS)})\b")

app = typer.Typer(
    name="atari",
    help="Atari 2600 games for people and agents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its columns cut the names of options on a narrow terminal
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (games, info, play, scores, rollout, record, replay, recover, serve, mcp, doctor):
    app.command()(command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error is one line on stderr.

    Args:
        argv: The arguments after `atari`; None takes those of the process.

    Returns:
        The exit code.
    """
    _open_standard_files()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # the shell closed it, as in `2>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # it stays open
        elif isinstance(stream, io.TextIOWrapper):
            _set_encoding(stream)
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    words = name_ray_address([word for word in words if word != "--debug"])
    try:
        return int(app(words, prog_name="atari", standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if _is_broken_pipe(error):
            # The reader of our output has gone, as in `atari games | head`.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILURE
        if debug:
            traceback.print_exc()
        return _explain(error)


def _set_encoding(stream: io.TextIOWrapper) -> None:
    """Let a stream escape the characters that its encoding lacks, so that no name is lost.

    Pipes and files of Windows get UTF-8 rather than the code page, unless the user chose another.
    """
    in_utf8 = (
        sys.platform == "win32" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ
    )
    stream.reconfigure(encoding="utf-8" if in_utf8 else None, errors="backslashreplace")


def _is_broken_pipe(error: Exception) -> bool:
    """Return whether the reader of a pipe has gone, for which Windows has another error."""
    if sys.platform == "win32" and isinstance(error, OSError):
        return error.errno in (errno.EPIPE, errno.EINVAL) and error.filename is None
    return isinstance(error, BrokenPipeError)


def _open_standard_files() -> None:
    """Open those of the descriptors 0 to 2 that the shell closed, before another file gets one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _explain(error: Exception) -> int:
    """Print an error as one line on stderr and return its exit code."""
    if isinstance(error, AtariError):
        if isinstance(error, PolicyFailed) and error.details:
            print(error.details.rstrip(), file=sys.stderr)
        message = _PARAMETERS.sub(lambda match: _OPTIONS[match[0]], str(error))
        code = WRONG_USE if isinstance(error, InvalidSetting) else FAILURE
    elif hasattr(error, "format_message") and hasattr(error, "exit_code"):
        # A usage error of Typer, whose class it does not export: an unknown option, for example.
        message, code = error.format_message(), WRONG_USE
        if message.startswith("Usage:"):  # no command was given
            print(message, file=sys.stderr)
            return code
        context = getattr(error, "ctx", None)
        message += f" (see `{context.command_path if context else 'atari'} --help`)"
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        message, code = f"{where}{error.strerror or error}", FAILURE
    else:
        message = f"{type(error).__name__}: {error}; this is a bug; --debug shows the traceback"
        code = FAILURE
    lines = (line.strip() for line in message.splitlines())
    print("atari: " + " ".join(filter(None, lines)), file=sys.stderr)
    return code


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"atari {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show tracebacks; allowed in any position."),
    ] = False,
) -> None:
    """Atari 2600 games for people and agents."""
