import pickle
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from atari_cli.errors import UnknownPolicy
from atari_cli.policies import find_policy
from tests.policies.conftest import Play

EXAMPLE = Path(__file__).parents[2] / "examples" / "policies" / "follow_ball.py"

FUNCTION = "def policy(observation):\n    return 3\n"
CLASS = """
class Policy:
    def __init__(self):
        self.action = 0

    def reset(self, seed):
        self.action = seed

    def __call__(self, observation):
        return self.action
"""

Write = Callable[..., str]


@pytest.fixture(autouse=True)
def no_traces_in_the_interpreter() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(text: str, name: str = "my_policy.py") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return file


def load(spec: str) -> Any:
    return find_policy(spec, "breakout").load()


def test_a_function_called_policy_is_the_policy(write: Write, play: Play) -> None:
    assert play(load(write(FUNCTION)), 3) == [3, 3, 3]


def test_a_class_is_instantiated_and_can_be_reset(write: Write, play: Play) -> None:
    policy = load(write(CLASS))
    assert play(policy, 2) == [0, 0]
    policy.reset(4)
    assert play(policy, 2) == [4, 4]


@pytest.mark.parametrize(
    "text",
    [
        "def policy(o): return 3\ndef other(o): return 1",
        "class Policy:\n    def __call__(self, o): return 3\ndef other(o): return 1",
        "from math import *\ndef _helper(): return 3\ndef anything(o): return _helper()",
        "import functools\ndef _f(a, o): return a\npolicy = functools.partial(_f, 3)",
        "from dataclasses import dataclass\n@dataclass\nclass Mine:\n    action: 'int' = 3\n"
        "    def __call__(self, o): return self.action",
    ],
)
def test_the_policy_is_chosen_by_name_or_as_the_only_one(text: str, write: Write) -> None:
    assert load(write(text))(None) == 3


def test_a_name_chooses_among_several(write: Write) -> None:
    file = write("def one(o): return 1\ndef two(o): return 2\nthree = lambda o: 3")
    assert [load(f"{file}:{name}")(None) for name in ("one", "two", "three")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("x = 1", "", "expected a function or class called policy or Policy, .* got none"),
        ("def one(o): 1\ndef two(o): 1", "", "got one, two; choose one with FILE.py:NAME"),
        ("def one(o): 1", ":two", "it has no 'two'; its functions and classes: one"),
        ("policy = 5", "", "expected a function of the observation or a class .*, got 5"),
        ("class Policy: pass", "", "expected a function of the observation or a class"),
        ("x = 1\ndef policy(o)\n    return 1", "", "line 2: SyntaxError: "),
        ("\nimport no_such_library", "", "line 2: ModuleNotFoundError: No module named 'no_such"),
        ("def f():\n    return 1 / 0\nf()", "", "line 2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", "", "line 2: SystemExit: 3"),
        ("class Policy:\n    def __init__(self, x): pass", "", "TypeError: .*missing 1 required"),
        ("raise ValueError('two\\nlines')", "", "line 1: ValueError: two$"),
        ("x = '\0'", "", "SyntaxError: source code string cannot contain null bytes"),
    ],
)
def test_a_policy_that_cannot_be_loaded_is_reported_in_one_line(
    text: str, name: str, message: str, write: Write
) -> None:
    spec = write(text) + name
    with pytest.raises(UnknownPolicy, match=message) as raised:
        load(spec)
    assert str(raised.value).startswith(f"cannot load the policy {spec}: ")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_bytes(b"\xff\xfe")
    with pytest.raises(UnknownPolicy, match="cannot read the policy .*: it is not UTF-8 text"):
        find_policy(str(tmp_path / "p.py"), "pong")


def test_finding_a_policy_does_not_run_it(write: Write) -> None:
    find_policy(write("raise RuntimeError"), "pong")


def test_the_source_contains_the_code_so_the_file_may_be_deleted(write: Write) -> None:
    file = write("def policy(observation):\n    raise KeyError('lost')  # here\n")
    packed = pickle.dumps(find_policy(file, "pong"))
    Path(file).unlink()
    policy = pickle.loads(packed).load()
    with pytest.raises(KeyError) as raised:
        policy(None)
    shown = "".join(traceback.format_exception(raised.value))
    assert f'File "{file}", line 2, in policy' in shown
    assert "raise KeyError('lost')  # here" in shown


def test_a_policy_can_import_modules_of_its_folder(write: Write) -> None:
    write("ACTION = 2", "neighbour_of_my_policy.py")
    file = write("from neighbour_of_my_policy import ACTION\ndef policy(o): return ACTION")
    assert load(file)(None) == 2


def test_a_module_is_found_in_the_working_directory(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "agents_here").mkdir()
    write(FUNCTION, "agents_here/simple.py")
    write(CLASS, "agents_here/stateful.py")
    monkeypatch.chdir(tmp_path)
    assert load("agents_here.simple:policy")(None) == 3
    assert load("agents_here.stateful:Policy")(None) == 0
    with pytest.raises(UnknownPolicy, match="cannot load .*: ModuleNotFoundError: No module"):
        load("agents_here.nothing:policy")
    with pytest.raises(UnknownPolicy, match="it has no 'x'; its functions .*: policy"):
        load("agents_here.simple:x")


def test_the_five_line_example_beats_random_play_in_breakout() -> None:
    from atari_cli.environment import AtariEnvironment

    policy = load(str(EXAMPLE))
    with AtariEnvironment("breakout", obs_type="ram", max_frames=2000) as environment:
        result = environment.reset(seed=0)
        score = 0.0
        while not result.done:
            result = environment.step(policy(result.observation))
            score += result.reward
    assert score > 2


def test_objects_of_a_policys_own_classes_can_be_pickled(tmp_path: Path) -> None:
    """Pickle finds a class by importing its module, whose name must have no dots."""
    path = tmp_path / "my.agent v1.2.py"
    path.write_text(
        "import pickle\n"
        "class Memory:\n    seen = 3\n"
        "memory = pickle.loads(pickle.dumps(Memory()))\n"
        "def policy(observation):\n    return memory.seen\n"
    )
    policy: Any = find_policy(str(path), "pong").load()
    assert policy(None) == 3


@pytest.mark.parametrize(
    "text",
    [
        "class Policy:\n"
        "    def __init__(self, action, more=0): self.action = action + more\n"
        "    def __call__(self, observation): return self.action\n",
        "def policy(observation, action, more=0): return action + more\n",
    ],
)
def test_a_policy_can_have_arguments(write: Write, play: Play, text: str) -> None:
    file = write(text)
    source = find_policy(file, "breakout", arguments={"action": 1, "more": 2})
    assert source.name == f"{file}(action=1,more=2)"
    assert play(pickle.loads(pickle.dumps(source)).load(), 2) == [3, 3]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("random", "the policy 'random' takes no arguments, got depth"),
        ("repeat:FIRE", "the policy 'repeat:FIRE' takes no arguments, got depth"),
        ("CLASS", "__init__() got an unexpected keyword argument 'depth'"),
    ],
)
def test_a_policy_that_takes_no_arguments_is_named(write: Write, spec: str, expected: str) -> None:
    spec = write(CLASS) if spec == "CLASS" else spec
    with pytest.raises(UnknownPolicy, match=re.escape(expected)):
        find_policy(spec, "breakout", arguments={"depth": 3}).load()
