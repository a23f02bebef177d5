"""A wrong contract file is reported with file, line and field, and with what would be right."""

from __future__ import annotations

import pytest

from tests.support.contract_files import GOOD, changed
from trustedlake.adapters.contracts.contract_file import read_contracts
from trustedlake.errors import ConfigError, ContractError

NOTE = "      - name: note\n        logicalType: string\n"


def problems(data: bytes, name: str = "trips.odcs.yaml") -> list[str]:
    with pytest.raises(ContractError) as caught:
        read_contracts(data, name)
    assert caught.value.exit_code == ConfigError.exit_code == 2
    assert caught.value.hint
    return list(caught.value.problems)


def the_problem(data: bytes, name: str = "trips.odcs.yaml") -> str:
    found = problems(data, name)
    assert len(found) == 1, found
    return found[0]


HEAD = [
    ("apiVersion: v3.2.0\n", "", 1, "apiVersion", "write apiVersion: v3.2.0"),
    ("apiVersion: v3.2.0", "apiVersion: v2.2.2", 1, "apiVersion", "write v3.2.0"),
    ("apiVersion: v3.2.0", "apiVersion: v3.1.0", 1, "apiVersion", "does not support vendor and synonyms"),
    ("apiVersion: v3.2.0", "apiVersion: 3.2", 1, "apiVersion", '3.2 is a number; write it in quotes: "3.2"'),
    ("kind: DataContract", "kind: Datacontract", 2, "kind", "did you mean 'DataContract'?"),
    ("id: trips\n", "", 1, "id", "is missing"),
    ("version: 2.1.0", "version: 2.1", 5, "version", '2.1 is a number; write it in quotes: "2.1"'),
    ("version: 2.1.0", "version: 2024-01-31", 5, "version", "2024-01-31 without quotes is a date in YAML"),
    ("status: active", "statut: active", 6, "statut", "did you mean 'status'?"),
    ("schema:", "schemas:", 7, "schemas", "did you mean 'schema'?"),
]

TABLE = [
    ("  - name: trips\n    desc", "  - desc", 8, "schema[0]", "the field name is missing"),
    ("  - name: trips\n", "  - name: my trips\n", 8, "name", "'my trips' is not a valid table name"),
    ("    customProperties:\n", "    customProperty:\n", 10, "customProperty", "did you mean 'customProperties'?"),
    ("property: raw", "property: row", 11, "trips.row", "did you mean 'raw'?"),
    ("property: raw\n", "propertie: raw\n", 11, "propertie", "did you mean 'property'?"),
    ("vendor: trustedlake\n", "vendr: trustedlake\n", 12, "vendr", "did you mean 'vendor'?"),
    ("        value:\n          path", "        valeu:\n          path", 13, "valeu", "did you mean 'value'?"),
    ("property: duplicates", "property: dupes", 19, "trips.dupes", "did you mean 'duplicates'?"),
    ("value: last", "value: first", 19, "trips.duplicates", "'first' must be one of last, merge, equal, keep"),
    ("value: last", "value: {mode: latest}", 19, "trips.duplicates.mode", "did you mean 'last'?"),
    ("value: last", "value: {mode: keep, prefer: [a]}", 19, "trips.duplicates", "only to last and merge"),
    ("    properties:\n", "    propertys:\n", 20, "propertys", "did you mean 'properties'?"),
    ("primaryKey: true", "primaryKey: false", 8, "trips", "duplicates: last needs a key"),
    (
        "    properties:\n",
        "      - {property: witness, vendor: trustedlake, value: [nope]}\n    properties:\n",
        20, "trips.witness", "no column 'nope'",
    ),
    (
        "    properties:\n",
        "      - {property: witness, vendor: trustedlake, value: [fare]}\n    properties:\n",
        20, "trips.witness", "fare is decimal(8,2); the proof can compare only bigint, int, string",
    ),
    (
        "    properties:\n",
        "      - {property: source, vendor: trustedlake, value: NO}\n    properties:\n",
        20, "trips.source", "NO without quotes is false in YAML",
    ),
    (
        "    properties:\n",
        "      - {property: duplicates, vendor: trustedlake, value: keep}\n    properties:\n",
        20, "trips.duplicates", "appears twice",
    ),
]  # fmt: skip

TRUSTED = [
    ("Gold/trips", "must be a folder in Trusted"),
    ("Trusted", "must be a folder in Trusted"),
    ("/Trusted/trips", "below the lake"),
    ("Trusted/../Raw", "`..`"),
    ("Trusted/_trustedlake", "the lake's own folder"),
    ("Trusted//x", "an empty part"),
    ("Trusted/{city}", "hold any of"),
    ("Trusted/_x", "may begin with"),
    ("Trusted/.x", "may begin with"),
    ("Raw/Trips", "must be a folder in Trusted"),
    ("Quarantine/trips", "must be a folder in Trusted"),
    ("s3://bucket/Trusted/x", "below the lake"),
    ("C:/Trusted/x", "below the lake"),
    ("~/Trusted/x", "below the lake"),
]

PATH = [
    ("/Raw/Trips", "below the lake"),
    ("../Raw/Trips", "`..`"),
    ("Raw/../../Trips", "`..`"),
    ("Raw/./Trips", "`.`"),
    ("Raw/Trips/", "an empty part"),
    ("s3://bucket/Raw", "below the lake"),
    ("Raw\\Trips", "with slashes"),
    ("~/Raw", "below the lake"),
    ("_trustedlake/x", "the lake's own folder"),
    ("Raw/_TrustedLake/x", "the lake's own folder"),
    ("Trusted/Trips", "neither in Trusted nor in Quarantine"),
    ("quarantine/x", "neither in Trusted nor in Quarantine"),
    ("{zone}/Trips", "the first folder needs a fixed name"),
    ("Raw/{year:4d}", "'{year:4d}' is not a placeholder"),
    ("Raw/{year:03d}", "'{year:03d}' is not a placeholder"),
    ("Raw/{}/x", "'{}' is not a placeholder"),
    ("Raw/{year", "'{year' is not a placeholder"),
    ("Raw/{a b}", "'{a b}' is not a placeholder"),
    ("Raw/{1st}", "'1st' is not a valid column name"),
    ("Raw/{year}/{year}", "appears twice"),
    ("Raw/{year}{month}", "need a text between them"),
]

RAW = [
    ("          format: json\n", "", 14, "trips.raw", "the field format is missing"),
    ("format: json", "format: jsonl", 15, "trips.raw.format", "did you mean 'json'?"),
    ("format: json", "format: json\n          delimiter: ';'", 16, "trips.raw.delimiter", "only to format: csv"),
    ("format: json", "format: json\n          decimal: ';'", 16, "trips.raw.decimal", "';' must be one of ., ,"),
    ("format: json", "format: csv", 16, "trips.raw.records", "only to format: json"),
    ("format: json", "format: json\n          one-of: [a]", 16, "trips.raw.one-of", "did you mean 'one_of'?"),
    ("format: json", "format: json\n          one_of: []", 16, "trips.raw.one_of", "is empty"),
    ("format: json", "format: json\n          files: '*.json'", 16, "trips.raw.files", "must be a list, [*.json]"),
    ("format: json", "format: json\n          files: ['a/*.json']", 16, "trips.raw.files", "without folders"),
    ("format: json", "format: json\n          known: [a, 1]", 16, "trips.raw.known[1]",
     '1 is a number; write it in quotes: "1"'),
    ("format: json", "format: json\n          max_rejected: 5", 16, "trips.raw.max_rejected", "5 is not a share"),
    ("format: json", "format: json\n          max_rejected: 5%", 16, "trips.raw.max_rejected", "'5%' is a text"),
    ("format: json", "format: json\n          max_rejected: .nan", 16, "trips.raw.max_rejected", "must be a number"),
    ("format: json", "format: json\n          max_rejected: true", 16, "trips.raw.max_rejected", "must be a number"),
    ('records: ["trips[]", "[]"]', 'records: ["trips"]', 16, "trips.raw.records", "write `[]`, `key[]`"),
    ('records: ["trips[]", "[]"]', "records: []", 16, "trips.raw.records", "is empty"),
    ('records: ["trips[]", "[]"]', "records: [[]]", 16, "trips.raw.records[0]", '[] needs quotes: "[]"'),
    ('records: ["trips[]", "[]"]', "records: [{}]", 16, "trips.raw.records[0]", '{} needs quotes: "{}"'),
    ("where: {kind: [trip, 1, null]}", "where: {kind: trip}", 17, "trips.raw.where.kind", "must be a list, [trip]"),
    ("where: {kind: [trip, 1, null]}", "where: {kind: []}", 17, "trips.raw.where.kind", "has no value"),
    ("where: {kind: [trip, 1, null]}", "where: {kind: [NO]}", 17, "trips.raw.where.kind[0]",
     'NO without quotes is false in YAML; write it in quotes: "NO"'),
    ("where: {kind: [trip, 1, null]}", "where: {kind: [2024-05-01]}", 17, "trips.raw.where.kind[0]",
     "2024-05-01 without quotes is a date in YAML"),
    ("where: {kind: [trip, 1, null]}", "where: {on: [trip]}", 17, "trips.raw.where.on", "on without quotes is true"),
    ("where: {kind: [trip, 1, null]}", "where: [kind]", 17, "trips.raw.where", "must be an object"),
    ('nulls: ["", "N/A"]', 'nulls: ["\\N"]', 18, "trips.raw.nulls[0]", "U+0085; in YAML \"\\N\" in double quotes"),
    ('nulls: ["", "N/A"]', 'nulls: ["a\\tb"]', 18, "trips.raw.nulls[0]", "control character U+0009"),
    ('nulls: ["", "N/A"]', "nulls: [NO]", 18, "trips.raw.nulls[0]", "NO without quotes is false"),
    ('nulls: ["", "N/A"]', "nulls: [null]", 18, "trips.raw.nulls[0]", 'write it in quotes: "null"'),
    ('nulls: ["", "N/A"]', "nulls: [-1]", 18, "trips.raw.nulls[0]", '-1 is a number; write it in quotes: "-1"'),
    ('nulls: ["", "N/A"]', "nulls: N/A", 18, "trips.raw.nulls", "must be a list, [N/A]"),
    ('nulls: ["", "N/A"]', "nulls: {a: b}", 18, "trips.raw.nulls", "must be a list; this is an object"),
]  # fmt: skip

CSV = [
    ("delimiter: ';;'", "delimiter", "is not one character"),
    ("delimiter: ''", "delimiter", "is not one character"),
    ('delimiter: "\\n"', "delimiter", "is not one character"),
    ("delimiter: 1", "delimiter", "1 is a number"),
    ("quote: '|'", "quote", "is the same as the delimiter"),
    ("quote: none", "quote", "is not one character"),
    ("header: 'yes'", "header", "must be true or false; 'yes' is a text"),
    ("header: 1", "header", "must be true or false; 1 is a number"),
    ("skip: -1", "skip", "-1 is less than 0"),
    ("skip: 1.5", "skip", "must be a whole number"),
    ("skip: 010", "skip", "must be a whole number"),
    ("columns: [a, b]", "columns", "add header: false"),
    ("{header: false, columns: [a, a]}", "columns", "has a field twice"),
    ("encoding: latin-9x", "encoding", "is not an encoding that Python knows"),
    ("encoding: base64", "encoding", "is not a text encoding"),
    ("encoding: 1252", "encoding", "1252 is a number"),
]

COLUMN = [
    ("{logicalType: string}", "", "the field name is missing"),
    ("{name: x}", ".x", "the field logicalType is missing"),
    ("{name: x, logicalType: strng}", ".x.logicalType", "did you mean 'string'?"),
    ("{name: x, logicalType: int}", ".x.logicalType", "'int' must be one of"),
    ("{name: x, logicaltype: string}", ".logicaltype", "did you mean 'logicalType'?"),
    ("{name: x, logicalType: string, requird: true}", ".requird", "did you mean 'required'?"),
    ("{name: x, logicalType: string, required: 'true'}", ".x.required", "must be true or false"),
    ("{name: x, logicalType: string, physicalType: bigint}", ".x.physicalType", "does not go with logicalType string"),
    ("{name: x, logicalType: date, physicalType: timestamp}", ".x.physicalType", "does not go with logicalType date"),
    ("{name: x, logicalType: number, physicalType: decimal}", ".x.physicalType", "decimal(10,2) has"),
    ('{name: x, logicalType: number, physicalType: "decimal(50,2)"}', ".x.physicalType", "1 to 38 digits"),
    ('{name: x, logicalType: number, physicalType: "decimal(5,9)"}', ".x.physicalType", "write decimal(10,2)"),
    ("{name: x, logicalType: array}", ".x", "an array needs items"),
    ("{name: x, logicalType: array, items: string}", ".x.items", "must be an object"),
    ("{name: x, logicalType: array, items: {logicalType: array}}", ".x.items", "a column can't be a list of array"),
    ("{name: x, logicalType: array, items: {logicalType: object}}", ".x.items", "`key[].member`"),
    ("{name: x, logicalType: object, primaryKey: true}", ".x", "can't be the primary key"),
    ("{name: x, logicalType: array, items: {logicalType: string}, primaryKey: true}", ".x", "can't be the primary key"),
    ("{name: x, logicalType: string, primaryKeyPosition: 1}", ".x", "but not primaryKey: true"),
    ("{name: Nota Média, logicalType: number}", ".Nota Média", "add the key as a synonym"),
    ("{name: '', logicalType: number}", ".", "is not a valid column name"),
    ("{name: NO, logicalType: number}", ".properties[4].name", "NO without quotes is false"),
    ("{name: file_path, logicalType: string}", ".file_path", "every Trusted table has a column with this name"),
    ("{name: Rescued, logicalType: string}", ".Rescued", "every Trusted table has a column with this name"),
    ("{name: City, logicalType: string}", ".City", "a placeholder of raw.path has this name"),
    ("{name: FARE, logicalType: string}", ".FARE", "two columns have this name"),
    ("{name: x, logicalType: string, synonyms: [y]}", ".x.synonyms[0]", "write {synonym: y}"),
    ("{name: x, logicalType: string, synonyms: [{synonim: y}]}", ".x.synonyms[0].synonim", "did you mean 'synonym'?"),
    ("{name: x, logicalType: string, synonyms: {synonym: y}}", ".x.synonyms", "must be a list"),
    ("{name: x, logicalType: string, synonyms: [{synonym: 1}]}", ".x.synonyms[0].synonym", '"1"'),
    ("{name: x, logicalType: string, logicalTypeOptions: {minlength: 1}}", ".minlength", "did you mean 'minLength'?"),
    ("{name: x, logicalType: string, logicalTypeOptions: {minimum: 1}}", ".minimum", "is not a known option of string"),
    ("{name: x, logicalType: string, logicalTypeOptions: {minLength: -1}}", ".minLength", "-1 is less than 0"),
    ("{name: x, logicalType: integer, logicalTypeOptions: {minimum: '1'}}", ".minimum", "'1' is a text"),
    (
        "{name: x, logicalType: integer, logicalTypeOptions: {minimum: 5, maximum: 1}}",
        ".logicalTypeOptions",
        "more than",
    ),
    ("{name: x, logicalType: string, logicalTypeOptions: {pattern: '('}}", ".pattern", "is not a valid regular"),
    (r"{name: x, logicalType: string, logicalTypeOptions: {pattern: '^\d+$'}}", ".pattern", "write [0-9]"),
    (r"{name: x, logicalType: string, logicalTypeOptions: {pattern: 'a(?=b)'}}", ".pattern", "(?="),
    (r"{name: x, logicalType: string, logicalTypeOptions: {pattern: '(a)\1'}}", ".pattern", "refers back"),
    (r"{name: x, logicalType: string, logicalTypeOptions: {pattern: 'a++'}}", ".pattern", "possessive"),
    (r"{name: x, logicalType: string, logicalTypeOptions: {pattern: 'a\Z'}}", ".pattern", r"write \z"),
    ("{name: x, logicalType: date, logicalTypeOptions: {format: YYYY-MM-DD}}", ".format", "unknown letters 'YYYY'"),
    ("{name: x, logicalType: date, logicalTypeOptions: {format: [yyyy-MM-dd]}}", ".format", "must be a text"),
    (
        "{name: x, logicalType: date, logicalTypeOptions: {format: yyyy}}",
        ".format",
        "must contain year, month and day",
    ),
    ("{name: x, logicalType: string, enum: [a, b]}", ".x.enum[0]", "write {value: a}"),
    ("{name: x, logicalType: string, enum: [{value: NO}]}", ".x.enum[0].value", "NO without quotes is false"),
    ("{name: x, logicalType: integer, enum: [{value: a}]}", ".x.enum[0].value", "'a' is not a valid bigint"),
    ("{name: x, logicalType: number, enum: [{value: 1.5}]}", ".x.enum", "this column is double"),
    ("{name: x, logicalType: string, enum: []}", ".x.enum", "is empty"),
    ("{name: x, logicalType: string, customProperties: {sources: [a]}}", ".x.customProperties", "must be a list of"),
]

CUSTOM = [
    ("string", "source", "[a]", "did you mean 'sources'?"),
    ("string", "not_blank", "true", "did you mean 'notBlank'?"),
    ("string", "sources", "a", "must be a list, [a]"),
    ("string", "sources", "[]", "is empty"),
    ("string", "sources", '["a["]', "write `key`"),
    ("string", "sources", '["[].a"]', "write `key`"),
    ("string", "sources", "[a[]]", "not valid YAML"),
    ("string", "nulls", r'["\N"]', "U+0085"),
    ("string", "notBlank", "1", "must be true or false"),
    ("integer", "notBlank", "true", "is for texts; this column is bigint"),
    ("string", "formats", "[yyyy-MM-dd]", "is for dates and timestamps"),
    ("date", "formats", "[dd/mm/yyyy]", "must contain year, month and day"),
    ("string", "decimal", '","', "is for numbers"),
    ("number", "decimal", '";"', "must be one of ., ,"),
    ("number", "grouping", "'.'", "means something else"),
    ("number", "grouping", "'5'", "means something else"),
    ("string", "split", '","', "is for lists"),
    ("array, items: {logicalType: string}", "split", '""', "is an empty text"),
    ("string", "booleans", "{true: [a]}", "is for booleans"),
    ("boolean", "booleans", "{true: [yes]}", "yes without quotes is true in YAML"),
    ("boolean", "booleans", "{true: [a], false: [A]}", "can't mean both"),
    ("boolean", "booleans", "{true: ['False']}", "can't mean both"),
    ("boolean", "booleans", "{yes: [a]}", "'yes' is not a known field"),
    ("boolean", "booleans", "[a]", "must be an object"),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "said"), [*HEAD, *TABLE, *RAW])
def test_a_fault_is_reported_with_its_line_and_field(old: str, new: str, line: int, field: str, said: str) -> None:
    found = problems(changed(old, new))
    told = [one for one in found if said in one]
    assert told, found
    assert told[0].startswith(f"trips.odcs.yaml, line {line}: "), told[0]
    assert f"{field}: " in told[0], told[0]


@pytest.mark.parametrize(("path", "said"), TRUSTED)
def test_the_trusted_path_must_be_a_folder_below_trusted(path: str, said: str) -> None:
    line = f"      - {{property: trusted, vendor: trustedlake, value: {{path: '{path}'}}}}\n"
    found = problems(changed("    properties:\n", f"{line}    properties:\n"))
    assert any(one.startswith("trips.odcs.yaml, line 20: trips.trusted.path: ") and said in one for one in found), found


@pytest.mark.parametrize(("path", "said"), PATH)
def test_a_path_template_must_lie_in_the_raw_zone_of_the_lake(path: str, said: str) -> None:
    found = problems(changed("path: Raw/Trips/{city}/{year:04d}/{month:02d}", f"path: '{path}'"))
    assert any(one.startswith("trips.odcs.yaml, line 14: trips.raw.path: ") and said in one for one in found), found


def test_path_templates_with_different_placeholders_are_refused() -> None:
    data = changed("path: Raw/Trips/{city}/{year:04d}/{month:02d}", "path: ['Raw/{city}', 'Raw/x/{town}']")
    assert the_problem(data).startswith("trips.odcs.yaml, line 14: trips.raw.path[1]: all templates need the same")


@pytest.mark.parametrize(("said_so", "field", "said"), CSV)
def test_a_dialect_is_checked(said_so: str, field: str, said: str) -> None:
    more = said_so.strip("{}").replace(", columns", "\n          columns")
    text = GOOD.replace('          records: ["trips[]", "[]"]\n', "").replace(
        "format: json", f"format: csv\n          {more}"
    )
    told = the_problem(text.encode())
    assert f"trips.raw.{field}: " in told
    assert said in told


@pytest.mark.parametrize(("column", "field", "said"), COLUMN)
def test_a_fault_of_a_column_is_reported_with_its_line_and_field(column: str, field: str, said: str) -> None:
    found = problems(changed(NOTE, f"      - {column}\n{NOTE}"))
    told = [one for one in found if said in one]
    assert told, found
    assert told[0].startswith("trips.odcs.yaml, line 34: "), told[0]
    assert f"{field}: " in told[0], told[0]


@pytest.mark.parametrize(("type_", "name", "value", "said"), CUSTOM)
def test_an_option_of_a_column_is_checked(type_: str, name: str, value: str, said: str) -> None:
    custom = f"customProperties: [{{property: {name}, vendor: trustedlake, value: {value}}}]"
    told = problems(changed(NOTE, f"      - {{name: x, logicalType: {type_}, {custom}}}\n{NOTE}"))
    assert any(one.startswith("trips.odcs.yaml, line 34: ") and said in one for one in told), told


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('records: ["trips[]", "[]"]', "records: [trips[]]", 16, '"results[]"'),
        ("path: Raw/Trips/{city}/{year:04d}/{month:02d}", "path: {city}/x", 14, '"Raw/{tema}"'),
        ("          format: json", "\tformat: json", 15, "the line begins with a tab"),
        ("    description: One row per trip.", "    description: One: row", 9, "quote texts that hold any of"),
        ('nulls: ["", "N/A"]', "nulls: [*]", 18, "not valid YAML"),
        ("status: active", "status: active\nstatus: draft", 7, "status: appears twice"),
        ("primaryKey: true", "primaryKey: true\n        primaryKey: true", 24, "appears twice"),
    ],
)
def test_broken_yaml_is_reported_with_its_line_and_a_fix(old: str, new: str, line: int, said: str) -> None:
    told = problems(changed(old, new))
    assert any(one.startswith(f"trips.odcs.yaml, line {line}: ") and said in one for one in told), told


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.odcs.yaml", "line 1: is empty"),
        (b"# nothing\n", "a.odcs.yaml", "line 1: is empty"),
        (b"- a\n", "a.odcs.yaml", "line 1: must be an object"),
        (b"a: 1\n---\nb: 2\n", "a.odcs.yaml", "line 2: not valid YAML"),
        (b"id: caf\xe9\n", "a.odcs.yaml", "line 1: is not UTF-8"),
        (GOOD.encode("utf-16"), "a.odcs.yaml", "line 1: is not UTF-8"),
        (b'{"id": 1,\n}', "a.odcs.json", "line 2: not valid JSON"),
        (b"id: a\n", "a.odcs.json", "line 1: not valid JSON"),
        (b"a: &a [*a]\n", "a.odcs.yaml", "nested too deeply"),
        (b"[" * 5000, "a.odcs.yaml", "line 1: "),
        (b"[" * 100 + b"]" * 100, "a.odcs.yaml", "nested too deeply"),
        (b"[" * 200_000 + b"]" * 200_000, "a.odcs.json", "line 1: "),
        (b"a: \x1b[31m\n", "a.odcs.yaml", "line 1: not valid YAML"),
        (b"a: !!python/object/apply:os.system [ls]\n", "a.odcs.yaml", "'a' is not a known field"),
        (b"x" * 3_000_000, "a.odcs.yaml", "3,000,000 bytes are too many"),
    ],
    ids=range(15),
)
def test_a_file_that_is_no_contract_is_reported_in_one_sentence(data: bytes, name: str, said: str) -> None:
    found = problems(data, name)
    assert any(said in one for one in found), found
    assert all(one.startswith(f"{name}, line ") and "\n" not in one and one.isprintable() for one in found)


def test_yaml_aliases_that_expand_to_millions_are_refused() -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for name, before in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n".encode()
    assert "aliases written out" in the_problem(bomb)


def test_all_faults_of_a_file_are_reported_together_in_line_order() -> None:
    text = GOOD.replace("format: json", "format: xml").replace("logicalType: timestamp", "logicalType: timestam")
    text = text.replace("status: active", "state: active").replace("required: true", "required: 1")
    found = problems(text.encode())
    lines = [int(one.split("line ")[1].split(":")[0]) for one in found]
    assert lines == [6, 15, 24, 30]


def test_a_table_without_the_raw_property_is_refused() -> None:
    text = GOOD.replace("property: raw\n        vendor: trustedlake", "property: raw\n        vendor: trustedlak")
    assert "trips.raw: is missing" in the_problem(text.encode())


@pytest.mark.parametrize("name", ["trips", "Trips"])
def test_two_tables_with_the_same_name_are_refused(name: str) -> None:
    second = GOOD[GOOD.index("  - name: trips") :].replace("- name: trips", f"- name: {name}")
    assert f"{name}: two tables have this name" in the_problem((GOOD + second).encode())


@pytest.mark.parametrize("path", ["Trusted/trips", "Trusted/TRIPS", "Trusted/trips/old"])
def test_two_tables_with_the_same_trusted_folder_are_refused(path: str) -> None:
    second = GOOD[GOOD.index("  - name: trips") :].replace("- name: trips", "- name: others")
    second = second.replace(
        "    properties:\n",
        f"      - {{property: trusted, vendor: trustedlake, value: {{path: {path}}}}}\n    properties:\n",
    )
    assert "is also a folder of trips" in the_problem((GOOD + second).encode())


def test_two_columns_with_the_same_key_position_are_refused() -> None:
    text = GOOD.replace("primaryKey: true", "primaryKey: true\n        primaryKeyPosition: 1").replace(
        "      - name: note\n", "      - name: note\n        primaryKey: true\n        primaryKeyPosition: 1\n"
    )
    assert all("primaryKeyPosition 1" in one for one in problems(text.encode()))
