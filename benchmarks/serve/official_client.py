"""OpenEnv's own client, connected to a server; it runs in the peers' virtual environment.

It connects to the given URL. For each number of steps on a line of standard input, it plays them
and prints the steps per second.
"""

import sys
from random import Random
from time import perf_counter

from openenv.core import GenericEnvClient

ACTIONS = 6


def main() -> None:
    with GenericEnvClient(base_url=sys.argv[1]).sync() as client:
        print("ready", flush=True)
        for line in sys.stdin:
            draw = Random(0)
            client.reset(seed=0)
            actions = [{"action_id": draw.randrange(ACTIONS)} for _ in range(int(line))]
            started = perf_counter()
            for action in actions:
                if client.step(action).done:
                    raise RuntimeError("the episode ended: ask for fewer steps")
            print(len(actions) / (perf_counter() - started), flush=True)


if __name__ == "__main__":
    main()
