"""Print the result of a suite and write it into docs/test-results.md.

    python -m scripts.suite_result long   read build/long.xml, which `make long` leaves

The result is between `<!-- long -->` and `<!-- /long -->` of the page.
"""

import argparse
import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from textwrap import wrap
from typing import Final, NamedTuple
from xml.etree import ElementTree

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "test-results.md"
SUITES: Final = ("slow", "long")
SLOWEST: Final = 12
WIDTH: Final = 100
OUTCOMES: Final = {"failure": "failed", "error": "failed", "skipped": "skipped"}
PACKAGES: Final = ("ale-py", "numpy", "pygame", "websockets", "pytest")


class Case(NamedTuple):
    """One test with one set of parameters.

    Attributes:
        test: The path of its file and its name, without parameters.
        parameters: The parameters, or "".
        outcome: `passed`, `failed` or `skipped`.
        seconds: How long it took, its fixtures included.
        figures: The figures that it recorded, by their names.
    """

    test: str
    parameters: str
    outcome: str
    seconds: float
    figures: dict[str, str]


def main() -> None:
    """Read the file that pytest left, print the result, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", choices=SUITES)
    suite = parser.parse_args().suite
    text = result(suite, ElementTree.parse(ROOT / "build" / f"{suite}.xml").getroot())
    print(text, end="")
    PAGE.write_text(with_result(PAGE.read_text("utf-8"), suite, text), "utf-8")


def result(suite: str, report: ElementTree.Element) -> str:
    """Return the result of a suite in Markdown.

    Args:
        suite: Its name, that of a target of the Makefile.
        report: The root of a report in the format of JUnit, family xunit1.
    """
    found = list(cases(report))
    run = next(report.iter("testsuite"))
    counts = Counter(case.outcome for case in found)
    day, seconds = run.get("timestamp", "")[:10], float(run.get("time", 0))
    lines = [
        f"`make {suite}` on {day}, commit `{commit()}`: "
        f"**{', '.join(f'{count} {outcome}' for outcome, count in counts.most_common())}** "
        f"in {duration(seconds)}.",
        "",
        machine(),
        "",
        *table(("test", "cases", "result", "median", "slowest", "all together"), by_test(found)),
        "",
        f"The {SLOWEST} slowest cases:",
        "",
        *table(("case", "time"), slowest(found)),
    ]
    for case in found:
        if case.figures:
            lines += ["", f"`{full_name(case)}`:", ""]
            for name, figure in case.figures.items():
                lines += wrap(f"- {name}: {figure}", WIDTH, subsequent_indent="  ")
    return "\n".join([*lines, ""])


def cases(report: ElementTree.Element) -> Iterator[Case]:
    """Yield the tests of a report."""
    for element in report.iter("testcase"):
        test, _, parameters = element.get("name", "").partition("[")
        kinds = {child.tag for child in element} & OUTCOMES.keys()
        figures = {
            found.get("name", ""): found.get("value", "") for found in element.iter("property")
        }
        yield Case(
            f"{element.get('classname', '').replace('.', '/')}.py::{test}",
            parameters.removesuffix("]"),
            OUTCOMES[kinds.pop()] if kinds else "passed",
            float(element.get("time", 0)),
            figures,
        )


def by_test(found: Sequence[Case]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each test, which has a case for each set of parameters."""
    for test in dict.fromkeys(case.test for case in found):
        same = [case for case in found if case.test == test]
        times = [case.seconds for case in same]
        outcomes = Counter(case.outcome for case in same)
        yield (
            f"`{test}`",
            str(len(same)),
            ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()),
            duration(median(times)),
            duration(max(times)),
            duration(sum(times)),
        )


def slowest(found: Sequence[Case]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each of the cases that took the longest."""
    for case in sorted(found, key=lambda case: -case.seconds)[:SLOWEST]:
        yield f"`{full_name(case)}`", duration(case.seconds)


def full_name(case: Case) -> str:
    """Return the name by which pytest selects a case."""
    return f"{case.test}[{case.parameters}]" if case.parameters else case.test


def table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def duration(seconds: float) -> str:
    """Return a time for people, such as `2 min 5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def commit() -> str:
    """Return the commit that was tested, marked if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def machine() -> str:
    """Return two lines about the machine and the versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Python {platform.python_version()}, {versions};\n"
        f"{os.cpu_count()} cores{processor()}, {platform.system()}, {platform.machine()}."
    )


def processor() -> str:
    """Return the name of the processor, where the system names it."""
    file = Path("/proc/cpuinfo")
    text = file.read_text("utf-8") if file.is_file() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return f" ({found[1]})" if found else ""


def with_result(page: str, suite: str, text: str) -> str:
    """Return a page with a result in place of the one between the markers of its suite.

    Raises:
        ValueError: If the page does not have the markers once.
    """
    begin, end = f"<!-- {suite} -->", f"<!-- /{suite} -->"
    new, count = re.subn(
        f"{begin}.*?{end}", lambda _: f"{begin}\n{text}{end}", page, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError(f"expected {begin} … {end} once, found it {count} times")
    return new


if __name__ == "__main__":
    main()
