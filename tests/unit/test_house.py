"""The tree matches the architecture page: drawn from the code, without import cycles, one name for one thing."""

from __future__ import annotations

import ast
import re
import runpy
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src/trustedlake"
PAGE = ROOT / "docs/explanation/architecture.md"


@cache
def modules() -> dict[str, ast.Module]:
    """Dotted name below the package -> its code."""
    return {
        ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): ast.parse(file.read_text())
        for file in PACKAGE.rglob("*.py")
    }


def imports(code: ast.Module) -> set[str]:
    """Modules of the package that the code imports, for types too."""
    found = set()
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("trustedlake."):
            module = node.module.removeprefix("trustedlake.")
            inner = {f"{module}.{name.name}" for name in node.names} & set(modules())
            found |= inner or {module}
    return found


def test_imports_have_no_cycles_even_for_types() -> None:
    waiting = {name: imports(code) - {name} for name, code in modules().items()}
    while free := [name for name, others in waiting.items() if not others & set(waiting)]:
        for name in free:
            del waiting[name]
    assert sorted(waiting) == [], "these import each other"


LINES = 250
"""Two files that are only read together are one file, if that has no more lines than this."""


def test_a_short_file_that_only_its_neighbour_imports_is_part_of_it() -> None:
    importers = defaultdict(set)
    at_start = {}
    for name, code in modules().items():
        for other in imports(code) - {name}:
            importers[other].add(name)
        lazy = (ast.FunctionDef, ast.ClassDef)
        at_start[name] = imports(ast.Module([node for node in code.body if not isinstance(node, lazy)], []))
    length = {name: code.body[-1].end_lineno or 0 for name, code in modules().items() if code.body}
    found = [
        f"{name} and {only}"
        for name, (only, *others) in importers.items()
        if not others
        and only.rpartition(".")[0] == name.rpartition(".")[0]
        and name in at_start[only]
        and length[name] + length[only] <= LINES
    ]
    assert found == []


def test_no_test_module_imports_another() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {line}"
        for file in (ROOT / "tests").rglob("*.py")
        for line in re.findall(r"^\s*(?:from|import) tests\.(?:\w+\.)*test_\w+.*", file.read_text(), re.MULTILINE)
    ]
    assert found == [], "what tests share belongs into tests/support, or a fixture into a conftest.py"


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for name, code in modules().items():
        for node in code.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


SAME_THING = {
    "audit": "its findings, the use case, the command",
    "auditing": "the rooms of the audit",
    "base": "what the room's classes are made from",
    "catalog": "its entries, the command",
    "cataloging": "the rooms of the catalog",
    "contract": "the model, the commands",
    "doctor": "its checks, the use case, the command",
    "history": "the lines of it, the use case",
    "ingest": "the query and the certificate, the use case",
    "lake": "its folders, opening one",
    "overview": "the model, the use case",
    "page": "the room, and its main module",
    "quarantine": "the use case, the command",
    "query": "SQL by DuckDB, the command",
    "report": "the model, the command",
    "status": "the model, the use case, the command",
    "tmdb": "TMDB over HTTP, and its simulator",
    "to_trusted": "the use case, the command",
}
"""Names that modules of several layers have, for one thing in each."""


def test_only_listed_modules_share_a_name_across_layers() -> None:
    places = defaultdict(list)
    for name in modules():
        places[name.rpartition(".")[2]].append(name)
    assert {name for name, found in places.items() if name and len(found) > 1} == set(SAME_THING)


def test_the_architecture_picture_is_drawn_from_the_code() -> None:
    drawn = runpy.run_path(str(ROOT / "docs/site/draw_rooms.py"))
    assert drawn["TARGET"].read_text(encoding="utf-8") == drawn["draw"](), "python docs/site/draw_rooms.py"


ROWS = [
    (wish, file)
    for wish, files in re.findall(r"^\| (.+?) \| (`src/.+`) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for file in re.findall("`(.+?)`", files)
]
STEPS = re.findall(r"^\| (\d+\. \w+) \| .+ \| `(.+?)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("wish", "file"), ROWS)
def test_each_row_of_the_page_names_an_existing_file(wish: str, file: str) -> None:
    assert (ROOT / file).is_file()


def test_the_page_has_ten_steps_and_at_least_thirty_rows() -> None:
    assert [int(step.split(".")[0]) for step, _ in STEPS] == list(range(1, 11))
    assert all((PACKAGE / file).is_file() for _, file in STEPS)
    assert len({wish for wish, _ in ROWS}) >= 30


def test_no_list_of_choices_is_written_twice() -> None:
    found = defaultdict(list)
    for name, code in modules().items():
        for node in ast.walk(code):
            match node:
                case ast.Subscript(value=ast.Name("Literal"), slice=ast.Tuple(elts=values)):
                    found[tuple(map(ast.unparse, values))].append(name)
                case ast.Call(func=ast.Attribute(attr="Choice"), args=[ast.List(elts=values)]):
                    found[tuple(map(ast.unparse, values))].append(name)
    # The simulator stands for another program, so it shares no words with ours.
    ours = {values: [one for one in names if not one.startswith("simulators.")] for values, names in found.items()}
    twice = {values: names for values, names in ours.items() if len(names) > 1}
    assert twice == {}, "one Literal in models/choices.py, and get_args of it"
