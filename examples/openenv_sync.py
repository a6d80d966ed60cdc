"""Play 20 steps on a server with blocking calls: python openenv_sync.py [URL]."""

import sys

from atari_env import AtariAction, AtariEnv

base_url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"

with AtariEnv(base_url=base_url).sync() as env:
    result = env.reset()
    print("screen:", result.observation.screen_shape)
    print("actions:", result.observation.legal_actions)
    for _ in range(20):
        result = env.step(AtariAction(action_id=2))
        print("reward:", result.reward, "lives:", result.observation.lives)
        if result.done:
            break
    state = env.state()
    print("steps:", state.step_count, "of", state.game_name)
