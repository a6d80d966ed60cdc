"""Every escape sequence is one event wherever its bytes are split; garbage is ignored."""

import random
from itertools import pairwise

import pygame
import pytest

from atari_cli.play.terminal import key_sequences
from atari_cli.play.terminal.key_sequences import (
    ESCAPE_WAIT,
    SEQUENCE_WAIT,
    Focus,
    Key,
    KeySequences,
    KittyFlags,
    Stroke,
    TerminalEvent,
    TerminalReady,
)

LEGACY = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"\x1b[1;2A": "up",
    b"\x1b[1;5D": "left",
    b"\x1bOP": "f1",
    b"\x1bOS": "f4",
    b"\x1b[11~": "f1",
    b"\x1b[15~": "f5",
    b"\x1b[15;2~": "f5",
    b"\x1b[17~": "f6",
    b"\x1b[21~": "f10",
    b"\x1b[23~": "f11",
    b"\x1b[24~": "f12",
    b"\x1b[24;5~": "f12",
    b"\x1b[1;2P": "f1",
    b"\x1b[[A": "f1",
    b"\x1b[[E": "f5",
    b"\x1b[H": "home",
    b"\x1bOF": "end",
    b"\x1b[1~": "home",
    b"\x1b[3~": "delete",
    b"\x1b[6~": "page down",
    b"\x1b[Z": "tab",
    b"\x1bOk": "[+]",
    b"\x1bOm": "[-]",
    b"\x1bOM": "enter",
    b"\x1bOp": "[0]",
    b"\x1bOy": "[9]",
    b"a": "a",
    b"W": "w",
    b"=": "=",
    b"7": "7",
    b" ": "space",
    b"\x00": "space",
    b"\r": "return",
    b"\n": "return",
    b"\t": "tab",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x03": "ctrl c",
    b"\x1bx": "x",
    b"\x1b\r": "return",
    b"\x1b\xc3\xb6": "ö",
    "ö".encode(): "ö",
    "Ж".encode(): "ж",
    "日".encode(): "日",
    "😀".encode(): "😀",
}
KITTY: dict[bytes, tuple[str, Stroke]] = {
    b"\x1b[97u": ("a", Stroke.PRESS),
    b"\x1b[97;1u": ("a", Stroke.PRESS),
    b"\x1b[97;1:2u": ("a", Stroke.REPEAT),
    b"\x1b[97;1:3u": ("a", Stroke.RELEASE),
    b"\x1b[97:65;2;65u": ("a", Stroke.PRESS),
    b"\x1b[97;5:3u": ("a", Stroke.RELEASE),
    b"\x1b[61:43;2u": ("=", Stroke.PRESS),
    b"\x1b[99;5u": ("ctrl c", Stroke.PRESS),
    b"\x1b[99;1u": ("c", Stroke.PRESS),
    b"\x1b[27u": ("escape", Stroke.PRESS),
    b"\x1b[13;1:3u": ("return", Stroke.RELEASE),
    b"\x1b[32;1:1u": ("space", Stroke.PRESS),
    b"\x1b[127u": ("backspace", Stroke.PRESS),
    b"\x1b[9u": ("tab", Stroke.PRESS),
    b"\x1b[1;1:3A": ("up", Stroke.RELEASE),
    b"\x1b[1;129:2D": ("left", Stroke.REPEAT),
    b"\x1b[1;1:3P": ("f1", Stroke.RELEASE),
    b"\x1b[13;1:3~": ("f3", Stroke.RELEASE),
    b"\x1b[15;1:1~": ("f5", Stroke.PRESS),
    b"\x1b[24;1:3~": ("f12", Stroke.RELEASE),
    b"\x1b[57399u": ("[0]", Stroke.PRESS),
    b"\x1b[57412u": ("[-]", Stroke.PRESS),
    b"\x1b[57414;1:3u": ("enter", Stroke.RELEASE),
    b"\x1b[57417u": ("left", Stroke.PRESS),
    b"\x1b[57442;1:3u": ("left ctrl", Stroke.RELEASE),
    b"\x1b[246u": ("ö", Stroke.PRESS),
}
PLACES = {
    b"\x1b[1079::112u": Key("з", Stroke.PRESS, "p"),
    b"\x1b[1079:1047:112;2:3u": Key("з", Stroke.RELEASE, "p"),
    b"\x1b[1089::99;5u": Key("с", Stroke.PRESS, "ctrl c"),
}
ANSWERS: dict[bytes, TerminalEvent] = {
    b"\x1b[I": Focus(True),
    b"\x1b[O": Focus(False),
    b"\x1b[?11u": KittyFlags(11),
    b"\x1b[?0u": KittyFlags(0),
    b"\x1b[0n": TerminalReady(),
}
SWALLOWED = (
    b"\x1b[?62;22c",
    b"\x1b[>1;10;0c",
    b"\x1b[?2026;2$y",
    b"\x1b[12;34$z",
    b"\x1b[<0;10;20M",
    b"\x1b[99~",
    b"\x1b[200~",
    b"\x1b[3n",
    b"\x1b[1;1:7A",
    b"\x1b[97;1:4u",
    b"\x1b[99999999999999999999u",
    b"\x1b[1114112u",
    b"\x1b[55296u",
    b"\x1b[57358u",
    b"\x1b[1<2~",
    b"\x1b[[Z",
    b"\x1bO1;5z",
    b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]0;title\x07",
    b"\x1bP>|kitty(0.35)\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x01",
    b"\x1a",
    b"\x1c",
    b"\xff",
    b"\x80",
    "\u200b".encode(),
)
EXPECTED: dict[bytes, list[TerminalEvent]] = {
    **{data: [Key(name)] for data, name in LEGACY.items()},
    **{data: [Key(*key)] for data, key in KITTY.items()},
    **{data: [event] for data, event in ANSWERS.items()},
    **{data: [] for data in SWALLOWED},
}


def fed(*pieces: bytes, now: float = 0.0) -> list[TerminalEvent]:
    """Return the events of bytes that arrive in pieces."""
    keys = KeySequences()
    return [event for piece in pieces for event in keys.feed(piece, now)]


@pytest.mark.parametrize("data", EXPECTED, ids=repr)
def test_a_sequence_gives_the_same_event_wherever_it_is_split(data: bytes) -> None:
    assert fed(data) == EXPECTED[data]
    assert fed(*(bytes([byte]) for byte in data)) == EXPECTED[data]
    for place in range(1, len(data)):
        assert fed(data[:place], data[place:]) == EXPECTED[data], place


def test_sequences_can_arrive_in_any_order_and_in_any_pieces() -> None:
    draw = random.Random(0)
    for _ in range(200):
        chosen = draw.choices(list(EXPECTED), k=12)
        stream = b"".join(chosen)
        cuts = sorted(draw.choices(range(len(stream) + 1), k=7))
        pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]
        expected = [event for data in chosen for event in EXPECTED[data]]
        assert fed(*filter(None, pieces)) == expected, chosen


def test_a_lone_escape_is_the_escape_key_after_a_short_time() -> None:
    keys = KeySequences()
    assert keys.feed(b"\x1b", 5.0) == []
    assert keys.feed(b"", 5.0 + ESCAPE_WAIT / 2) == []
    assert keys.feed(b"", 5.0 + 1.5 * ESCAPE_WAIT) == [Key("escape")]
    assert keys.feed(b"", 9.0) == []
    assert keys.feed(b"[A", 9.0) == [Key("["), Key("a")]


def test_an_escape_before_an_answer_of_the_terminal_is_the_escape_key() -> None:
    assert fed(b"\x1b\x1b[0n") == [Key("escape"), TerminalReady()]
    assert fed(b"\x1b", b"\x1b[0n\x1b[A") == [Key("escape"), TerminalReady(), Key("up")]


@pytest.mark.parametrize(("data", "name"), [(b"\x1b[", "["), (b"\x1bO", "o"), (b"\x1bP", "p")])
def test_alt_with_a_key_that_begins_a_sequence_is_that_key(data: bytes, name: str) -> None:
    keys = KeySequences()
    assert keys.feed(data, 0.0) == []
    assert keys.feed(b"", ESCAPE_WAIT) == [Key(name)]


@pytest.mark.parametrize("data", [b"\x1b[1;1:", b"\x1b]0;never ended", b"\xe6\x97"])
def test_an_unfinished_sequence_is_discarded(data: bytes) -> None:
    keys = KeySequences()
    assert keys.feed(data, 0.0) == []
    assert keys.feed(b"", SEQUENCE_WAIT) == []
    assert keys.feed(b"a", SEQUENCE_WAIT) == [Key("a")]


@pytest.mark.parametrize(
    "broken", [b"\x1b[1;", b"\x1b[?", b"\x1b[1$", b"\x1bO5", b"\x1b]11;rgb", b"\x1b[["]
)
def test_a_truncated_sequence_does_not_affect_the_next(broken: bytes) -> None:
    assert fed(broken + b"\x1b[A") == [Key("up")]
    assert fed(broken, b"\x1b", b"[A") == [Key("up")]


def test_an_endless_string_takes_no_memory_and_can_still_end() -> None:
    keys = KeySequences()
    keys.feed(b"\x1b]52;c;", 0.0)
    for _ in range(100):
        assert keys.feed(b"QUJD" * 1000, 0.0) == []
    assert len(keys._pending) < 5000
    assert keys.feed(b"\x1b\\a", 0.0) == [Key("a")]


def test_garbage_raises_nothing_and_keys_work_after_it() -> None:
    draw = random.Random(1)
    alphabet = b"\x1b\x1b\x1b[[[OP]_?<>;:;:0123456789~uAIRn$ \x07\\\x80\xff\xc3\xb6abc"
    for _ in range(2000):
        keys = KeySequences()
        for _ in range(4):
            keys.feed(bytes(draw.choices(alphabet, k=draw.randint(1, 12))), 0.0)
        keys.feed(bytes(draw.randbytes(20)), 0.0)
        keys.feed(b"", SEQUENCE_WAIT)
        assert keys.feed(b"\x1b[A", 2.0)[-1:] == [Key("up")]


def test_keys_are_named_as_pygame_names_them() -> None:
    pygame.display.init()
    try:
        known = {pygame.key.name(code) for code in range(1, 128)} | {
            pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith("K_")
        }
    finally:
        pygame.display.quit()
    tables = (
        key_sequences._CONTROLS,
        key_sequences._SS3,
        key_sequences._CSI,
        key_sequences._NUMBERS,
        key_sequences._CONSOLE,
        key_sequences._FUNCTIONAL,
    )
    names = {name for table in tables for name in table.values()} - {"ctrl c"}
    assert names <= known, names - known


@pytest.mark.parametrize("data", PLACES)
def test_the_place_of_a_key_of_another_alphabet_is_known(data: bytes) -> None:
    assert KeySequences().feed(data, 0.0) == [PLACES[data]]
