"""Your own loop, recorded: python recorded_loop.py [FOLDER [EPISODES [STEPS]]].

The agent only learns which action has scored most; put yours in its place.
"""

import sys

import numpy as np

from atari_cli import AtariEnvironment, RecordedEnvironment, load_recording, verify

folder = sys.argv[1] if len(sys.argv) > 1 else "recordings"
episodes = int(sys.argv[2]) if len(sys.argv) > 2 else 5
most_steps = int(sys.argv[3]) if len(sys.argv) > 3 else 1000

space_invaders = AtariEnvironment("space_invaders", repeat_action_probability=0.25)
scores = np.zeros(len(space_invaders.action_codes))
chance = np.random.default_rng(seed=0)

with RecordedEnvironment(space_invaders, folder, policy="bandit") as environment:
    for episode in range(episodes):
        result, steps = environment.reset(seed=episode), 0
        while not result.done and steps < most_steps:
            explores = chance.random() < 0.5
            action = int(chance.integers(len(scores)) if explores else scores.argmax())
            result = environment.step(action)
            scores[action] += result.reward
            steps += 1

for path in environment.written:
    recording = load_recording(path)
    verify(recording)
    print(f"{path.name}: return {recording.header['totals']['score']:g}, verified")
