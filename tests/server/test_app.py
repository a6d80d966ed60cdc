"""`python -m atari_env.server.app` serves like OpenEnv's own module, with its variables."""

import os
import re
import signal
import subprocess
import sys

from atari_cli import AtariEnv

VARIABLES = {
    "ATARI_GAME": "breakout",
    "ATARI_OBS_TYPE": "grayscale",
    "ATARI_FULL_ACTION_SPACE": "true",
    "ATARI_REPEAT_ACTION_PROB": "0.25",
    "ATARI_FRAMESKIP": "4",
}


def test_the_variables_of_openenv_set_up_the_game() -> None:
    command = [sys.executable, "-m", "atari_env.server.app", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | VARIABLES
    ) as server:
        assert server.stderr
        found = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())
        assert found
        try:
            with AtariEnv(base_url=found[0]).sync() as env:
                first = env.reset()
                assert first.observation.screen_shape == (210, 160)
                assert len(first.observation.legal_actions) == 18
                state = env.state()
                assert (state.game_name, state.repeat_action_probability) == ("breakout", 0.25)
                assert state.frameskip == 4
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.read()
    # Windows has no signal at which a program could end in order.
    assert server.returncode == (1 if sys.platform == "win32" else 0)
