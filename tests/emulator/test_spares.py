"""Consoles that nobody uses any more are used again, without a trace of what was played."""

import copy
import gc
import pickle
from threading import Thread

import pytest

from atari_cli.emulator import Emulator, RewindingEmulator, spares
from atari_cli.games import find_game
from tests.exactness.traces import held_codes, play_frames

PONG = find_game("pong")

pytestmark = pytest.mark.usefixtures("no_spares")


def console_of(emulator: Emulator) -> int:
    """Return the identity of a console, since a reference to it would be a use."""
    return id(emulator._ale)


def test_the_console_of_a_deleted_emulator_is_used_again() -> None:
    first = Emulator(PONG)
    console = console_of(first)
    second = Emulator(PONG)
    assert console_of(second) != console
    del first
    assert console_of(Emulator(PONG)) == console


def test_an_emulator_that_comes_back_from_the_dead_keeps_its_console() -> None:
    saved = []

    class Trainer:
        def __init__(self) -> None:
            self.emulator = Emulator(PONG)
            self.itself = self

        def __del__(self) -> None:
            saved.append(self.emulator)

    Trainer()
    gc.collect()
    assert console_of(Emulator(PONG)) != console_of(saved[0])


def test_looking_for_a_spare_console_may_delete_others() -> None:
    emulators = [Emulator(PONG) for _ in range(5)]
    emulators.append(emulators)  # type: ignore[arg-type]
    del emulators
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        made = [Emulator(PONG) for _ in range(8)]
    finally:
        gc.set_threshold(*threshold)
    assert len({console_of(emulator) for emulator in made}) == 8


@pytest.mark.parametrize(
    ("game", "kind"),
    [
        ("pong", Emulator),
        ("pong", RewindingEmulator),
        ("qbert", Emulator),
        ("video_chess", RewindingEmulator),
    ],
)
def test_a_console_that_is_used_again_plays_as_a_new_one(game: str, kind: type[Emulator]) -> None:
    codes = held_codes(1, 200)
    new = kind(find_game(game))
    console, expected = console_of(new), play_frames(new, codes)
    del new
    again = kind(find_game(game))
    assert console_of(again) == console
    assert (again.frames, bytes(again.inputs[0])) == (0, b"")
    assert play_frames(again, codes) == expected


def test_another_game_mode_or_difficulty_needs_another_console() -> None:
    first = Emulator(PONG)
    console = console_of(first)
    del first
    others = [Emulator(PONG, mode=1), Emulator(PONG, difficulty=1), Emulator(find_game("tennis"))]
    assert console not in map(console_of, others)
    assert console_of(Emulator(PONG)) == console


def test_a_console_that_has_played_sounds_is_not_used_again() -> None:
    Emulator(PONG, sound=True)
    assert not spares._kept


def test_an_emulator_with_another_random_start_gives_its_last_console_back() -> None:
    adventure = Emulator(find_game("adventure"), mode=1)
    for seed in (3, 4):
        adventure.boot(seed)
    seed = adventure._ale_seed
    del adventure
    assert [loaded.cartridge.seed for loaded in spares._kept] == [seed]


def test_two_emulators_cannot_share_a_console_by_copying() -> None:
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            copying(Emulator(PONG))


def test_the_number_of_spare_consoles_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spares, "MOST_KEPT", 2)
    emulators = [Emulator(PONG) for _ in range(3)]
    emulators.clear()
    assert len(spares._kept) == 2


def test_concurrent_emulators_get_different_consoles() -> None:
    Emulator(PONG)
    made: list[Emulator] = []
    threads = [Thread(target=lambda: made.append(Emulator(PONG))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(emulator._ale) for emulator in made}) == 4
