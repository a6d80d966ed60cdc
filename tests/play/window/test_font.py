"""Text has a size for each window and fits its lines; characters without a glyph are harmless."""

from collections.abc import Iterator

import pygame.font
import pytest

from atari_cli.play.window.font import BRIGHT, SMALLEST, Font, letter_size


@pytest.fixture
def letters() -> Iterator[Font]:
    pygame.font.init()
    yield Font(SMALLEST)
    pygame.font.quit()


def test_text_grows_with_the_window_and_is_never_too_small() -> None:
    sizes = [letter_size((160 * zoom, 210 * zoom)) for zoom in range(1, 17)]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (SMALLEST, 40)
    assert letter_size((1, 1)) == SMALLEST


def test_text_is_drawn_once_and_has_the_reported_width(letters: Font) -> None:
    image = letters.image("frame 1234")
    assert letters.image("frame 1234") is image
    assert image.get_width() == letters.width("frame 1234")
    assert image.get_height() <= letters.line
    assert image.get_bounding_rect().width > 30


def test_the_cache_of_images_is_bounded(letters: Font) -> None:
    for frame in range(2000):
        letters.image(str(frame))
    assert len(letters._images) <= 512


@pytest.mark.parametrize("width", [8, 40, 100, 400])
@pytest.mark.parametrize("text", ["", "saved slot 3: Ms. Pac-Man", "a/very/long/path/to/it.py no"])
def test_wrapped_text_fits_and_loses_no_characters(letters: Font, text: str, width: int) -> None:
    lines = list(letters.broken(text, width))
    assert all(letters.width(line) <= width or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_text_is_wrapped_between_words_where_possible(letters: Font) -> None:
    width = letters.width("saved slot")
    assert list(letters.broken("saved slot 3 now", width)) == ["saved slot", "3 now"]


def test_shortened_text_keeps_its_end(letters: Font) -> None:
    assert letters.shortened("tracker", 200) == "tracker"
    shortened = letters.shortened("./policies/deep/follow_ball.py", 90)
    assert shortened.startswith("…")
    assert shortened.endswith("ball.py")
    assert letters.width(shortened) <= 90
    assert letters.shortened("tracker", 1) == "…"


@pytest.mark.parametrize("text", ["\0", "a\nb", "\U0001f579", "\ud800", "ñ漢"])
def test_characters_without_a_glyph_raise_nothing(letters: Font, text: str) -> None:
    assert letters.image(text, BRIGHT).get_width() == letters.width(text)
