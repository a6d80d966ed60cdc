import threading

import pytest

from atari_cli.errors import SessionBusy
from atari_cli.server.sessions.request_queue import MOST_WAITING, RequestQueue


def test_one_request_is_served_at_a_time() -> None:
    queue, order = RequestQueue(), []

    def work() -> None:
        with queue:
            order.append("second")

    other = threading.Thread(target=work)
    with queue:
        assert queue.is_busy
        other.start()
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    assert not queue.is_busy


def test_the_number_of_waiting_requests_is_limited_except_for_the_last_one() -> None:
    queue = RequestQueue()
    waiting = threading.Semaphore(0)

    def wait() -> None:
        waiting.release()
        with queue:
            pass

    with queue:
        threads = [threading.Thread(target=wait) for _ in range(MOST_WAITING - 1)]
        for thread in threads:
            thread.start()
        while queue._waiting < MOST_WAITING:
            waiting.acquire(timeout=1)
        with pytest.raises(SessionBusy, match="16 requests wait"), queue:
            pass
    for thread in threads:
        thread.join()
    with queue.last():
        assert queue.is_busy
