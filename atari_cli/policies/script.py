"""Scripts of actions: a small language with counts and loops, for `script:FILE`.

    script    = { statement }
    statement = ACTION [COUNT] | "loop" [COUNT] statement { statement } "end"

Words are separated by blanks or line ends, in any case; `#` starts a comment. A COUNT is a whole
number on the line of the word that it belongs to. A loop without one runs for ever.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, repeat
from typing import Final, NamedTuple, NoReturn

from atari_cli.actions import ACTION_NAMES, ALL_CODES, action_code, describe
from atari_cli.errors import InvalidAction, ScriptError
from atari_cli.policies.sequence import SequencePolicy
from atari_cli.policies.source import Source, read_text, text_hash
from atari_cli.validation import did_you_mean

MAX_COUNT: Final = 10**9
MAX_DEPTH: Final = 32
"""Greatest depth of nested loops: each level costs one more generator for every action."""


class Repeat(NamedTuple):
    """An action to play `times` times.

    Attributes:
        action: The name of the action.
        times: The number of steps.
    """

    action: str
    times: int


class Loop(NamedTuple):
    """Statements to run `times` times, or for ever if None.

    Attributes:
        body: The statements, at least one.
        times: The number of times.
    """

    body: "Script"
    times: int | None


Script = tuple[Repeat | Loop, ...]


def script_source(name: str, file: str, codes: Sequence[int]) -> Source:
    """Return the source of a script in a UTF-8 text file, which plays NOOP after its end.

    Args:
        name: The policy as the user spelled it.
        file: The path of the file.
        codes: The action set as ALE codes.

    Raises:
        UnknownPolicy: If the file cannot be read.
        ScriptError: If the script has a mistake.
    """
    text = read_text("script", file)
    start = partial(play_script, parse_script(text, file, codes))
    return Source(name, partial(SequencePolicy, start), True, text_hash(text))


def parse_script(text: str, file: str, codes: Sequence[int] = ALL_CODES) -> Script:
    """Return the statements of a script.

    Args:
        text: The script.
        file: Its name, for error messages.
        codes: ALE codes of the actions that it may use.

    Raises:
        ScriptError: If the script has a mistake; the message starts `file:line:column:`.
    """
    return _Parser(text, file, codes).script()


def play_script(script: Script) -> Iterator[str]:
    """Yield the action names of a script, one per step, without unrolling its loops."""
    for statement in script:
        if isinstance(statement, Repeat):
            yield from repeat(statement.action, statement.times)
        else:
            for _ in count() if statement.times is None else range(statement.times):
                yield from play_script(statement.body)


class _Word(NamedTuple):
    text: str
    line: int
    column: int


class _Parser:
    """Reads a script word by word, with one open list of statements per nested loop."""

    def __init__(self, text: str, file: str, codes: Sequence[int]) -> None:
        self._file = file
        self._codes = codes
        self._words = deque(
            _Word(match.group(), number, match.start() + 1)
            for number, line in enumerate(text.split("\n"), start=1)
            for match in re.finditer(r"\S+", line.partition("#")[0])
        )

    def script(self) -> Script:
        statements = self._statements([])
        if not statements:
            self._fail(_Word("", 1, 1), "expected an action, got an empty script")
        return statements

    def _statements(self, loops: list[_Word]) -> Script:
        """Read up to the end of the innermost open loop, or of the script."""
        statements: list[Repeat | Loop] = []
        while self._words:
            word = self._words.popleft()
            if word.text.lower() == "loop":
                statements.append(self._loop([*loops, word]))
            elif word.text.lower() != "end":
                statements.append(Repeat(self._action(word), self._count(word) or 1))
            elif loops:
                return tuple(statements)
            else:
                self._fail(word, "expected an action or loop, got 'end' without a loop")
        if loops:
            self._fail(loops[-1], "expected 'end' for this loop, got the end of the script")
        return tuple(statements)

    def _loop(self, loops: list[_Word]) -> Loop:
        word = loops[-1]
        if len(loops) > MAX_DEPTH:
            self._fail(word, f"expected at most {MAX_DEPTH} loops within each other, got more")
        times = self._count(word)
        body = self._statements(loops)
        if not body:
            self._fail(word, "expected an action in this loop, got 'end'")
        return Loop(body, times)

    def _action(self, word: _Word) -> str:
        try:
            code = action_code(word.text)
        except InvalidAction:
            self._fail(word, f"expected an action, loop or end, got {word.text!r}{_hint(word)}")
        if code not in self._codes:
            actions = describe(self._codes)
            remedy = "full_action_space may have it"
            self._fail(word, f"expected an action of {actions}, got {word.text!r}; {remedy}")
        return ACTION_NAMES[code]

    def _count(self, owner: _Word) -> int | None:
        """Read the number that follows on the owner's line, if there is one."""
        if not self._words:
            return None
        word = self._words[0]
        if word.line != owner.line or word.text[0] not in "+-.0123456789":
            return None
        self._words.popleft()
        # No int() of a long text: Python refuses thousands of digits with its own error.
        match = re.fullmatch(r"0*([0-9]{1,10})", word.text)
        number = int(match[1]) if match else 0
        if not 1 <= number <= MAX_COUNT:
            self._fail(word, f"expected a count from 1 to {MAX_COUNT}, got {word.text[:40]!r}")
        return number

    def _fail(self, word: _Word, message: str) -> NoReturn:
        raise ScriptError(f"{self._file}:{word.line}:{word.column}: {message}")


def _hint(word: _Word) -> str:
    return did_you_mean(word.text.upper(), {name: name for name in (*ACTION_NAMES, "LOOP", "END")})
