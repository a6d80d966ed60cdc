"""Only the cells of a picture that changed are drawn again."""

from atari_cli.play.terminal.cell_diff import CellDiff
from tests.pictures.test_half_blocks import BLUE, RED, screen


def test_only_changed_cells_are_drawn_again() -> None:
    picture = CellDiff(80, 24)
    rgb = screen(RED, BLUE)
    whole = picture.draw(rgb)
    assert whole.count("▀") == picture.columns * picture.rows
    assert picture.draw(rgb) == ""
    rgb[:8, :8] = 255
    change = picture.draw(rgb)
    assert 1 <= change.count("▀") <= 12
    assert change.startswith("\x1b[1;1H")


def test_a_picture_can_be_centred_in_its_area() -> None:
    rgb = screen(RED, BLUE)
    assert CellDiff(80, 23, centred=True).draw(rgb).startswith("\x1b[1;10H")
    assert CellDiff(80, 50, centred=True).draw(rgb).startswith("\x1b[11;1H")
