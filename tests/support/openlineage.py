"""A receiver of OpenLineage events, and a check that they match the specification.

The client's classes are generated from the specification's JSON schemas, facet by facet. Each event that arrives is
built again from them, with nothing missing, nothing unknown and nothing of another type.
"""

from __future__ import annotations

import json
import pkgutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import import_module
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import attr
from openlineage.client import generated
from openlineage.client.event_v2 import RunEvent
from openlineage.client.generated.base import BaseFacet

from tests.support.odd_servers import serving
from tests.support.openlineage_rules import EVENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.odd_servers import Answers, Handler

ENDS = {"COMPLETE", "FAIL", "ABORT"}


@dataclass
class Received:
    """What a receiver got.

    Attributes:
        url: its address.
        events: in order.
        calls: path and headers of each request.
    """

    url: str
    calls: list[tuple[str, dict[str, str]]]
    events: list[dict[str, Any]] = field(default_factory=list)


def thanks(ask: Handler) -> None:
    """What a receiver answers."""
    ask.whole(201)


@contextmanager
def receiving(answers: Answers = thanks) -> Iterator[Received]:
    """A receiver, while the block runs; it keeps each event, then answers."""

    def keep(ask: Handler) -> None:
        received.events.append(json.loads(ask.rfile.read(int(ask.headers["Content-Length"]))))
        answers(ask)

    with serving(keep) as server:
        received = Received(server.url, server.seen)
        yield received


def events_in(file: Path) -> list[dict[str, Any]]:
    """The events in a file, one a line."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def short(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """State and job of each event."""
    return [(event["eventType"], event["job"]["name"]) for event in events]


def check(events: list[dict[str, Any]]) -> None:
    """Fail if one is not as the specification says, or a run has not one beginning and then one end.

    A run's end names no input that its beginning did not name, and columns come from inputs of the same event.
    """
    states: dict[str, list[str]] = {}
    began: dict[str, set[tuple[str, str]]] = {}
    for event in events:
        assert [fault.message for fault in EVENT.iter_errors(event)] == []
        built = _build(RunEvent, event, "event")
        assert urlsplit(built.producer).scheme
        states.setdefault(built.run.runId, []).append(event["eventType"])
        inputs = {(one["namespace"], one["name"]) for one in event["inputs"]}
        assert inputs <= began.setdefault(built.run.runId, inputs), inputs
        assert _sources(event) <= inputs
    for run, seen in states.items():
        assert len(seen) == 2, (run, seen)
        assert seen[0] == "START", seen
        assert seen[1] in ENDS, seen


def _sources(event: dict[str, Any]) -> set[tuple[str, str]]:
    """The data sets that columns of the event's outputs come from."""
    lineages = [one["facets"]["columnLineage"] for one in event["outputs"] if "columnLineage" in one["facets"]]
    fields = [one for lineage in lineages for column in lineage["fields"].values() for one in column["inputFields"]]
    fields += [one for lineage in lineages for one in lineage["dataset"]]
    return {(one["namespace"], one["name"]) for one in fields}


@cache
def _facets() -> dict[str, type[BaseFacet]]:
    """Address of a facet's schema -> its class."""
    found = {}
    for module in pkgutil.iter_modules(generated.__path__, f"{generated.__name__}."):
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, BaseFacet):
                found[thing._get_schema()] = thing
    return found


def _build(kind: Any, value: Any, place: str) -> Any:
    """The value as one of `kind`: a class of the client, or what its annotations say."""
    origin, arguments = get_origin(kind), get_args(kind)
    built = value
    if origin in {Union, UnionType}:
        (only,) = (one for one in arguments if one is not NoneType)
        built = None if value is None else _build(only, value, place)
    elif origin is list:
        assert isinstance(value, list), place
        built = [_build(arguments[0], one, f"{place}[{number}]") for number, one in enumerate(value)]
    elif origin is dict:
        assert isinstance(value, dict), place
        built = {key: _build(arguments[1], one, f"{place}.{key}") for key, one in value.items()}
    elif isinstance(kind, type) and issubclass(kind, Enum):
        built = kind(value)
    elif attr.has(kind):
        built = _instance(kind, value, place)
    elif kind is not Any:
        assert isinstance(value, (int, float) if kind is float else kind), f"{place}: {value!r} is no {kind}"
        assert not isinstance(value, bool) or kind is bool, place
    return built


def _instance(kind: Any, value: Any, place: str) -> Any:
    assert isinstance(value, dict), place
    if issubclass(kind, BaseFacet):
        named = _facets().get(value["_schemaURL"])
        assert named is not None, f"{place}: no such facet {value['_schemaURL']}"
        assert issubclass(named, kind), f"{place}: {named} does not belong here"
        assert place.rpartition(".")[2].replace("_", "").casefold() in named.__name__.casefold(), (place, named)
        kind = named
    hints, fields = get_type_hints(kind), {one.name: one for one in attr.fields(kind)}
    assert value.keys() <= fields.keys(), f"{place}: unknown {value.keys() - fields.keys()}"
    given = {}
    for name, one in fields.items():
        if name not in value:
            assert one.default is not attr.NOTHING, f"{place}: no {name}"
        elif one.init:
            given[one.alias] = _build(hints[name], value[name], f"{place}.{name}")
    return kind(**given)
