"""A probe sees the present moment, and the inputs since it looked last."""

import zlib

import numpy as np

from atari_cli.environment import AtariEnvironment
from atari_cli.recording.step_proof import Probe


def test_each_look_takes_in_the_new_inputs_alone() -> None:
    environment = AtariEnvironment("breakout", noop_max=9)
    probe = Probe(environment.emulator)
    environment.reset(seed=1)
    probe.look()
    assert probe.codes == bytes(len(environment.emulator.inputs[0])) != b""
    environment.step("RIGHT", 0.5)
    probe.look()
    assert probe.codes == bytes([3, 3, 3, 3])
    assert np.frombuffer(probe.strengths, "<f4").tolist() == [0.5] * 4


def test_the_hash_is_the_crc_of_the_screen_and_then_the_ram() -> None:
    environment = AtariEnvironment("pong")
    probe = Probe(environment.emulator)
    environment.reset(seed=1)
    environment.step(0)
    probe.look()
    emulator = environment.emulator
    together = emulator.screen().tobytes() + emulator.ram().tobytes()
    assert probe.state_hash == zlib.crc32(together)
    assert np.array_equal(probe.pictures["screens"], emulator.screen())
    assert np.array_equal(probe.pictures["ram"], emulator.ram())


def test_after_going_back_the_inputs_from_there_on_are_new() -> None:
    environment = AtariEnvironment("pong")
    probe = Probe(environment.emulator)
    environment.reset(seed=1)
    for action in ("RIGHT", "LEFT"):
        environment.step(action)
        probe.look()
    environment.reset(seed=1)
    environment.step("RIGHT")
    probe.go_back(environment.emulator.frames)
    environment.step("FIRE")
    probe.look()
    assert probe.codes == bytes([1, 1, 1, 1])
