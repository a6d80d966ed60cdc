"""After a rewind, the emulator is where it was, and continues as if it had never moved on."""

import random
from array import array

import pytest

from atari_cli.emulator import STATE_INCOMPLETE, Emulator, RewindingEmulator, WayBack
from atari_cli.emulator.rewinding import KEYFRAME_INTERVAL
from atari_cli.errors import EmulatorError
from atari_cli.games import Game, all_games, find_game
from tests.exactness.traces import fingerprint, held_codes, play_frames

INCOMPLETE = tuple(sorted(STATE_INCOMPLETE))
# One game of each kind: paddles, PAL, one that ALE starts by pressing keys, one whose states are
# incomplete, one without keyframes. The slow tests play all others.
SAMPLE = ("pong", "air_raid", "berzerk", "qbert", "tic_tac_toe_3d")

Inputs = list[tuple[int, float]]
Trace = list[tuple[int, int]]


def random_inputs(seed: int, frames: int, game: Game) -> Inputs:
    """Return codes that are held for a while, in games with paddles at changing speeds."""
    draw = random.Random(seed)
    return [
        (code, array("f", [draw.uniform(0, 4)])[0] if game.uses_paddles else 1.0)
        for code in held_codes(seed, frames)
    ]


def play(emulator: Emulator, inputs: Inputs) -> Trace:
    """Return (fingerprint, reward) of each frame, until the game is over."""
    trace: Trace = []
    for code, strength in inputs:
        if emulator.game_over:
            break
        reward = emulator.act(code, strength)
        trace.append((fingerprint(emulator), reward))
    return trace


def check_rewinds(
    game: Game, mode: int | None, seed: int, frames: int, rewinds: int, reach: int
) -> None:
    """Play, go back to random frames, and compare with an emulator that never went back."""
    draw = random.Random(f"{game.id} {mode} {seed}")
    emulator = RewindingEmulator(game, mode)
    inputs = random_inputs(seed, frames, game)
    start = fingerprint(emulator)
    trace = play(emulator, inputs)
    played = inputs[: len(trace)]
    for _ in range(rewinds):
        back = max(0, emulator.frames - draw.choice([0, 1, 2, 3, draw.randrange(reach)]))
        emulator.rewind(back)
        assert (emulator.frames, len(emulator.inputs[0])) == (back, back)
        assert fingerprint(emulator) == (trace[back - 1][0] if back else start)
        if draw.random() < 0.4:  # continue in another way
            other = random_inputs(draw.randrange(10**6), draw.randrange(1, 150), game)
            played = played[:back] + other
            trace = trace[:back] + play(emulator, other)
            played = played[: len(trace)]
            continue
        ahead = played[back : back + draw.choice([1, 2, 40, 300])]
        assert play(emulator, ahead) == trace[back : back + len(ahead)]
        played, trace = played[: emulator.frames], trace[: emulator.frames]
    never = Emulator(game, mode)
    assert play(never, played) == trace
    assert never.inputs == emulator.inputs


@pytest.mark.parametrize("game", [find_game(name) for name in SAMPLE], ids=SAMPLE)
def test_a_game_continues_after_a_rewind_as_without_it(game: Game) -> None:
    check_rewinds(game, None, seed=1, frames=400, rewinds=6, reach=300)


@pytest.mark.slow
@pytest.mark.parametrize("game", all_games(), ids=lambda game: game.id)
def test_every_game_continues_after_a_rewind_as_without_it(game: Game) -> None:
    check_rewinds(game, None, seed=1, frames=2000, rewinds=20, reach=1000)


@pytest.mark.long
@pytest.mark.parametrize("game", all_games(), ids=lambda game: game.id)
def test_every_mode_continues_after_long_rewinds_as_without_them(game: Game) -> None:
    for mode in game.modes:
        check_rewinds(game, mode, seed=2, frames=10_000, rewinds=60, reach=5000)


@pytest.mark.slow
@pytest.mark.parametrize("name", INCOMPLETE)
def test_every_mode_of_games_with_incomplete_states_continues_as_without_a_rewind(
    name: str,
) -> None:
    game = find_game(name)
    for mode in game.modes:
        check_rewinds(game, mode, seed=1, frames=800, rewinds=8, reach=500)


def test_a_rewind_keeps_the_keyframes_before_its_frame() -> None:
    emulator = RewindingEmulator(find_game("breakout"))
    play_frames(emulator, [1] * 10 * KEYFRAME_INTERVAL)
    emulator.rewind(5 * KEYFRAME_INTERVAL + 1)
    assert [key.frames for key in emulator._keyframes] == [
        KEYFRAME_INTERVAL * n for n in range(1, 6)
    ]


def test_an_hour_of_keyframes_takes_a_few_megabytes() -> None:
    emulator = RewindingEmulator(find_game("enduro"))
    play_frames(emulator, held_codes(1, 20 * KEYFRAME_INTERVAL))
    sizes = [len(key.state) for key in emulator._keyframes]
    assert len(sizes) == 20
    assert 216_000 / KEYFRAME_INTERVAL * max(sizes) < 10e6


@pytest.mark.parametrize("frames", [-1, 21])
def test_only_frames_that_were_played_can_be_rewound_to(frames: int) -> None:
    emulator = RewindingEmulator(find_game("pong"))
    play_frames(emulator, held_codes(1, 20))
    before = fingerprint(emulator)
    with pytest.raises(EmulatorError, match=f"expected a frame from 0 to 20, got {frames}"):
        emulator.rewind(frames)
    assert fingerprint(emulator) == before


@pytest.mark.parametrize("sound", [False, True])
def test_saved_states_and_rewinds_can_be_combined(sound: bool) -> None:
    """A restored emulator has no keyframes of earlier frames, but can go back nevertheless."""
    emulator = RewindingEmulator(find_game("ms_pacman"), sound=sound)
    trace = play_frames(emulator, held_codes(1, 200))
    saved = emulator.save()
    for back in (150, 20, 0):
        emulator.restore(saved)
        emulator.rewind(back)
        assert play_frames(emulator, held_codes(1, 200)[back:]) == trace[back:]


def test_a_rewind_keeps_the_seed_of_the_boot() -> None:
    emulator = RewindingEmulator(find_game("adventure"), mode=1)
    emulator.boot(3)
    trace = play_frames(emulator, held_codes(1, 90))
    saved = emulator.save()
    emulator.boot(4)
    emulator.restore(saved)
    emulator.rewind(10)
    assert play_frames(emulator, held_codes(1, 90)[10:]) == trace[10:]


@pytest.mark.parametrize("game", [find_game(name) for name in SAMPLE], ids=SAMPLE)
def test_a_way_back_can_be_gone_bit_by_bit_and_shortened_at_any_point(game: Game) -> None:
    emulator, draw = RewindingEmulator(game), random.Random(5)
    inputs = random_inputs(1, 600, game)
    trace = play(emulator, inputs)
    goal = len(trace) - 10
    way = WayBack(emulator, goal)
    parts = [way.part]
    while goal > 50:
        for _ in range(draw.randint(0, 30)):
            way.go_on(lambda: False)
            parts.append(way.part)
        goal = max(20, goal - draw.choice([1, 5, 60, 200]))
        way.shorten(goal)
    while not way.go_on(lambda: False):
        pass
    assert (emulator.frames, way.part) == (goal, 1.0)
    assert all(0.0 <= part <= 1.0 for part in parts)
    assert fingerprint(emulator) == trace[goal - 1][0]
    assert play(emulator, inputs[goal : goal + 100]) == trace[goal : goal + 100]


def test_the_way_to_the_present_frame_is_done_at_once() -> None:
    emulator = RewindingEmulator(find_game("video_chess"))
    play_frames(emulator, held_codes(1, 200))
    revision = emulator.revision
    emulator.rewind(200)
    assert emulator.revision == revision, "nothing was played again"


def test_a_boot_after_a_rewind_restores_the_sound_too() -> None:
    emulator = RewindingEmulator(find_game("space_invaders"), sound=True)
    heard = []
    for _ in range(2):
        play_frames(emulator, [1] * 100)
        heard.append(emulator.audio().tobytes())
        emulator.rewind(0)
        emulator.boot()
    assert heard[0] == heard[1]
