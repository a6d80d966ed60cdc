"""The least that a Typer program with two commands and rich help can be."""

import typer

app = typer.Typer()


@app.command()
def one() -> None:
    """The first command."""


@app.command()
def two() -> None:
    """The second command."""
