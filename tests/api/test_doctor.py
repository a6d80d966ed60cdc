"""`doctor` returns a finding for each check; tests/cli checks each of them."""

from atari_cli.api.doctor import CHECKS, Finding, doctor


def test_every_check_has_a_finding() -> None:
    findings = doctor()
    assert list(findings) == list(CHECKS)
    assert all(isinstance(finding, Finding) for finding in findings.values())
    assert {finding.state for finding in findings.values()} <= {"ok", "note", "fail"}
    assert findings["ale"].state == "ok"
