"""Atari 2600 games for people and agents: play, roll out, record, replay, serve.

This page is the first of the reference. docs/library.md pairs each command of `atari` with its
function; the names below are loaded on first use, so that `import atari_cli` is quick and loads
neither numpy nor ALE.

Play a game step by step with `AtariEnvironment`, whose words are Gymnasium's:

    from atari_cli import AtariEnvironment

    environment = AtariEnvironment("breakout", repeat_action_probability=0.25)
    result = environment.reset(seed=1)
    while not result.done and environment.state.step_count < 100:
        result = environment.step("FIRE" if result.observation.lives == 5 else "LEFT")
    print(environment.summary().score, result.observation.pixels.shape)

Record such a loop with `RecordedEnvironment`, and `verify` what it wrote:

    from atari_cli import AtariEnvironment, RecordedEnvironment, load_recording, verify

    with RecordedEnvironment(AtariEnvironment("pong", max_frames=400), policy="mine") as pong:
        for seed in range(2):
            result = pong.reset(seed=seed)
            while not result.done:
                result = pong.step("FIRE")
    for path in pong.written:
        verify(load_recording(path))

Play many episodes with a policy, a function of the observation, with `run_episodes`; `summarise`
gives mean, interval and the human-normalised score:

    from atari_cli import EnvironmentConfig, RolloutConfig, find_game, run_episodes, summarise

    config = EnvironmentConfig(game="seaquest", noop_max=30, max_frames=400)
    rollout = RolloutConfig(episodes=2, seed=5)
    episodes = run_episodes(config, lambda observation: "FIRE", rollout)
    print(summarise(episodes, find_game("seaquest")).mean)

Write episodes of a policy to files with `record`, and make a video of one with `render_video`:

    from pathlib import Path
    from atari_cli import EnvironmentConfig, RecordConfig, load_recording, record, render_video

    short = EnvironmentConfig(game="pong", max_frames=200)
    (file,) = record(short, "tracker", files=RecordConfig(video=False))
    render_video(load_recording(file), Path("pong.gif"), RecordConfig(format="gif", scale=1))

Play on a server, this project's or another of OpenEnv, with `AtariEnv`:

    from atari_cli import AtariAction, AtariEnv

    with AtariEnv(base_url="http://127.0.0.1:8000").sync() as env:
        result = env.reset(seed=1, game="breakout")
        result = env.step(AtariAction(action_id=1))

Every error that is raised on purpose is an `AtariError`. `atari_env`, the import name of OpenEnv's
Atari environment, exports the same names.
"""

import lazy_loader

# The names, each with its home, are in __init__.pyi: for this line and for type checkers.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
