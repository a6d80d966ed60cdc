"""The response that is made for a problem."""

from http import HTTPStatus

from atari_cli.server.transport.messages import Problem


def test_a_problem_becomes_a_reply_with_a_detail() -> None:
    response = Problem(HTTPStatus.NOT_FOUND, "Not Found", (("X", "1"),)).response
    assert (response.status, response.body) == (404, b'{"detail":"Not Found"}')
    assert (response.content_type, response.headers) == ("application/json", (("X", "1"),))
    assert response.route == "none"
