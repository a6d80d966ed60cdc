"""Every error that atari raises on purpose.

    AtariError
    ├── InvalidSetting            a setting, option or variable with a wrong value (a ValueError)
    │   ├── UnknownGame           no such game; the message suggests near ones
    │   ├── InvalidAction         an action outside the action set
    │   ├── UnknownPolicy         no such policy, or a policy that cannot be loaded
    │   └── ScriptError           a script of actions has a mistake; names line and column
    ├── ResetNeeded               a step before the first reset or after an episode's end
    ├── EmulatorError             the emulator was used in an unsupported way
    │   └── InvalidState          bytes that are not a saved state of this emulator
    ├── PolicyFailed              a user's policy raised; has the user's traceback
    ├── WorkerLost                a worker process or cluster node ended before its episodes did
    ├── ServerError               the server cannot start or serve a request (a RuntimeError)
    │   ├── CapacityReached       the limit of sessions is reached
    │   ├── SessionBusy           the request queue of a session is full
    │   ├── UnknownSession        no session has the given id, or it has ended
    │   ├── ConnectionLost        no connection to a server, or it broke (a ConnectionError)
    │   │   └── ReplyTimeout      a server did not reply in time (a TimeoutError)
    │   ├── InvalidReply          a server's reply does not fit the request
    │   └── ContainerFailed       a container with a server cannot be started
    ├── ClientMisused             a client is used in an unsupported way
    ├── RecordingError            a recording cannot be written or read
    │   ├── InvalidRecording      the file is truncated, foreign, tampered with or too large
    │   ├── RecordingExists       the file to write exists already
    │   └── ReplayMismatch        the replay differs; names the first step and what differs
    ├── OutputError               a file of results cannot be written
    ├── NoDisplay                 there is no display to open a window on
    ├── TerminalError             the terminal cannot show a game
    └── MissingDependency         an optional library or program is not installed

The classes have no exit codes or HTTP statuses: each interface maps them in one place.
"""

from collections.abc import Callable


class AtariError(Exception):
    """Root of all errors that atari raises on purpose."""


class InvalidSetting(AtariError, ValueError):
    """Raised when a setting, option or variable has a value outside its range."""


class UnknownGame(InvalidSetting):
    """Raised when no game has the given name."""


class InvalidAction(InvalidSetting):
    """Raised when an action is not in the action set."""


class UnknownPolicy(InvalidSetting):
    """Raised when a policy does not exist or cannot be loaded."""


class ScriptError(InvalidSetting):
    """Raised when a script of actions has a mistake; the message names line and column."""


class ResetNeeded(AtariError, RuntimeError):
    """Raised when `step` is called before the first `reset` or after the episode's end."""


class EmulatorError(AtariError, RuntimeError):
    """Raised when the emulator is used in an unsupported way."""


class InvalidState(EmulatorError):
    """Raised when bytes are not a saved state of this emulator."""


class PolicyFailed(AtariError):
    """Raised when a user's policy raised an exception or returned an illegal action.

    Args:
        message: What happened, as one line.
        details: See below.

    Attributes:
        details: The traceback of the user's code as text, empty if there is none.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message, details)
        self.details = details

    def __reduce__(self) -> tuple[Callable[[str, str], "PolicyFailed"], tuple[str, str]]:
        return _failed_elsewhere, (str(self), self.details)

    def __str__(self) -> str:
        return str(self.args[0])


def _failed_elsewhere(message: str, details: str) -> PolicyFailed:
    """Return the error of another process, whose traceback Python shows as a note."""
    error = PolicyFailed(message, details)
    if details:
        error.add_note(details.rstrip())
    return error


class WorkerLost(AtariError, RuntimeError):
    """Raised when a worker process or cluster node ended before its episodes did."""


class ServerError(AtariError, RuntimeError):
    """Raised when the server cannot start or cannot serve a request."""


class CapacityReached(ServerError):
    """Raised when the limit of sessions is reached.

    Attributes:
        active: The number of sessions.
        most: The limit.
    """

    def __init__(self, active: int, most: int) -> None:
        super().__init__(active, most)
        self.active = active
        self.most = most

    def __str__(self) -> str:
        return (
            f"Server at capacity: {self.active}/{self.most} sessions active. "
            "Cannot accept new connections."
        )


class SessionBusy(ServerError):
    """Raised when the request queue of a session is full."""


class UnknownSession(ServerError):
    """Raised when no session has the given id, or the session has ended."""


class ConnectionLost(ServerError, ConnectionError):
    """Raised when a server cannot be reached, or the connection to it broke."""


class ReplyTimeout(ConnectionLost, TimeoutError):
    """Raised when a server did not reply in time; the connection is then closed."""


class InvalidReply(ServerError):
    """Raised when a server's reply does not fit the request; the connection is then closed."""


class ContainerFailed(ServerError):
    """Raised when a container with a server cannot be started."""


class ClientMisused(AtariError, RuntimeError):
    """Raised when a client is used in an unsupported way, such as both sync and async."""


class RecordingError(AtariError):
    """Raised when a recording cannot be written or read."""


class InvalidRecording(RecordingError):
    """Raised when a file is not a complete, untampered recording."""


class RecordingExists(RecordingError):
    """Raised when the file to write exists already."""


class ReplayMismatch(RecordingError):
    """Raised when a replay differs from its recording.

    Attributes:
        step: The first step that differs; 0 means the boot.
        differences: Names of the arrays that differ at that step.
    """

    def __init__(self, step: int, differences: tuple[str, ...]) -> None:
        super().__init__(step, differences)
        self.step = step
        self.differences = differences

    def __str__(self) -> str:
        return f"step {self.step} differs in {', '.join(self.differences)}"


class OutputError(AtariError):
    """Raised when the file of a command's results cannot be written."""


class NoDisplay(AtariError):
    """Raised when there is no display to open a window on."""


class TerminalError(AtariError):
    """Raised when a terminal is missing, too small or otherwise cannot show a game."""


class MissingDependency(AtariError):
    """Raised when an optional library or program is not installed."""
