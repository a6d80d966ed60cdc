import gc
import os
import sys

import pytest

from atari_cli.system.memory import return_freed_memory
from tests.soak.processes import resident

MEGABYTES = 100
BLOCK = 2_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_memory_is_returned_to_the_system() -> None:
    blocks = [bytearray(BLOCK) for _ in range(MEGABYTES * 1_000_000 // BLOCK)]
    del blocks[:-1]  # the last one is at the end of the heap, which would shrink without it
    gc.collect()
    kept = resident(os.getpid())
    return_freed_memory()
    assert resident(os.getpid()) < kept - MEGABYTES / 2
