"""Play on a server in its own container: python from_docker.py [IMAGE]."""

import asyncio
import sys

from atari_env import AtariAction, AtariEnv


async def main(image: str) -> None:
    env = await AtariEnv.from_docker_image(image, env_vars={"ATARI_GAME": "space_invaders"})
    try:
        result = await env.reset()
        print("screen:", result.observation.screen_shape)
        for _ in range(20):
            result = await env.step(AtariAction(action_id=1))
        print("game:", (await env.state()).game_name, "frames:", result.observation.frame_number)
    finally:
        await env.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "atari-env:latest"))
