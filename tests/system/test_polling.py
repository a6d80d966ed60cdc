import os
import selectors
import socket
import sys

import pytest

from atari_cli.system.polling import Selector


def test_a_selector_waits_for_a_socket() -> None:
    near, far = socket.socketpair()
    with near, far, Selector() as selector:
        selector.register(near, selectors.EVENT_READ)
        assert not selector.select(0)
        far.send(b"x")
        [(key, _)] = selector.select(5)
        assert key.fileobj is near


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_selector_costs_no_file_descriptor() -> None:
    before = os.listdir("/proc/self/fd")
    with Selector():
        assert os.listdir("/proc/self/fd") == before
