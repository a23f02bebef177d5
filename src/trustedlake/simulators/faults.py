"""Scripted faults: which call fails, how and how often, and what the faulty answer looks like."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from trustedlake.errors import ConfigError
from trustedlake.simulators.calls import Reply, error
from trustedlake.simulators.invented import Draws

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path


Kind = Literal[
    "429",
    "429-seconds",
    "429-date",
    "500",
    "502",
    "503",
    "504",
    "html-200",
    "html-502",
    "truncated",
    "invalid-json",
    "wrong-content-type",
    "reset",
    "slow",
    "gone",
    "401",
    "403",
]
"""What goes wrong: 429 without `Retry-After`, with seconds, with a date; server errors; HTML from the edge server; a
body that is cut short or not JSON; valid JSON labelled as HTML; a reset connection; a late answer; a film that is gone
for good (404); a key without rights (401 code 3); a suspended account (403)."""

KINDS: tuple[Kind, ...] = get_args(Kind)
FATAL_KINDS: tuple[Kind, ...] = ("401", "403")
"""Faults after which a client must stop."""
PASSING_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in {*FATAL_KINDS, "gone"})
"""Faults that pass: the same call succeeds when it is made again."""

MOST_IN_A_ROW = 3
"""A fault with a rate strikes the same call at most this often in a row: the fourth attempt succeeds."""
_DETAILS = re.compile(r"/3/(movie|tv)/[0-9]+(/keywords)?(\?|$)")


class Fault(BaseModel):
    """A fault and the calls that it strikes: with a probability, certain calls by number, every n-th call, or all.

    Only calls that `match` are counted, and of these only the ones after the first `after`.

    Attributes:
        kind: what goes wrong.
        match: regular expression, searched in path and query, including `/3`, without the key.
        rate: probability for each attempt, 0 to 1. It depends on `seed`, call and attempt, not on the order of calls.
        at: numbers of the calls to strike, counted from 1.
        every: strike every n-th call.
        after: let this many calls through first.
        times: strike at most this often; None: no limit.
        seed: seed for `rate`.
        seconds: value of `Retry-After`, rounded up (`429-seconds`, `429-date`), or the delay of a `slow` answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    match: str = ""
    rate: float | None = Field(default=None, ge=0, le=1)
    at: frozenset[int] = frozenset()
    every: int = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=0)
    seed: int = 0
    seconds: float = Field(default=1.0, ge=0)

    @field_validator("match")
    @classmethod
    def _compiles(cls, match: str) -> str:
        try:
            re.compile(match)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return match

    def concerns(self, call: str) -> bool:
        """Return whether this fault may strike the call (path and query)."""
        return re.search(self.match, call) is not None and (self.kind != "gone" or _DETAILS.match(call) is not None)


def mixed(
    rate: float = 0.1, *, kinds: Sequence[Kind] = PASSING_KINDS, seed: int = 0, seconds: float = 1.0
) -> list[Fault]:
    """Return faults that together strike this share of the calls, each kind equally often."""
    return [Fault(kind=kind, rate=rate / len(kinds), seed=seed, seconds=seconds) for kind in kinds]


def load(path: Path) -> list[Fault]:
    """Read a script: a JSON list of faults.

    Raises:
        ConfigError: there is no such file, or it is not a list of faults; the message says which fault and why.
    """
    try:
        return TypeAdapter(list[Fault]).validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="name a JSON file with a list of faults") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        example = json.dumps([{"kind": "429-seconds", "rate": 0.1, "seconds": 2}])
        raise ConfigError(f"{path}: {place}: {first['msg']}", hint=f"a script is a list like {example}") from error


class Script:
    """Decides for each call which fault strikes; the first one wins. Safe to use from many threads."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._seen = Counter[int]()
        self._struck = Counter[int]()
        self._attempts = Counter[str]()
        self._in_a_row = Counter[str]()
        self._lock = Lock()

    def strikes(self, call: str) -> Fault | None:
        """Return the fault that strikes this attempt of a call (path and query without the key), or None."""
        if not self._faults:
            return None
        with self._lock:
            self._attempts[call] += 1
            chosen = None
            for place, fault in enumerate(self._faults):
                if fault.concerns(call):
                    self._seen[place] += 1
                    if chosen is None and self._hits(place, fault, call):
                        self._struck[place] += 1
                        chosen = fault
            self._in_a_row[call] = self._in_a_row[call] + 1 if chosen else 0
            return chosen

    def _hits(self, place: int, fault: Fault, call: str) -> bool:
        turn = self._seen[place] - fault.after
        if turn < 1 or (fault.times is not None and self._struck[place] >= fault.times):
            return False
        if fault.rate is not None:
            drawn = Draws(fault.seed, place, fault.kind, call, self._attempts[call]).share()
            return drawn < fault.rate and self._in_a_row[call] < MOST_IN_A_ROW
        if fault.at:
            return turn in fault.at
        return turn % fault.every == 0


HTML_TYPE = "text/html"
EDGE_PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>edge</body></html>\n"
_CODES: Mapping[Kind, int] = {"429": 25, "500": 11, "502": 43, "503": 9, "504": 24, "401": 3, "403": 45}
"""Kind of fault -> TMDB's code in the error body."""


def spoil(fault: Fault, answer: Reply, now: datetime) -> Reply:
    """Apply the fault to the answer; `slow` and `gone` don't change it, since they act elsewhere."""
    kind = fault.kind
    if kind in _CODES:
        return error(_CODES[kind])
    if kind in {"429-seconds", "429-date"}:
        wait = ceil(fault.seconds)
        at = format_datetime(now + timedelta(seconds=wait), usegmt=True)
        return error(25, headers={"Retry-After": str(wait) if kind == "429-seconds" else at})
    if kind in {"html-200", "html-502"}:
        return Reply(int(kind.removeprefix("html-")), EDGE_PAGE, HTML_TYPE)
    return _damaged(kind, answer)


def _damaged(kind: Kind, answer: Reply) -> Reply:
    half = len(answer.body) // 2
    changes: dict[Kind, dict[str, Any]] = {
        "truncated": {"body": answer.body[:half], "missing": len(answer.body) - half},
        "invalid-json": {"body": answer.body[:half]},
        "wrong-content-type": {"content_type": HTML_TYPE},
        "reset": {"reset": True},
    }
    return replace(answer, **changes.get(kind, {}))
