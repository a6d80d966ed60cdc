"""The Task API lists games and their modes as tasks."""

from tests.server.conftest import Ways


def test_tasks_are_games_in_their_modes(ways: Ways) -> None:
    assert ways.ask("GET", "/list_environments").body == ["atari_env"]
    splits = ways.ask("GET", "/ATARI_ENV/splits").body
    assert [split["name"] for split in splits] == ["games", "modes"]
    count = ways.ask("POST", "/atari_env/num_tasks", {"split": "games"}).body
    assert count == {"num_tasks": 104}
    task = ways.ask("POST", "/atari_env/task", {"split": "games", "index": 0}).body
    assert task == {"task": {"game": "adventure"}}
    some = ways.ask("POST", "/atari_env/task_range", {"split": "games", "start": 1, "stop": 3})
    assert len(some.body["tasks"]) == 2
    every = ways.ask("POST", "/atari_env/tasks", {"split": "modes"}).body
    assert len(every["tasks"]) == 1090


def test_a_reset_can_select_a_task(ways: Ways) -> None:
    reply = ways.ask("POST", "/reset", {"split": "games", "index": 0, "obs_type": "ram"})
    assert reply.body["metadata"]["game_name"] == "adventure"
    assert ways.ask("POST", "/reset", {"split": "games", "index": 104}).status == 422


def test_invalid_requests_are_refused(ways: Ways) -> None:
    assert ways.ask("GET", "/other/splits").body == {"detail": "unknown environment 'other'"}
    assert ways.ask("POST", "/atari_env/task", {"split": "games", "index": 104}).body == {
        "detail": "Invalid task index"
    }
    assert ways.ask("POST", "/atari_env/task", {"split": "games"}).status == 422
    assert ways.ask("POST", "/atari_env/tasks", {"split": "games", "more": 1}).status == 422
