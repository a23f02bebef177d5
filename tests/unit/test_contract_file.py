"""A contract file becomes the contract that it describes."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.support.contract_files import GOOD, changed
from trustedlake.adapters.contracts.contract_file import read_contracts
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Dialect, Raw, RawFormat

TRIPS = Contract(
    table="trips",
    version=2,
    description="One row per trip.",
    raw=Raw(
        path=("Raw/Trips/{city}/{year:04d}/{month:02d}",),
        format=RawFormat.JSON,
        records=("trips[]", "[]"),
        where={"kind": ("trip", "1", None)},
        nulls=("", "N/A"),
    ),
    trusted="Trusted/trips",
    partition=("city", "year", "month"),
    key=("trip_id",),
    columns=(
        Column(name="trip_id", type="bigint", required=True, minimum=1),
        Column(name="fare", type="decimal(8,2)"),
        Column(name="started", type="timestamp"),
        Column(name="tags", type="array<string>"),
        Column(name="note", type="string"),
    ),
)


def read(data: bytes, name: str = "trips.odcs.yaml") -> Contract:
    (contract,) = read_contracts(data, name).contracts
    return contract


def column(lines: str) -> Column:
    """The last column of the good file, written otherwise."""
    return read(changed("      - name: note\n        logicalType: string\n", lines)).columns[-1]


def test_a_file_gives_the_same_contract_as_python_code() -> None:
    assert read(GOOD.encode()) == TRIPS


def test_json_gives_the_same_contract_as_yaml() -> None:
    text = json.dumps(yaml.safe_load(GOOD), indent="\t").encode()
    assert b"\t" in text
    assert read(text, "trips.odcs.json") == TRIPS


def test_characters_beyond_16_bits_may_be_escaped_in_json() -> None:
    text = json.dumps(yaml.safe_load(GOOD.replace("N/A", "🎬 \\\\ud83c")))
    assert "\\ud83c\\udfac" in text
    assert read(text.encode(), "trips.odcs.json").raw.nulls == ("", "🎬 \\ud83c")


def test_a_byte_order_mark_and_yaml_anchors_are_accepted() -> None:
    text = GOOD.replace("items: {logicalType: string}", "items: &text {logicalType: string}").replace(
        "      - name: note\n        logicalType: string\n", "      - {name: note, <<: *text}\n"
    )
    assert read(b"\xef\xbb\xbf" + text.encode()) == TRIPS


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("- {name: x, logicalType: integer, physicalType: INT}", Column(name="x", type="int")),
        ("- {name: x, logicalType: integer, physicalType: bigint}", Column(name="x", type="bigint")),
        ("- {name: x, logicalType: number}", Column(name="x", type="double")),
        ('- {name: x, logicalType: number, physicalType: "numeric(10, 3)"}', Column(name="x", type="decimal(10,3)")),
        ("- {name: x, logicalType: string, physicalType: json}", Column(name="x", type="json")),
        ("- {name: x, logicalType: string, physicalType: VARCHAR(20)}", Column(name="x", type="string")),
        ("- {name: x, physicalType: date}", Column(name="x", type="date")),
        ("- {name: x, logicalType: boolean}", Column(name="x", type="boolean")),
        (
            "- {name: x, logicalType: array, items: {logicalType: integer, physicalType: int}}",
            Column(name="x", type="array<int>"),
        ),
        (
            '- {name: x, logicalType: array, items: {logicalType: number, physicalType: "decimal(5,1)"}}',
            Column(name="x", type="array<decimal(5,1)>"),
        ),
        (
            "- {name: título, logicalType: string, synonyms: [{synonym: Título do filme}, {synonym: titulo}]}",
            Column(name="título", type="string", synonyms=("Título do filme", "titulo")),
        ),
        (
            r"- {name: x, logicalType: string, unique: true, logicalTypeOptions: {minLength: 2, pattern: '^t[0-9]$'}}",
            Column(name="x", type="string", unique=True, min_length=2, pattern="^t[0-9]$"),
        ),
        (
            "- {name: x, logicalType: number, logicalTypeOptions: {minimum: -0.5, maximum: 10}}",
            Column(name="x", type="double", minimum=-0.5, maximum=10),
        ),
        (
            "- {name: x, logicalType: string, enum: [{value: a}, {value: '1'}]}",
            Column(name="x", type="string", enum=("a", "1")),
        ),
        (
            "- {name: x, logicalType: integer, enum: [{value: 1}, {value: '007'}]}",
            Column(name="x", type="bigint", enum=("1", "7")),
        ),
        (
            "- {name: x, logicalType: boolean, enum: [{value: true}]}",
            Column(name="x", type="boolean", enum=("true",)),
        ),
    ],
)
def test_a_property_becomes_the_column_it_describes(lines: str, expected: Column) -> None:
    assert column(f"      {lines}\n") == expected


@pytest.mark.parametrize(
    ("type_", "name", "value", "field", "expected"),
    [
        ("string", "sources", "[a.b, '`Nota.Média`', 'crew[job=Director].name', '@key']", "sources",
         ("a.b", "`Nota.Média`", "crew[job=Director].name", "@key")),
        ("string", "nulls", "['', '-']", "nulls", ("", "-")),
        ("string", "nulls", "[]", "nulls", ()),
        ("string", "nulls", r"['\N']", "nulls", (r"\N",)),
        ("string", "notBlank", "true", "not_blank", True),
        ("string", "expected", "true", "expected", True),
        ("date", "formats", "['dd/MM/yyyy', epoch_ms]", "formats", ("dd/MM/yyyy", "epoch_ms")),
        ("number", "decimal", '","', "decimal", ","),
        ("number", "grouping", '","', "grouping", ","),
        ("boolean", "booleans", '{true: [sim, "yes"], false: [não, N]}', "booleans",
         {"sim": True, "yes": True, "não": False, "N": False}),
        ("array, items: {logicalType: string}", "split", '", "', "split", ", "),
        ("array, items: {logicalType: date}", "formats", '["dd/MM/yyyy"]', "formats", ("dd/MM/yyyy",)),
    ],
)  # fmt: skip
def test_a_custom_property_becomes_an_option(type_: str, name: str, value: str, field: str, expected: object) -> None:
    custom = f"customProperties: [{{property: {name}, vendor: trustedlake, value: {value}}}]"
    assert getattr(column(f"      - {{name: x, logicalType: {type_}, {custom}}}\n"), field) == expected


def test_the_formats_property_adds_to_the_format_of_the_standard() -> None:
    found = column(
        "      - {name: x, logicalType: date, logicalTypeOptions: {format: yyyy-MM-dd},"
        " customProperties: [{property: formats, vendor: trustedlake, value: [epoch_ms]}]}\n"
    )
    assert found.formats == ("yyyy-MM-dd", "epoch_ms")


def test_the_decimal_mark_of_the_table_applies_to_numbers_without_their_own() -> None:
    text = GOOD.replace("format: json", 'format: json\n          decimal: ","').replace(
        "      - name: note\n        logicalType: string\n",
        "      - {name: points, logicalType: number, customProperties:"
        " [{property: decimal, vendor: trustedlake, value: '.'}]}\n",
    )
    marks = {one.name: one.decimal for one in read(text.encode()).columns}
    assert marks == {"trip_id": ",", "fare": ",", "started": ".", "tags": ".", "points": "."}


def test_a_csv_table_has_a_dialect() -> None:
    text = GOOD.replace('          records: ["trips[]", "[]"]\n', "").replace(
        "format: json",
        'format: csv\n          delimiter: "\\t"\n          quote: \'"\'\n          header: false\n          skip: 2\n'
        "          columns: [a, b]\n          encoding: cp1252\n          max_rejected: 0.5\n"
        '          files: ["*.csv"]\n          ignore: ["old_*"]\n          known: [c]\n          one_of: [a]',
    )
    raw = read(text.encode()).raw
    assert raw.dialect == Dialect(
        delimiter="\t", quote='"', header=False, skip=2, columns=("a", "b"), encoding="cp1252"
    )
    assert (raw.max_rejected, raw.files, raw.ignore, raw.known, raw.one_of) == (
        0.5, ("*.csv",), ("old_*",), ("c",), ("a",),
    )  # fmt: skip


def test_several_path_templates_share_their_placeholders() -> None:
    data = changed(
        "path: Raw/Trips/{city}/{year:04d}/{month:02d}",
        "path: ['Raw/Trips/{city}/{year:04d}/{month:02d}', 'Raw/Old/{year:04d}-{month:02d}/{city}/trips.json']",
    )
    assert read(data).partition == ("city", "year", "month")


def test_without_placeholders_a_table_has_no_partition() -> None:
    assert read(changed("/{city}/{year:04d}/{month:02d}", "")).partition == ()


def test_key_columns_are_ordered_by_their_positions() -> None:
    text = GOOD.replace("primaryKey: true", "primaryKey: true\n        primaryKeyPosition: 2").replace(
        "      - name: note\n", "      - name: note\n        primaryKey: true\n        primaryKeyPosition: 1\n"
    )
    assert read(text.encode()).key == ("note", "trip_id")


@pytest.mark.parametrize(
    ("value", "mode", "prefer"),
    [
        ("merge", Duplicates.MERGE, ()),
        ("{mode: merge, prefer: ['detail_*', '*']}", Duplicates.MERGE, ("detail_*", "*")),
        ("{prefer: ['detail_*']}", Duplicates.LAST, ("detail_*",)),
        ("equal", Duplicates.EQUAL, ()),
        ("keep", Duplicates.KEEP, ()),
    ],
)
def test_duplicates_is_a_mode_or_a_mode_with_preferred_files(
    value: str, mode: Duplicates, prefer: tuple[str, ...]
) -> None:
    contract = read(changed("value: last", f"value: {value}"))
    assert (contract.duplicates, contract.prefer) == (mode, prefer)


def test_witness_source_entity_and_trusted_are_read_as_table_properties() -> None:
    more = "\n".join(
        f"      - {{property: {name}, vendor: trustedlake, value: {value}}}"
        for name, value in {
            "witness": "[note]", "source": "city", "entity": "trips", "trusted": "{path: Trusted/City/Trips}",
        }.items()
    )  # fmt: skip
    contract = read(changed("    properties:\n", f"{more}\n    properties:\n"))
    assert (contract.witness, contract.source, contract.entity) == (("note",), "city", "trips")
    assert contract.trusted == "Trusted/City/Trips"


def test_one_file_may_define_several_tables() -> None:
    second = GOOD[GOOD.index("  - name: trips") :].replace("- name: trips", "- name: old_trips")
    file = read_contracts((GOOD + second).encode(), "trips.odcs.yaml")
    assert [contract.table for contract in file.contracts] == ["trips", "old_trips"]


def test_properties_of_other_vendors_are_ignored() -> None:
    foreign = "      - {property: raw, vendor: soda, value: [1, {a: b}]}\n      - {property: sources, value: x}\n"
    assert read(changed("    properties:\n", f"{foreign}    properties:\n")) == TRIPS


def test_a_property_that_describes_a_placeholder_does_not_become_a_column() -> None:
    line = "      - {name: city, logicalType: string, partitioned: true, partitionKeyPosition: 1}\n"
    assert read(changed("      - name: note\n", f"{line}      - name: note\n")) == TRIPS


@pytest.mark.parametrize(
    ("lines", "field", "said"),
    [
        ("- {name: x, logicalType: string, logicalTypeOptions: {maxLength: 5}}",
         "x.logicalTypeOptions.maxLength", "not judged"),
        ("- {name: x, logicalType: integer, logicalTypeOptions: {multipleOf: 5}}",
         "x.logicalTypeOptions.multipleOf", "not judged"),
        ("- {name: x, logicalType: array, items: {logicalType: string}, logicalTypeOptions: {minItems: 1}}",
         "x.logicalTypeOptions.minItems", "not judged"),
        ("- {name: x, logicalType: date, logicalTypeOptions: {minimum: '2020-01-01'}}",
         "x.logicalTypeOptions.minimum", "not judged"),
        ("- {name: x, logicalType: string, quality: [{type: text, description: y}]}", "x.quality", "not judged"),
        ("- {name: x, logicalType: object}", "x", "physicalType: json"),
        ("- {name: x, logicalType: time}", "x", "no column can be time"),
        ("- {name: x, logicalType: vector}", "x", "no column can be vector"),
        ("- {name: x, logicalType: map, map: {key: {logicalType: string}}}", "x", "no column can be map"),
        ("- {name: x, logicalType: integer, physicalType: smallint}", "x.physicalType", "taken as bigint"),
        ("- {name: x, logicalType: string, partitioned: true}", "x.partitioned", "raw.path"),
    ],
)  # fmt: skip
def test_a_part_of_the_contract_that_is_not_used_gets_a_note(lines: str, field: str, said: str) -> None:
    data = changed("      - name: note\n", f"      {lines}\n      - name: note\n")
    notes = read_contracts(data, "trips.odcs.yaml").notes
    place = 1 + data.decode().splitlines().index(f"      {lines}")
    told = [(note.line, note.field, said in note.message) for note in notes]
    assert (place, f"trips.{field}", True) in told
