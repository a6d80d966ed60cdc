"""The phrases that the project's prose must not use, each with its better wording."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

BE = r"(?:is|are|was|were|be|been|being)"
PHRASES = {
    # Verbs.
    rf"\b{BE} told\b|\btells?\b(?! apart)|\btelling\b|\btold\b": "notify, report, describe, send",
    r"\bstands?\b(?! (?:in )?for\b| out\b|-ins?\b)|\bstanding\b(?! out)|\bstood\b": "is, are",
    r"\b(?:go|goes|going|went|gone) on\b": "continue, resume",
    r"\blook(?:s|ed|ing)? on\b|\bonlookers?\b|\ba look at\b": "watch, spectator",
    rf"\bit {BE} looked\b|\b{BE} looked at\b": "check",
    r"\bit raises as\b": "Raises: as `name`.",
    rf"\b{BE} shown moments?\b": "is sent snapshots",
    r"\b(?:come|comes|came|coming) to (?:its|an|the|their) end\b": "end, finish",
    r"\b(?:comes?|sent|sends?) (?:of|by) (?:itself|themselves)\b": "unasked, automatically",
    r"\b(?:breaks?|broken?|breaking) off\b": "interrupt, abort, fail",
    r"\b(?:go|goes|went) by the name\b": "“host name X is not allowed”",
    r"\b(?:answers?|opens?) no [\w/]+": "“does not answer a …”",
    r"\bno \w+ (?:came|comes)\b": "is missing, was not received",
    r"\b(?:frames|steps|seconds|tries) are over\b": "“the limit is reached”",
    r"\b(?:called|used|given|made) so\b": "this way",
    r"\bhave [\w` ]{1,30} (?:do|played|sent|made) by\b": "active voice",
    # Words.
    r"\bso many\b": "the number of, that many",
    r"(?<!\bsays )(?<!\bsay )(?<!\breports )(?<!\bso )\b(?:that|as) there (?:are|is|may be)\b": (
        "leave it out: “active sessions”"
    ),
    r"\banew\b": "again, re-…",
    r"\bafresh\b": "again, in a new process",
    r"\bwhoever\b|\bwhomever\b|\bwhom\b": "anyone who, the client that",
    r"\b(?:by|of|without|no) chance\b": "at random, randomness",
    r"(?<!\ba )\blots?\b": "batch",
    r"(?<!\bany )(?<!\bthe )(?<!\bthis )(?<!\bone )(?<!\bfor a )\bmoments?\b|\bthe moment of\b": (
        "snapshot, time"
    ),
    r"\bthe like\b": "name them, or “similar”",
    r"\bof (?:its|his|her|their|our|your|my) own\b": "its own …, separate",
    r"\bbeside\b": "next to, in addition to, with",
    r"\bfrom then on\b": "afterwards, from that step",
    r"\bevery now and then\b": "periodically",
    r"\btwice is (?:fine|harmless|allowed)\b": "idempotent: calling it again does nothing",
    r"\bbut for\b": "except for, apart from",
    r"\bwhat is held\b": "held input",
    r"\bwhither\b|\bwhence\b": "where, in which direction",
    r"\bno proper\b": "invalid",
    r"\bwrong usage\b|\bwrong use\b|\bused wrongly\b|\bin a way that it\b": "incorrect use",
    r"(?:^|[.;:] )(?-i:Who) (?!(?:is|are|was|has|chose|acted)\b)\w+s \w+": "“A person who …”",
    # None, nothing and negatives.
    r"\b(?-i:None) is (?:that|the|a|an|for|to|where|when|any|all|no|of|with)\b": "None if …",
    r"(?<!\bstep )(?<!\bwhere )(?<![\d.])\b0 is (?:never|none|no|not|that|for|the)\b": "0 means …",
    rf"(?<!\bthere )\b{BE} (?:given )?(?-i:none)\b": "there is no …, is empty",
    rf"(?<!\bthere )\b{BE} no (?!(?:longer|more|less|different|other|better|larger|smaller|"
    r"faster|slower|bigger|further|doubt|need|use)\b)\w+": "is not a …",
    rf"\b{BE} (?:there already|already there)\b": "already exists",
}
BEGINNINGS = {
    r"^(?-i:Return|Yield|Give|Add|Say|List|Write)s? (?:what|whatever)\b": "name it: “Return the …”",
    r"^(?-i:What|Whom|Of what|To what|With what)\b(?!.*\?$)": "name it: “The …”, “Settings of …”",
    r"^(?-i:How often|After how many|How long) .*\bit is\b": "“How often to …”, “Do X every N …”",
}
"""How a docstring, a comment or a help text must not begin; an argument's description may."""

PROVING = {r"\bprov(?:e|es|ed|ing)\b": "verify, compare"}
"""Allowed in README.md alone."""

EXAMPLES = [
    ("Listeners are told of each step.", "notify"),
    ("The text is no JSON.", "is not a"),
    ("Frames; 0 is never.", "0 means"),
    ("The policy; None is that of the game.", "None if"),
    ("Each has a thread of its own.", "its own"),
    ("Whoever asks is served.", "the client that"),
]
"""Sentences with a refused phrase, and a part of the better wording."""

SOURCES = [
    ("page.js", "/** Return one.\n\n * It has\n * a queue of its own. */"),
    ("page.js", 'const quote = /[`"]/;\n// The first.\n// Each has a queue of\n// its own.'),
    ("page.js", "\n\nshow(`Each of ${many} has a queue of its own.`);"),
    ("page.css", "a {}\n\n/* A queue of its own. */"),
    ("page.html", '<p>\n<br>\n<b title="A queue of its own">queue</b></p>'),
    ("page.html", "<p>\n</p>\n<p>A queue of its own.</p>"),
    ("build.sh", "set -e\n\n# A queue of\n# its own."),
    ("build.sh", "set -e\n\necho 'A queue of its own.'"),
]
"""Names and texts of files with one refused phrase, in the second or third line."""


class Prose(NamedTuple):
    """A piece of text for people, and the line on which it begins."""

    line: int
    text: str


def faults(file: Path) -> Iterator[str]:
    """Yield `line: phrase: better wording` for each refused phrase of a file."""
    refused = PHRASES if file.name == "README.md" else {**PHRASES, **PROVING}
    beginnings = {} if file.suffix == ".md" else BEGINNINGS
    for prose in READERS.get(file.suffix, hash_prose)(file.read_text("utf-8")):
        for number, (line, sentence) in enumerate(paragraphs(prose)):
            for pattern, better in (refused if number else {**refused, **beginnings}).items():
                for match in re.finditer(pattern, sentence, re.IGNORECASE):
                    near = sentence[max(0, match.start() - 30) : match.end() + 30]
                    yield f"{line}: “{match[0]}” in “…{near}…”: {better}"


def python_prose(source: str) -> Iterator[Prose]:
    """Yield comments, docstrings, names of tests, and strings of at least three words."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Prose(token.start[0], token.string.lstrip("# "))
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            sentence = function.name.removeprefix("test_").replace("_", " ").capitalize()
            yield Prose(function.lineno, sentence)
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {part for node in joined for part in node.values}
    for node in joined:
        texts = (str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        yield Prose(node.lineno, "".join(texts))
    for constant in ast.walk(tree):
        if isinstance(constant, ast.Constant) and constant not in parts:
            text = constant.value
            if isinstance(text, str) and len(text.split()) >= 3:
                yield Prose(constant.lineno, text)


def markdown_prose(source: str) -> Iterator[Prose]:
    """Yield the text outside fenced blocks."""
    fence = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
    yield Prose(1, fence.sub(lambda match: "\n" * match[0].count("\n"), source))


def script_prose(source: str) -> Iterator[Prose]:
    """Yield comments of JavaScript or CSS, and strings of at least three words."""
    regex = r"(?<=[(=,:;!&|?\s])/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/"
    strings = r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`"""
    comments = r"/\*.*?\*/|//[^\n]*(?:\n *//[^\n]*)*"
    for match in re.finditer(f"{comments}|{regex}|{strings}", source, re.DOTALL):
        line = source.count("\n", 0, match.start()) + 1
        if match[0].startswith(("//", "/*")):
            yield Prose(line, re.sub(r"^ *(?://|/?\*+/?)|\*/$", "", match[0], flags=re.MULTILINE))
        elif match[0][0] != "/" and len(match[0].split()) >= 3:
            yield Prose(line, re.sub(r"\$\{.*?\}", "X", match[0][1:-1]))


def html_prose(source: str) -> Iterator[Prose]:
    """Yield comments, texts, and attributes of at least three words."""
    found: list[Prose] = []

    class Reader(HTMLParser):
        def note(self, data: str) -> None:
            found.append(Prose(self.getpos()[0], data))

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for _, value in attrs:
                if value and len(value.split()) >= 3:
                    self.note(value)

        handle_data = handle_comment = note

    Reader().feed(source)
    yield from found


def hash_prose(source: str) -> Iterator[Prose]:
    """Yield comments that begin with `#`, and strings of at least three words."""
    for match in re.finditer(r"(?:^|(?<=\s))#+ [^\n]*(?:\n *#+ [^\n]*)*", source, re.MULTILINE):
        line = source.count("\n", 0, match.start()) + 1
        yield Prose(line, re.sub(r"^ *#+ ", "", match[0], flags=re.MULTILINE))
    for match in re.finditer(r"""'[^'\n]*'|"[^"\n]*\"""", source):
        if len(match[0].split()) >= 3:
            yield Prose(source.count("\n", 0, match.start()) + 1, match[0][1:-1])


READERS: dict[str, Callable[[str], Iterator[Prose]]] = {
    ".md": markdown_prose,
    ".py": python_prose,
    ".js": script_prose,
    ".css": script_prose,
    ".html": html_prose,
}
"""The reader of each kind of file; other files have comments that begin with `#`."""


def paragraphs(prose: Prose) -> Iterator[Prose]:
    """Yield the paragraphs, list items and rows of a text, without inline code."""
    mark = r"(?:[-*] |\d+\. |#+ |\w+: (?=[A-Z]))"
    start, words = prose.line, list[str]()
    for number, raw in enumerate([*prose.text.splitlines(), ""], prose.line):
        line = raw.strip()
        if words and (not line or re.match(rf"{mark}|\|", line)):
            yield Prose(start, re.sub(r"`[^`]*`", "X", " ".join(words)))
            words = []
        if line:
            start = start if words else number
            words.append(re.sub(rf"^{mark}", "", line))
