"""The list of deliberate breakages is up to date, and the named test catches each of them."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from tests.mutations import MUTATIONS, PACKAGE, PAGE, REPO, Mutation, Outcome, mutated, page, try_out

SAMPLE = {"the ledger is written before the moves", "no raw file at all is a success"}

each = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)


@each
def test_the_text_to_change_occurs_once_and_the_result_is_valid_python(mutation: Mutation) -> None:
    text = (PACKAGE / mutation.file).read_text(encoding="utf-8")
    changed = mutated(text, mutation)
    assert changed != text
    ast.parse(changed)


@each
def test_the_named_test_exists(mutation: Mutation) -> None:
    path, *names = mutation.test.partition("[")[0].split("::")
    scope: ast.Module | ast.ClassDef = ast.parse((REPO / path).read_text(encoding="utf-8"))
    for name in names[:-1]:
        scope = next(one for one in scope.body if isinstance(one, ast.ClassDef) and one.name == name)
    assert names[-1] in {one.name for one in scope.body if isinstance(one, ast.FunctionDef)}


def test_the_page_lists_the_mutations() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.mutations --write"
    assert len({one.what for one in MUTATIONS}) == len(MUTATIONS) >= 10


def test_a_harmless_change_survives_and_a_missing_test_does_not_count() -> None:
    harmless = replace(MUTATIONS[-1], new=f"    # harmless\n{MUTATIONS[-1].old}")
    assert try_out(harmless) is Outcome.SURVIVED
    assert try_out(replace(harmless, test=f"{harmless.test}_not")) is Outcome.BROKEN
    with pytest.raises(ValueError, match="occurs 0 times, not once"):
        mutated("something else", harmless)


@pytest.mark.parametrize(
    "mutation",
    [pytest.param(one, id=one.what, marks=() if one.what in SAMPLE else pytest.mark.slow) for one in MUTATIONS],
)
def test_each_mutation_is_caught(mutation: Mutation) -> None:
    assert try_out(mutation) is Outcome.CAUGHT
