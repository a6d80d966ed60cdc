"""Read a recording with numpy alone: python read_recording.py FILE.npz."""

import json
import sys

import numpy as np

with np.load(sys.argv[1], allow_pickle=False) as recording:
    header = json.loads(recording["header"].tobytes())
    rewards, lives = recording["rewards"], recording["lives"]
    print(f"{header['game']}, played by {header['policy']} with seed {header['seed']}")
    print(f"score {rewards.sum():g} in {len(rewards)} steps, lives left at the end: {lives[-1]}")
    if "screens" in recording:
        rgb = recording["palette"][recording["screens"][-1]]
        print(f"last screen: {rgb.shape}, {rgb.dtype}, mean colour {rgb.mean(axis=(0, 1)).round()}")
