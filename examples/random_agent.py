"""Ten episodes of a random agent: python random_agent.py [URL [STEPS]], at most STEPS in each."""

import sys

import numpy as np

from atari_env import AtariAction, AtariEnv

base_url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
most_steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000

with AtariEnv(base_url=base_url).sync() as env:
    for episode in range(10):
        result = env.reset()
        episode_reward, steps = 0.0, 0
        while not result.done and steps < most_steps:
            action_id = np.random.choice(result.observation.legal_actions)
            result = env.step(AtariAction(action_id=action_id))
            episode_reward += result.reward
            steps += 1
        print(f"Episode {episode}: reward {episode_reward:g} in {steps} steps")
