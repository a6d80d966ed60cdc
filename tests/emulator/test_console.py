"""The emulator refuses calls that would crash the process; all forms of its screen agree."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from ale_py import ALEInterface

from atari_cli.emulator import SEEDED_MODES, SILENCE, Emulator
from atari_cli.errors import EmulatorError, InvalidAction, InvalidSetting, InvalidState
from atari_cli.games import find_game, gray_palette, palette
from tests.exactness.traces import fingerprint, held_codes, play_frames


@pytest.fixture
def pong() -> Emulator:
    return Emulator(find_game("pong"))


@pytest.mark.parametrize("code", [-1, 18, 77])
def test_an_action_code_outside_the_range_is_refused(pong: Emulator, code: int) -> None:
    with pytest.raises(InvalidAction, match=f"0 to 17, got {code}"):
        pong.act(code)
    assert not pong.inputs[0]


@pytest.mark.parametrize("strength", [-0.5, 100.5, float("nan"), float("inf")])
def test_an_invalid_paddle_strength_is_refused(pong: Emulator, strength: float) -> None:
    with pytest.raises(InvalidAction, match="paddle strength"):
        pong.act(3, strength)


def test_the_error_for_an_unknown_mode_lists_the_valid_ones() -> None:
    with pytest.raises(InvalidSetting, match="pong has no mode 9; expected one of 0, 1"):
        Emulator(find_game("pong"), mode=9)
    with pytest.raises(InvalidSetting, match="no difficulty 9; expected one of 0, 1, 2, 3"):
        Emulator(find_game("pong"), difficulty=9)


@pytest.mark.parametrize(
    "out",
    [
        np.empty((5, 5), np.uint8),
        np.empty(210 * 160, np.uint8),
        np.empty((210, 160), np.float32),
        np.empty((210, 320), np.uint8)[:, ::2],
    ],
    ids=["too small", "flat", "wrong dtype", "with gaps"],
)
def test_an_unsuitable_buffer_is_refused(pong: Emulator, out: np.ndarray) -> None:
    for method in (pong.screen, pong.ram):
        with pytest.raises(EmulatorError, match="expected a contiguous uint8 array"):
            method(out)


def test_sound_must_be_enabled(pong: Emulator) -> None:
    with pytest.raises(EmulatorError, match="sound=True"):
        pong.audio()


def test_given_buffers_are_filled_and_returned(pong: Emulator) -> None:
    play_frames(pong, held_codes(0, 50))
    for method in (pong.screen, pong.ram):
        expected = method()
        out = np.zeros_like(expected)
        assert method(out) is out
        assert np.array_equal(out, expected)


def test_the_screen_is_correct_after_a_boot_and_after_a_restore() -> None:
    """ALE's own screen is stale at these times until the next frame."""
    emulator = Emulator(find_game("ms_pacman"))
    booted = emulator.screen_rgb()
    play_frames(emulator, held_codes(0, 200))
    later, gray = emulator.screen_rgb(), emulator.screen_grayscale()
    saved = emulator.save()
    emulator.boot()
    assert np.array_equal(emulator.screen_rgb(), booted)
    emulator.restore(saved)
    assert np.array_equal(emulator.screen_rgb(), later)
    assert np.array_equal(emulator.screen_grayscale(), gray)
    assert np.array_equal(palette("NTSC")[emulator.screen()], later)
    assert np.array_equal(gray_palette("NTSC")[emulator.screen()], gray)


def test_sound_is_the_same_in_each_episode_and_after_a_restore() -> None:
    def samples(emulator: Emulator, codes: list[int]) -> list[bytes]:
        heard = []
        for code in codes:
            emulator.act(code)
            heard.append(emulator.audio().tobytes())
        return heard

    codes = held_codes(1, 400)
    emulator = Emulator(find_game("space_invaders"), sound=True)
    assert set(emulator.audio()) == {SILENCE}
    first = samples(emulator, codes)
    assert len(set(first)) > 10
    emulator.boot()
    assert samples(emulator, codes[:250]) == first[:250]
    saved = emulator.save()
    emulator.boot()
    emulator.restore(saved)
    assert samples(emulator, codes[250:]) == first[250:]


def test_sound_changes_neither_screen_nor_ram() -> None:
    codes = held_codes(2, 300)
    quiet, loud = (Emulator(find_game("kaboom"), sound=sound) for sound in (False, True))
    assert play_frames(quiet, codes) == play_frames(loud, codes)


def test_paddle_strength_changes_how_far_the_paddle_moves() -> None:
    positions = []
    for strength in (1.0, 2.0):
        emulator = Emulator(find_game("pong"))
        for _ in range(60):
            emulator.act(0)
        for _ in range(5):
            emulator.act(3, strength)
        emulator.act(0)
        emulator.act(0)
        positions.append(int(emulator.ram()[51]))
    assert positions[0] != positions[1]


def test_nothing_changes_after_the_game_is_over() -> None:
    emulator = Emulator(find_game("breakout"))
    while not emulator.game_over:
        emulator.act(1)
    before = fingerprint(emulator)
    assert emulator.act(1) == 0
    assert fingerprint(emulator) == before


def test_damaged_and_foreign_states_are_refused_without_any_change(pong: Emulator) -> None:
    play_frames(pong, held_codes(3, 30))
    saved, before = pong.save(), fingerprint(pong)
    flipped = bytearray(saved)
    flipped[len(saved) // 2] ^= 1
    foreign = Emulator(find_game("breakout")).save()
    other_mode = Emulator(find_game("pong"), mode=1).save()
    for wrong in (b"", b"junk", saved[:-1], bytes(flipped), foreign, other_mode):
        with pytest.raises(InvalidState):
            pong.restore(wrong)
        assert fingerprint(pong) == before


class Struck:
    """ALE, interrupted by Ctrl-C right after its thirtieth frame."""

    def __init__(self, ale: ALEInterface) -> None:
        self._ale = ale
        self._frames = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ale, name)

    def act(self, code: int, strength: float) -> int:
        reward = int(self._ale.act(code, strength))
        self._frames += 1
        if self._frames == 30:
            raise KeyboardInterrupt
        return reward


def test_the_recorded_inputs_are_those_that_ale_played_despite_ctrl_c() -> None:
    emulator = Emulator(find_game("tetris"))
    first = emulator.episode_frame_number
    emulator._ale = cast(ALEInterface, Struck(emulator._ale))
    with pytest.raises(KeyboardInterrupt):
        emulator.act(1, frames=1000)
    assert len(emulator.inputs[0]) == emulator.frames == 30
    assert emulator.episode_frame_number == first + 30
    after = fingerprint(emulator)
    emulator.restore(emulator.save())
    assert fingerprint(emulator) == after


def test_randomness_at_the_start_follows_from_the_seed() -> None:
    """In two modes of Adventure, ALE hides objects with its own random generator."""
    assert SEEDED_MODES == {"adventure": (1, 2)}
    emulator = Emulator(find_game("adventure"), mode=1)
    starts = []
    for seed in (3, 4, 3):
        emulator.boot(seed)
        starts.append((fingerprint(emulator), *play_frames(emulator, held_codes(1, 90))))
    assert starts[0] == starts[2] != starts[1]
    emulator.boot(3)
    play_frames(emulator, held_codes(1, 30))
    saved = emulator.save()
    rest = play_frames(emulator, held_codes(2, 60))
    other = Emulator(find_game("adventure"), mode=1)
    other.restore(saved)
    assert play_frames(other, held_codes(2, 60)) == rest
    emulator.boot(4)
    emulator.restore(saved)
    emulator.boot(4)
    play_frames(emulator, held_codes(1, 30))
    again = emulator.save()
    expected = play_frames(emulator, held_codes(2, 60))
    loud = Emulator(find_game("adventure"), mode=1, sound=True)
    loud.restore(again)  # by replaying its inputs from a boot with the stored seed
    assert play_frames(loud, held_codes(2, 60)) == expected


def test_a_default_difficulty_that_ale_cannot_set_can_be_given() -> None:
    game = find_game("backgammon")
    assert game.default_difficulty not in game.difficulties
    named = Emulator(game, difficulty=game.default_difficulty)
    codes = held_codes(1, 60)
    assert play_frames(named, codes) == play_frames(Emulator(game), codes)


def test_a_missing_or_different_rom_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALE_ROMS_DIR", str(tmp_path))
    with pytest.raises(EmulatorError, match="cannot read the ROM"):
        Emulator(find_game("pong"))
    (tmp_path / "pong.bin").write_bytes(bytes(2048))
    with pytest.raises(EmulatorError, match="has MD5"):
        Emulator(find_game("pong"))


def test_video_chess_can_be_restored_while_it_begins_to_think() -> None:
    """Restoring ALE's own state here would lead to another screen."""
    emulator = Emulator(find_game("video_chess"))
    codes = held_codes(4, 4260)
    play_frames(emulator, codes[:4231])
    saved = emulator.save()
    rest = play_frames(emulator, codes[4231:])
    emulator.restore(saved)
    assert play_frames(emulator, codes[4231:]) == rest


class Counted:
    """ALE, with a count of its calls."""

    def __init__(self, ale: object) -> None:
        self._ale = ale
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.calls.append(name)
        return getattr(self._ale, name)


@pytest.mark.parametrize("sound", [False, True])
def test_a_newly_loaded_rom_is_not_booted_again(sound: bool) -> None:
    emulator = Emulator(find_game("pong"), sound=sound)
    codes = held_codes(1, 40)
    ale = Counted(emulator._ale)
    emulator._ale = cast(ALEInterface, ale)
    emulator.boot()
    emulator.boot(seed=7)
    assert ale.calls == []
    first = play_frames(emulator, codes)
    emulator.boot()
    assert ("loadROM" in ale.calls) is sound
    assert play_frames(emulator, codes) == first


def test_a_load_interrupted_by_ctrl_c_is_repeated(no_spares: None) -> None:
    emulator = Emulator(find_game("adventure"), mode=1)
    emulator.boot(3)
    expected = play_frames(emulator, held_codes(1, 40))
    emulator.boot(3)
    ale = emulator._ale
    emulator._ale = cast(ALEInterface, StruckAtReset(ale))
    with pytest.raises(KeyboardInterrupt):
        emulator.boot(4)
    emulator._ale = ale
    emulator.boot(3)
    assert play_frames(emulator, held_codes(1, 40)) == expected


class StruckAtReset:
    """ALE, interrupted by Ctrl-C before it resets the game."""

    def __init__(self, ale: object) -> None:
        self._ale = ale

    def __getattr__(self, name: str) -> object:
        return getattr(self._ale, name)

    def reset_game(self) -> None:
        raise KeyboardInterrupt
