"""A source makes a new policy each time, here and in a worker."""

import pickle
from pathlib import Path

import pytest

from atari_cli.errors import UnknownPolicy
from atari_cli.model import PolicySource
from atari_cli.policies import find_policy
from atari_cli.policies.source import read_text


@pytest.mark.parametrize(
    ("spec", "deterministic"),
    [
        ("random", False),
        ("noop", True),
        ("tracker", True),
        ("repeat:fire", True),
        ("script:{folder}/moves.txt", True),
        ("{folder}/mine.py", None),
        ("json:loads", None),
    ],
)
def test_a_source_keeps_its_name_and_can_be_pickled(
    spec: str, deterministic: bool | None, tmp_path: Path
) -> None:
    (tmp_path / "moves.txt").write_text("FIRE 2")
    (tmp_path / "mine.py").write_text("class Policy:\n    def __call__(self, seen): return 0\n")
    spec = spec.format(folder=tmp_path)
    source = pickle.loads(pickle.dumps(find_policy(spec, "breakout")))
    assert isinstance(source, PolicySource)
    assert (source.name, source.deterministic) == (spec, deterministic)
    assert callable(source.load())
    assert spec == "json:loads" or source.load() is not source.load()


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    with pytest.raises(UnknownPolicy, match=r"cannot read the script '.*': it is not UTF-8 text"):
        read_text("script", str(tmp_path / "latin.txt"))
    with pytest.raises(UnknownPolicy, match=r"cannot read the policy '.*': No such file"):
        read_text("policy", str(tmp_path / "none.py"))
