"""Each test is run by exactly one of `make test`, `make test-rest` and `make test-slow`."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from itertools import product
from pathlib import Path

import pytest

from tests.conftest import REST

ROOT = Path(__file__).parents[2]


def selections() -> dict[str, str]:
    """Target of the Makefile -> which tests it selects by their marks."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.findall(r'^(test[a-z-]*):(?:.*\n\t)+?\$\(PYTEST\) -m "?([a-z ]+)"?$', makefile, re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize(("rest", "slow"), list(product([False, True], repeat=2)))
def test_a_test_with_any_marks_is_run_by_exactly_one_target(rest: bool, slow: bool) -> None:
    assert selections().keys() == {"test", "test-rest", "test-slow"}
    chosen = [name for name, marks in selections().items() if eval(marks, {"rest": rest, "slow": slow})]
    assert chosen == ["test-slow" if slow else "test-rest" if rest else "test"]


@pytest.mark.parametrize("pattern", REST)
def test_each_pattern_of_the_table_matches_a_file(pattern: str) -> None:
    files = (path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
    assert any(fnmatch(file, pattern) for file in files)
