"""The built-in tables are contract files, and both schemas accept them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator

from tests.support.contract_files import GOOD, changed
from trustedlake.adapters.contracts.column_section import CUSTOM
from trustedlake.adapters.contracts.contract_file import built_in_content
from trustedlake.adapters.contracts.odcs_check import check
from trustedlake.adapters.contracts.raw_section import FIELDS
from trustedlake.adapters.contracts.table_section import TABLE
from trustedlake.models.built_in import CONTRACTS, TRUSTED
from trustedlake.models.column import Column

ROOT = Path(__file__).parents[2]
TMDB = json.loads((ROOT / "data/fixtures/tmdb-openapi.json").read_text(encoding="utf-8"))["paths"]
OURS = json.loads(files("trustedlake").joinpath("contracts", "trustedlake.schema.json").read_text(encoding="utf-8"))
EXAMPLES = sorted((Path(__file__).parent / "contracts").glob("*.yaml"))


def test_the_known_trusted_folders_match_the_contract_files() -> None:
    assert {table: contract.trusted for table, contract in CONTRACTS.items()} == TRUSTED


def test_each_source_and_entity_names_a_built_in_table() -> None:
    named = {(contract.source, contract.entity): table for table, contract in CONTRACTS.items()}
    assert named == {
        ("tmdb", "movies"): "tmdb_movies",
        ("tmdb", "series"): "tmdb_series",
        ("csv", "movies"): "local_movies",
        ("csv", "series"): "local_series",
    }


def test_an_unknown_built_in_table_is_a_key_error() -> None:
    assert "people" not in CONTRACTS
    with pytest.raises(KeyError):
        CONTRACTS["people"]


def test_listing_the_tables_reads_no_file_and_each_table_is_read_once() -> None:
    code = (
        "import sys; from trustedlake.models.built_in import CONTRACTS; print(list(CONTRACTS), len(CONTRACTS));"
        "print('yaml' in sys.modules); first = CONTRACTS['tmdb_series'];"
        "print(first is CONTRACTS['tmdb_series'], list(CONTRACTS._read))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"{list(TRUSTED)} 4", "False", "True ['tmdb_series']"]


def test_reading_a_contract_does_not_load_the_modules_of_the_check() -> None:
    code = (
        "import sys; from trustedlake.models.built_in import CONTRACTS; CONTRACTS['tmdb_movies']; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"jsonschema", "open_data_contract_standard", "difflib", "click", "rich", "requests"})


@pytest.mark.parametrize(
    ("table", "path"), [("tmdb_movies", "/3/movie/{movie_id}"), ("tmdb_series", "/3/tv/{series_id}")]
)
def test_every_key_of_a_tmdb_body_is_a_column_or_listed_as_known(table: str, path: str) -> None:
    body = TMDB[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    contract = CONTRACTS[table]
    keys = {key for column in contract.columns for key in column.keys}
    assert keys.isdisjoint(contract.raw.known)
    assert set(body) | {"external_ids", "media_type"} <= keys | set(contract.raw.known)


@pytest.mark.parametrize("table", ["tmdb_movies", "tmdb_series"])
def test_the_id_column_accepts_the_keys_found_in_existing_lakes(table: str) -> None:
    (key,) = CONTRACTS[table].key
    assert CONTRACTS[table].column(key).keys == (key, "id", "tmdb_id", "ID", "Id")


@pytest.mark.parametrize("table", ["tmdb_movies", "tmdb_series"])
def test_the_imdb_id_is_also_read_from_external_ids(table: str) -> None:
    assert CONTRACTS[table].column("imdb_id").paths == ("imdb_id", "external_ids.imdb_id")


COLUMNS = {
    "tmdb_movies": "movie_id:bigint title:string overview:string release_date:date popularity:double"
    " vote_average:double vote_count:bigint collection:string genres:array<string> keywords:array<string>"
    " imdb_id:string original_title:string original_language:string status:string runtime:int budget:bigint"
    " revenue:bigint collection_id:bigint genre_ids:array<bigint>",
    "tmdb_series": "series_id:bigint name:string overview:string first_air_date:date last_air_date:date"
    " popularity:double vote_average:double vote_count:bigint genres:array<string> keywords:array<string>"
    " original_name:string original_language:string status:string type:string number_of_seasons:int"
    " number_of_episodes:int in_production:boolean genre_ids:array<bigint> imdb_id:string",
    "local_movies": "id:string tituloPincipal:string tituloOriginal:string anoLancamento:int tempoMinutos:int"
    " genero:string notaMedia:double numeroVotos:bigint generoArtista:string personagem:string nomeArtista:string"
    " anoNascimento:int anoFalecimento:int profissao:string titulosMaisConhecidos:string",
    "local_series": "id:string tituloPincipal:string tituloOriginal:string anoLancamento:int anoTermino:int"
    " tempoMinutos:int genero:string notaMedia:double numeroVotos:bigint generoArtista:string personagem:string"
    " nomeArtista:string anoNascimento:int anoFalecimento:int profissao:string titulosMaisConhecidos:string",
}


@pytest.mark.parametrize("table", list(TRUSTED))
def test_columns_and_types_match_what_existing_lakes_have_published(table: str) -> None:
    assert [f"{column.name}:{column.type}" for column in CONTRACTS[table].columns] == COLUMNS[table].split()


def test_the_two_csv_tables_have_the_same_rules() -> None:
    films = {column.name: column for column in CONTRACTS["local_movies"].columns}
    series = {column.name: column for column in CONTRACTS["local_series"].columns}
    assert series.keys() - films.keys() == {"anoTermino"}
    for name, column in films.items():
        assert series[name] == column.model_copy(
            update={"description": column.description.replace("movies.csv", "series.csv")}
        )
    assert films["id"] == Column(
        name="id",
        type="string",
        required=True,
        nulls=("", r"\N"),
        pattern=r"\Att[0-9]+\z",
        expected=True,
        description=films["id"].description,
    )


@pytest.mark.parametrize("table", list(TRUSTED))
def test_the_check_accepts_each_built_in_table_without_notes(table: str) -> None:
    found = check(built_in_content(table), f"{table}.odcs.yaml")
    assert (found.problems, found.notes) == ((), ())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_check_accepts_each_example_without_notes(path: Path) -> None:
    found = check(path.read_bytes(), path.name)
    assert found.file, found.problems
    assert (found.problems, found.notes) == ((), ())


def test_there_are_at_least_four_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_our_json_schema_is_valid_and_has_every_field_of_the_reader() -> None:
    Draft201909Validator.check_schema(OURS)
    assert set(OURS["$defs"]["Raw"]["properties"]) == set(FIELDS)
    for part, known in (("TableProperty", TABLE), ("ColumnProperty", CUSTOM)):
        named: set[str] = set()
        for one in OURS["$defs"][part]["then"]["oneOf"]:
            name = one["properties"]["property"]
            named |= set(name.get("enum", [name.get("const")]))
        assert named == set(known)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("property: raw", "property: row"),
        ("format: json", "format: xml"),
        ("          format: json\n", ""),
        ("format: json", "format: json\n          delimiter: ;"),
        ("format: json", "format: csv"),
        ("format: json", "format: json\n          file: [a]"),
        ("path: Raw/Trips", "path: /Raw/Trips"),
        ("path: Raw/Trips", "path: Raw/../Trips"),
        ("path: Raw/Trips", "path: Trusted/Trips"),
        ("path: Raw/Trips/{city}/{year:04d}/{month:02d}", "path: '{city}/Trips'"),
        ('records: ["trips[]", "[]"]', "records: []"),
        ('nulls: ["", "N/A"]', "nulls: N/A"),
        ('nulls: ["", "N/A"]', 'nulls: ["\\N"]'),
        ("where: {kind: [trip, 1, null]}", "where: {kind: trip}"),
        ("value: last", "value: first"),
        ("value: last", "value: {mode: last, prefers: [a]}"),
        ("property: duplicates", "property: duplicate"),
        ("    properties:\n",
         "      - {property: trusted, vendor: trustedlake, value: {path: Gold/x}}\n    properties:\n"),
        ("logicalType: timestamp", "logicalType: timestamp\n        customProperties:"
         " [{property: formats, vendor: trustedlake, value: iso}]"),
        ("logicalType: timestamp", "logicalType: timestamp\n        customProperties:"
         " [{property: notBlank, vendor: trustedlake, value: 1}]"),
        ("logicalType: timestamp", "logicalType: timestamp\n        customProperties:"
         " [{property: split, vendor: trustedlake, value: ''}]"),
    ],
)  # fmt: skip
def test_our_json_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    validator = Draft201909Validator(OURS)
    assert validator.is_valid(yaml.safe_load(GOOD))
    assert not validator.is_valid(yaml.safe_load(changed(old, new)))
    assert check(changed(old, new), "trips.odcs.yaml").problems


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("apiVersion: v3.2.0", "apiVersion: v3.9.0", 1, "write v3.2.0"),
        ("id: trips", "id: trips\ntags: film", 4, "by the standard's schema"),
        ("id: trips", "id: trips\nteam: {members: [{role: owner}]}", 4, "by the standard's schema"),
        ("logicalType: timestamp", "logicalType: timestamp\n        examples: 5", 31, "by the standard's schema"),
    ],
)
def test_the_check_reports_violations_of_the_standard_with_their_line(old: str, new: str, line: int, said: str) -> None:
    found = check(changed(old, new), "trips.odcs.yaml")
    assert [(one.line, said in one.message) for one in found.problems] == [(line, True)], found.problems
