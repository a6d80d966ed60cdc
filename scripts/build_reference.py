"""Build the reference from the docstrings into build/docs, without a network.

python scripts/build_reference.py [FOLDER]
"""

import sys
import warnings
from pathlib import Path
from typing import Final

import pdoc
import pdoc.render

import atari_cli

FOLDER: Final = Path(__file__).resolve().parent.parent / "build" / "docs"


def main() -> None:
    """Build it and print where it is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    build(folder)
    print(f"wrote {folder / 'atari_cli.html'}")


def build(folder: Path) -> None:
    """Write the pages of the reference: every name that `atari_cli` exports.

    Args:
        folder: Where they go; it is made if missing.
    """
    for name in dir(atari_cli):
        getattr(atari_cli, name)  # pdoc finds the names that are loaded
    # Before Python 3.12, `array[float]` is a type for type checkers alone.
    warnings.filterwarnings("ignore", r"Error parsing type annotation .*array\[float\]")
    pdoc.render.configure(docformat="google", show_source=False, search=True)
    pdoc.pdoc("atari_cli", output_directory=folder)


if __name__ == "__main__":
    main()
