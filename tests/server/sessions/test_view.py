"""A view contains the values of an episode, which do not change later."""

from tests.server.sessions.test_register import register, told


def test_a_view_does_not_change_with_the_session() -> None:
    session = register(game="pong").open()
    session.reset(told, seed=3)
    session.step(told, 0)
    view = session.read(lambda view: view)
    session.reset(told, settings={"game": "breakout"})
    assert (view.session_id, view.episode, view.game.id) == (session.id, 1, "pong")
    assert (view.state.step_count, view.summary.seed, view.config.game) == (1, 3, "pong")
    assert (len(view.action_codes), view.saved) == (6, ())
