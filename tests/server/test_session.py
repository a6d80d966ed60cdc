"""What a session does with an emulator that fails; the rest is tried through the register."""

import pytest

from tests.server.test_sessions import register, told


def test_an_emulator_that_failed_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = register()

    def fail(*given: object) -> int:
        raise RuntimeError("the cartridge fell out")

    for is_reset in (True, False):
        session = sessions.open()
        session.reset(told)
        assert session._environment
        monkeypatch.setattr(session._environment.emulator, "act", fail)
        with pytest.raises(RuntimeError):
            session.step(told, 0)
        if is_reset:
            session.reset(told)
            assert session.step(told, 0)[1].step_count == 1
        sessions.close(session)
        other = sessions.open()
        other.reset(told)
        assert other.step(told, 0)[1].step_count == 1
