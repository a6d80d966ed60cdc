import threading

import pytest

from atari_cli.errors import SessionBusy
from atari_cli.server.sessions.request_queue import MOST_WAITING, Turns


def test_one_has_a_turn_at_a_time() -> None:
    turns, order = Turns(), []

    def work() -> None:
        with turns.take():
            order.append("second")

    other = threading.Thread(target=work)
    with turns.take():
        assert turns.is_taken
        other.start()
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    assert not turns.is_taken


def test_only_so_many_wait_but_the_one_that_ends_it_all() -> None:
    turns = Turns()
    waiting = threading.Semaphore(0)

    def wait() -> None:
        waiting.release()
        with turns.take():
            pass

    with turns.take():
        threads = [threading.Thread(target=wait) for _ in range(MOST_WAITING - 1)]
        for thread in threads:
            thread.start()
        while turns._waiting < MOST_WAITING:
            waiting.acquire(timeout=1)
        with pytest.raises(SessionBusy, match="16 requests wait"), turns.take():
            pass
    for thread in threads:
        thread.join()
    with turns.take_at_last():
        assert turns.is_taken
