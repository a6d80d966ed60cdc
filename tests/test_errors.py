"""The docstring draws the actual tree of errors, and errors keep their data when pickled."""

import inspect
import pickle
import re

from atari_cli import errors
from atari_cli.errors import AtariError, PolicyFailed, ReplayMismatch

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, AtariError)
}


def test_the_drawn_tree_has_every_class_below_its_parent() -> None:
    drawn = re.findall(r"^ {4}([│├└─ ]*)(\w+)", errors.__doc__ or "", re.MULTILINE)
    assert {name for _, name in drawn} == set(CLASSES)
    parents: list[str] = []
    for branch, name in drawn:
        depth = len(branch) // 4
        del parents[depth:]
        if parents:
            assert CLASSES[name].__bases__[0].__name__ == parents[-1]
        parents.append(name)


def test_errors_can_be_pickled_with_their_data() -> None:
    failed = pickle.loads(pickle.dumps(PolicyFailed("it raised", "Traceback …")))
    assert (str(failed), failed.details) == ("it raised", "Traceback …")
    mismatch = pickle.loads(pickle.dumps(ReplayMismatch(7, ("hashes", "lives"))))
    assert str(mismatch) == "step 7 differs in hashes, lives"
    assert mismatch.step == 7
