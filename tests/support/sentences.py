"""The sentences in the source of modules: each text with a few words, with a blank for every value in it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BLANK = "\0"
"""Stands for a value in a sentence."""

_WORD = re.compile(r"(?<![\w.\-/'=])[A-Za-z][a-z']+(?![\w.\-/=(|])")
_FEWEST = 3
_MOST = 64
_STRINGS = (ast.JoinedStr, ast.Constant, ast.BinOp, ast.IfExp)


@dataclass(frozen=True, order=True)
class Sentence:
    """A sentence, and the line where it begins."""

    line: int
    text: str


def sentences_of(module: Path) -> list[Sentence]:
    """The sentences of a module, without docstrings; one for each way in which its parts may be put together."""
    return sorted(set(_Reader(ast.parse(module.read_text("utf-8"))).sentences()))


def left_in_english(sentence: str, portuguese: str) -> list[str]:
    """Four words in a row of the sentence that still stand in its translation."""
    words = re.findall(r"(?=((?<![\w.\-/])[a-z']+(?: [a-z']+){3}))", sentence)
    return [one for one in words if one in portuguese and not one.startswith("trustedlake")]


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._constants = dict(_assigned(tree.body))
        self._used: set[ast.AST] = set()

    def sentences(self) -> Iterator[Sentence]:
        scopes = [one for one in ast.walk(self._tree) if isinstance(one, ast.FunctionDef)]
        found: dict[ast.expr, list[str]] = {}
        for scope in (*scopes, self._tree):
            names = self._names(scope)
            for node in ast.walk(scope):
                if isinstance(node, _STRINGS) and node not in found and _is_text(node):
                    found[node] = self._spelled(node, names)
        silent = (
            self._used | {part for node in found for part in ast.walk(node) if part is not node} | set(self._docs())
        )
        for node, texts in found.items():
            if node not in silent:
                yield from (Sentence(node.lineno, text) for text in texts if _words(text) >= _FEWEST)

    def _names(self, scope: ast.AST) -> dict[str, list[ast.expr]]:
        body = [one for one in ast.walk(scope) if isinstance(one, ast.stmt)] if scope is not self._tree else []
        names: dict[str, list[ast.expr]] = {}
        for name, value in _assigned(body):
            names.setdefault(name, []).append(value)
        return names

    def _docs(self) -> Iterator[ast.expr]:
        return (one.value for one in ast.walk(self._tree) if isinstance(one, ast.Expr))

    def _spelled(self, node: ast.expr, names: dict[str, list[ast.expr]]) -> list[str]:
        """All texts that an expression may have."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else [BLANK]
        if isinstance(node, ast.JoinedStr):
            return self._product(
                (one.value if isinstance(one, ast.FormattedValue) else one for one in node.values), names
            )
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._product((node.left, node.right), names)
        if isinstance(node, ast.IfExp):
            return [text for one in (node.body, node.orelse) for text in self._spelled(one, names)]
        if isinstance(node, ast.Name):
            values = names.get(node.id) or ([self._constants[node.id]] if node.id in self._constants else [])
            if values and all(map(_is_text, values)):
                self._used.update(part for value in values if node.id in names for part in ast.walk(value))
                rest = {name: value for name, value in names.items() if name != node.id}
                return [text for value in values for text in self._spelled(value, rest)]
        return [BLANK]

    def _product(self, parts: Iterable[ast.expr], names: dict[str, list[ast.expr]]) -> list[str]:
        texts = [self._spelled(one, names) for one in parts]
        return list(dict.fromkeys("".join(one) for one in product(*texts)))[:_MOST]


def _assigned(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for one in body:
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            (target,) = one.targets
            if isinstance(target, ast.Name):
                yield target.id, one.value
            elif isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
                pairs = zip(target.elts, one.value.elts, strict=True)
                yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr)


def _words(text: str) -> int:
    return len(_WORD.findall(text))
