"""`atari doctor`: what this machine has ready, and what to do about the rest."""

import typer

from atari_cli.cli.options import JsonOption
from atari_cli.cli.output import print_json, print_table


def doctor(json: JsonOption = False) -> None:
    """Check what this machine has ready.

    Optional dependencies are reported as notes; the exit code is 1 if a
    check fails.
    """
    from atari_cli.api.doctor import doctor as check_machine

    findings = check_machine()
    if json:
        print_json({name: finding._asdict() for name, finding in findings.items()})
    else:
        rows = [(name, *finding) for name, finding in findings.items()]
        print_table(("check", "state", "found", "advice"), rows)
    if any(finding.state == "fail" for finding in findings.values()):
        raise typer.Exit(1)
