"""Play 20 steps on a server with asyncio: python openenv_async.py [URL]."""

import asyncio
import sys

from atari_env import AtariAction, AtariEnv


async def main(base_url: str) -> None:
    async with AtariEnv(base_url=base_url) as env:
        result = await env.reset()
        print("screen:", result.observation.screen_shape)
        print("actions:", result.observation.legal_actions)
        for _ in range(20):
            result = await env.step(AtariAction(action_id=2))
            print("reward:", result.reward, "lives:", result.observation.lives)
            if result.done:
                break
        state = await env.state()
        print("steps:", state.step_count, "of", state.game_name)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"))
