"""The form of a result."""

from pydantic import BaseModel

from atari_cli.server.mcp.reply import ToolReply, refusal


class Sample(BaseModel):
    score: float

    def __str__(self) -> str:
        return "one"


def test_a_result_has_text_data_and_a_picture() -> None:
    assert ToolReply(Sample(score=1.0), b"PNG").result() == {
        "content": [
            {"type": "text", "text": "one"},
            {"type": "image", "data": "UE5H", "mimeType": "image/png"},
        ],
        "structuredContent": {"score": 1.0},
        "isError": False,
    }


def test_a_text_may_say_more_than_the_data() -> None:
    assert ToolReply(Sample(score=1.0), text="more").result()["content"] == [
        {"type": "text", "text": "more"}
    ]


def test_a_refusal_is_one_line() -> None:
    assert refusal("a\n  b") == {"content": [{"type": "text", "text": "a b"}], "isError": True}
