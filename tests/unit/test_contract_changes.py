"""What a changed contract means for published days."""

from __future__ import annotations

import pytest

from tests.support.contract_files import GOOD
from trustedlake.adapters.contracts.contract_file import read_contracts
from trustedlake.core.contract_changes import Effect, compare, effect_of
from trustedlake.models.contract import Contract


def read(text: str) -> Contract:
    return read_contracts(text.encode(), "trips.odcs.yaml").contracts[0]


OLD = read(GOOD)
NOTE = "      - name: note\n        logicalType: string\n"


@pytest.mark.parametrize(
    ("old", "new", "field", "what", "effect"),
    [
        (NOTE, "", "trips.note", "the column (string) is removed", Effect.REFRESH),
        (NOTE, NOTE + NOTE.replace("note", "guide"), "trips.guide", "a column (string) is added", Effect.AGAIN),
        ("decimal(8,2)", "decimal(9,2)", "trips.fare", "type: decimal(8,2) -> decimal(9,2)", Effect.REFRESH),
        ("minimum: 1", "minimum: 2", "trips.trip_id.minimum", "1 -> 2", Effect.AGAIN),
        (NOTE, NOTE + "        synonyms: [{synonym: nota}]\n", "trips.note.synonyms", "nothing -> nota", Effect.AGAIN),
        (NOTE, NOTE + "        description: Free text.\n", "trips.note.description",
         "nothing -> Free text.", Effect.NONE),
        ('nulls: ["", "N/A"]', 'nulls: [""]', "trips.raw.nulls", '"", N/A -> ""', Effect.AGAIN),
        ("[trip, 1, null]", "[trip]", "trips.raw.where", "kind: trip, 1, null -> kind: trip", Effect.AGAIN),
        ("format: json", "format: json\n          known: [x]", "trips.raw.known", "nothing -> x", Effect.NONE),
        ("format: json", "format: json\n          replaces: name", "trips.raw.replaces",
         "nothing -> name", Effect.NAMESAKES),
        ("format: json", "format: json\n          max_rejected: 0.2", "trips.raw.max_rejected",
         "nothing -> 0.2", Effect.NONE),
        ("Raw/Trips/{city}", "Raw/Voyages/{city}", "trips.raw.path", "Raw/Voyages/{city}", Effect.AGAIN),
        ("/{month:02d}", "", "trips.partition", "city, year, month -> city, year", Effect.REFRESH),
        ("value: last", "value: merge", "trips.duplicates", "last -> merge", Effect.AGAIN),
        ("version: 2.1.0", "version: 3.0.0", "trips.version", "2 -> 3", Effect.NONE),
        ("One row per trip.", "Trips.", "trips.description", "One row per trip. -> Trips.", Effect.NONE),
    ],
)  # fmt: skip
def test_each_difference_names_its_effect_on_published_days(
    old: str, new: str, field: str, what: str, effect: Effect
) -> None:
    assert GOOD.count(old) == 1
    after = read(GOOD.replace(old, new))
    changes = compare(OLD, after)
    assert any(one.field == field and what in one.what and one.effect is effect for one in changes), changes
    assert effect_of(changes) is effect
    assert (after.fingerprint == OLD.fingerprint) == (effect in {Effect.NONE, Effect.NAMESAKES})


def test_a_contract_does_not_differ_from_itself() -> None:
    assert compare(OLD, read(GOOD)) == ()
    assert effect_of(()) is Effect.NONE


def test_another_order_of_columns_is_a_difference() -> None:
    moved = GOOD.replace(NOTE, "").replace("      - name: fare\n", NOTE + "      - name: fare\n")
    (change,) = compare(OLD, read(moved))
    assert change.what == "the columns are in another order"


def test_another_trusted_folder_needs_a_refresh() -> None:
    line = "      - {property: trusted, vendor: trustedlake, value: {path: Trusted/x}}\n    properties:\n"
    (change,) = compare(OLD, read(GOOD.replace("    properties:\n", line)))
    assert (change.what, change.effect) == ("Trusted/trips -> Trusted/x", Effect.REFRESH)


def test_a_field_that_a_later_version_adds_does_not_judge_every_lake_again() -> None:
    class Later(Contract):
        new: str = "unused"

    fields = {name: getattr(OLD, name) for name in Contract.model_fields}
    assert Later(**fields).fingerprint == OLD.fingerprint
    assert Later(**fields, new="used").fingerprint != OLD.fingerprint
