"""A step proof covers the current state and the inputs since its last update."""

import zlib

import numpy as np

from atari_cli.environment import AtariEnvironment
from atari_cli.recording.step_proof import StepProof


def test_each_update_takes_only_the_new_inputs() -> None:
    environment = AtariEnvironment("breakout", noop_max=9)
    proof = StepProof(environment.emulator)
    environment.reset(seed=1)
    proof.update()
    assert proof.codes == bytes(len(environment.emulator.inputs[0])) != b""
    environment.step("RIGHT", 0.5)
    proof.update()
    assert proof.codes == bytes([3, 3, 3, 3])
    assert np.frombuffer(proof.strengths, "<f4").tolist() == [0.5] * 4


def test_the_hash_is_the_crc_of_the_screen_followed_by_the_ram() -> None:
    environment = AtariEnvironment("pong")
    proof = StepProof(environment.emulator)
    environment.reset(seed=1)
    environment.step(0)
    proof.update()
    emulator = environment.emulator
    together = emulator.screen().tobytes() + emulator.ram().tobytes()
    assert proof.state_hash == zlib.crc32(together)
    assert np.array_equal(proof.pictures["screens"], emulator.screen())
    assert np.array_equal(proof.pictures["ram"], emulator.ram())


def test_after_going_back_the_following_inputs_are_new() -> None:
    environment = AtariEnvironment("pong")
    proof = StepProof(environment.emulator)
    environment.reset(seed=1)
    for action in ("RIGHT", "LEFT"):
        environment.step(action)
        proof.update()
    environment.reset(seed=1)
    environment.step("RIGHT")
    proof.go_back(environment.emulator.frames)
    environment.step("FIRE")
    proof.update()
    assert proof.codes == bytes([1, 1, 1, 1])
