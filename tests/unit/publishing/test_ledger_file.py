"""The ledger as a file: read with care, written by compare-and-set."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import FaultyStore, lose_answer
from tests.support.publishing import AFTER, BEFORE, PATHS, files_of, ledger_of, trusted
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.ledger_file import load_ledger, same, with_tags, write_ledger
from trustedlake.errors import ConflictError, InputError
from trustedlake.models.journal import JOURNAL_VERSION, Journal, StagingClaim
from trustedlake.models.ledger import LEDGER_VERSION, Ledger
from trustedlake.models.untaken import UNTAKEN_VERSION, AcceptedPlaces

if TYPE_CHECKING:
    from trustedlake.ports import ObjectStore

MANY_FILES = 10_000


@pytest.fixture
def store() -> ObjectStore:
    return MemoryStore(ManualClock())


def test_a_missing_ledger_is_none(store: ObjectStore) -> None:
    assert load_ledger(store, PATHS) == (None, None)
    assert load_ledger(store, PATHS, forgive=True) == (None, None)


def test_a_ledger_is_loaded_with_its_tag(store: ObjectStore) -> None:
    written = write_ledger(store, PATHS, ledger_of(BEFORE), before=None)
    found = store.head(PATHS.ledger)
    assert found is not None
    assert load_ledger(store, PATHS) == (written, found.tag) == (ledger_of(BEFORE), found.tag)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "EOF while parsing"),
        (b'{"version":1,"table":"t","parti', "EOF while parsing"),
        (b"\x00\x00\x00", "expected value"),
        (b'{"version":1}', "table: Field required"),
        (b'{"version":1,"table":"t","partitions":{"p":{"counts":{"trusted":"x"}}}}', "partitions.p.counts.trusted"),
        (b"[]", "Input should be an object"),
    ],
)
def test_a_damaged_ledger_is_named_with_a_hint(store: ObjectStore, data: bytes, said: str) -> None:
    tag = store.put(PATHS.ledger, data)
    with pytest.raises(InputError, match=f"ledger/tmdb_movies.json is damaged: .*{said}") as refused:
        load_ledger(store, PATHS)
    assert "--full-refresh" in refused.value.hint
    assert load_ledger(store, PATHS, forgive=True) == (None, tag)


@pytest.mark.parametrize("forgive", [False, True])
@pytest.mark.parametrize("data", [b'{"version":3,"table":"t"}', b'{"version":3,"tables":["t"]}'])
def test_a_newer_ledger_is_never_touched(store: ObjectStore, data: bytes, forgive: bool) -> None:
    store.put(PATHS.ledger, data)
    with pytest.raises(InputError, match="has version 3; this trustedlake understands 2") as refused:
        load_ledger(store, PATHS, forgive=forgive)
    assert "upgrade" in refused.value.hint


def test_an_earlier_ledger_is_read_and_written_again_with_the_version_that_earlier_programs_refuse(
    store: ObjectStore,
) -> None:
    tag = store.put(PATHS.ledger, b'{"version":1,"table":"tmdb_movies"}')
    ledger, _ = load_ledger(store, PATHS)
    assert ledger is not None
    write_ledger(store, PATHS, ledger, before=tag)
    assert json.loads(store.read(PATHS.ledger))["version"] == LEDGER_VERSION


def test_when_the_fields_of_the_stored_documents_change_their_version_is_raised() -> None:
    """A released program can't read fields that it does not know: it must be told, not call the file damaged."""
    schemas = [one.model_json_schema() for one in (Ledger, Journal, StagingClaim, AcceptedPlaces)]
    models = {
        name: one for schema in schemas for name, one in ({schema["title"]: schema} | schema.get("$defs", {})).items()
    }
    fields = sorted(f"{name}.{field}" for name, one in models.items() for field in one["properties"])
    seen = hashlib.sha256("\n".join(fields).encode()).hexdigest()[:12]
    assert (LEDGER_VERSION, JOURNAL_VERSION, UNTAKEN_VERSION, seen) == (2, 2, 1, "e364fe3df286")


def test_overwriting_another_version_of_the_ledger_is_refused(store: ObjectStore) -> None:
    old = store.put(PATHS.ledger, ledger_of({}).model_dump_json().encode())
    store.put(PATHS.ledger, ledger_of(BEFORE).model_dump_json().encode())
    for before in (old, None):
        with pytest.raises(ConflictError, match="someone changed the ledger"):
            write_ledger(store, PATHS, ledger_of(AFTER), before=before)
    assert load_ledger(store, PATHS)[0] == ledger_of(BEFORE)


def test_an_identical_ledger_already_in_place_counts_as_written(store: ObjectStore) -> None:
    there = with_tags(ledger_of(AFTER), {trusted("16"): "theirs"})
    tag = store.put(PATHS.ledger, there.model_dump_json().encode())
    assert write_ledger(store, PATHS, ledger_of(AFTER), before="older") == there
    assert load_ledger(store, PATHS) == (there, tag)


def test_after_a_lost_answer_the_ledger_is_read_back(store: ObjectStore) -> None:
    losing = FaultyStore(store, after=lose_answer("put", PATHS.ledger))
    assert write_ledger(losing, PATHS, ledger_of(AFTER), before=None) == ledger_of(AFTER)
    assert load_ledger(store, PATHS)[0] == ledger_of(AFTER)


def test_tags_are_filled_in_for_every_file_of_the_ledger() -> None:
    tags = {file.key: f"tag of {file.key}" for file in files_of(ledger_of(AFTER))}
    assert tags.keys() == AFTER.keys()
    tagged = with_tags(ledger_of(AFTER), tags)
    assert {file.key: file.tag for file in files_of(tagged)} == tags
    assert same(tagged, ledger_of(AFTER))
    assert with_tags(tagged, {}) == tagged
    assert not same(tagged, ledger_of({**AFTER, trusted("16"): b"other"}))


def test_a_ledger_of_ten_thousand_files_is_read(store: ObjectStore) -> None:
    files = {trusted(str(number)): b"x" for number in range(MANY_FILES)}
    write_ledger(store, PATHS, ledger_of(files), before=None)
    ledger, _ = load_ledger(store, PATHS)
    assert isinstance(ledger, Ledger)
    assert len(ledger.partitions) == MANY_FILES
