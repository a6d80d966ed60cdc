"""Sessions load one ROM at a time, and wait for none if a spare console is there."""

from threading import Thread

from atari_cli.emulator import Emulator, RewindingEmulator
from atari_cli.games import find_game
from atari_cli.server.sessions import loading
from atari_cli.server.sessions.loading import make_emulator

PONG = find_game("pong")


def test_concurrent_sessions_get_different_emulators() -> None:
    made: list[Emulator] = []
    threads = [
        Thread(target=lambda: made.append(make_emulator(PONG, None, None, False))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(emulator._ale) for emulator in made}) == 4


def test_a_spare_console_is_there_at_once_while_another_rom_is_loaded() -> None:
    Emulator(PONG)
    with loading._loading:
        thread = Thread(target=make_emulator, args=(PONG, None, None, False), daemon=True)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()


def test_a_rom_is_loaded_once_no_other_is() -> None:
    made: list[Emulator] = []
    with loading._loading:
        thread = Thread(target=lambda: made.append(make_emulator(PONG, None, None, True)))
        thread.start()
        thread.join(0.05)
        assert not made
    thread.join()
    assert made[0].sound


def test_the_kind_of_emulator_can_be_chosen() -> None:
    assert type(make_emulator(PONG, None, None, True, RewindingEmulator)) is RewindingEmulator
