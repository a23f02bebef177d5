"""The command `contract init`: what it writes, what it suggests next, and what it refuses."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner

from trustedlake.core.inferring.yaml_text import contract_text
from trustedlake.entrypoints.cli.main import main
from trustedlake.entrypoints.wiring.contract_proposal import propose_contract
from trustedlake.errors import ConfigError, InputError, TrustedLakeError

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract

RECORDS = [
    {
        "id": at,
        "Preço": f"{at},50",
        "quando": f"{1 + at % 28:02d}/05/2024",
        "ativo": "sim" if at % 2 else "não",
        "tags": "a, b" if at % 2 else "c",
        "pessoa": {"nome": f"P{at}"},
        "yes": "no data",
        "nota": "N/A" if at == 3 else at / 4,
    }
    for at in range(40)
]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "my lake" / "Raw" / "vendas" / "2025" / "06" / "17"
    folder.mkdir(parents=True)
    (folder / "v1.json").write_text(json.dumps({"vendas": RECORDS}, ensure_ascii=False), encoding="utf-8")
    return tmp_path / "my lake"


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(main, ["contract", "init", *arguments], catch_exceptions=False, standalone_mode=False)
    return result.stdout, result.stderr


def test_contract_goes_to_stdout_and_the_next_commands_to_stderr(lake: Path) -> None:
    out, err = run("--from", str(lake / "Raw"), "--table", "vendas")

    assert yaml.safe_load(out)["schema"][0]["name"] == "vendas"
    commands = [shlex.split(line) for line in err.splitlines() if line.startswith("  ")]
    assert commands == [
        ["trustedlake", "contract", "check", "vendas.odcs.yaml"],
        ["trustedlake", "to-trusted", "--table", "vendas", "--lake", str(lake), "--contracts", "vendas.odcs.yaml"],
    ]


def test_the_next_commands_need_no_contracts_option_for_a_contract_in_the_lake(lake: Path) -> None:
    file = lake / "contracts" / "vendas.odcs.yaml"

    out, _ = run("--from", str(lake / "Raw"), "--table", "vendas", "-o", str(file))

    assert yaml.safe_load(file.read_text(encoding="utf-8"))["kind"] == "DataContract"
    assert shlex.split(out.splitlines()[-1]) == ["trustedlake", "to-trusted", "--table", "vendas", "--lake", str(lake)]


def test_json_output_is_one_document(lake: Path) -> None:
    out, _ = run("--from", str(lake / "Raw"), "--table", "vendas", "--json")

    told = json.loads(out)
    assert (told["records"], told["files"], told["key"], told["builtin"]) == (40, 1, ["id"], None)
    assert told["columns"]["quando"] == "date"
    assert yaml.safe_load(told["contract"])["schema"][0]["name"] == "vendas"


def test_an_existing_file_is_not_overwritten(lake: Path) -> None:
    file = lake / "c.yaml"
    file.write_text("mine")

    with pytest.raises(ConfigError, match="exists"):
        propose_contract([str(lake / "Raw")], "vendas", output=str(file))

    assert file.read_text() == "mine"


def test_files_outside_a_lake_get_a_hint_where_to_put_them(tmp_path: Path) -> None:
    folder = tmp_path / "down loads"
    folder.mkdir()
    (folder / "v.json").write_text(json.dumps(RECORDS))

    proposal = propose_contract([str(folder)], "vendas", lake=str(tmp_path / "lake"))

    assert proposal.draft.contract.raw.path == ("Raw/vendas",)
    assert shlex.split(proposal.commands[0]) == [
        "mkdir",
        "-p",
        f"{tmp_path}/lake/Raw/vendas",
        "&&",
        "cp",
        "-r",
        f"{folder}/.",
        f"{tmp_path}/lake/Raw/vendas",
    ]


def test_only_the_raw_zone_of_a_lake_is_read(lake: Path) -> None:
    for folder in ("Trusted", "contracts", "_trustedlake"):
        (lake / folder).mkdir()
        (lake / folder / "x.json").write_text('[{"other": 1}]')

    proposal = propose_contract([str(lake)], "vendas")

    assert (proposal.lake, proposal.draft.files) == (lake, 1)


def test_a_txt_file_with_json_content_is_read_as_json(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text(json.dumps(RECORDS))

    raw = propose_contract([str(tmp_path)], "vendas").draft.contract.raw

    assert (str(raw.format), raw.files) == ("json", ("*.txt",))


def test_a_given_path_template_is_used(lake: Path) -> None:
    proposal = propose_contract([str(lake / "Raw")], "vendas", path="Raw/{loja}/{year:04d}/{m:02d}/{d:02d}")

    assert proposal.draft.contract.partition == ("loja", "year", "m", "d")


REFUSED: tuple[tuple[dict[str, Any], type[TrustedLakeError], str], ...] = (
    ({"sources": ["nowhere"]}, InputError, "no such file"),
    ({"sources": ["s3://bucket/x"]}, ConfigError, "a bucket"),
    ({"sources": ["empty"]}, InputError, "no JSON or CSV file"),
    ({"sources": ["image.json"]}, InputError, "an image"),
    ({"sources": ["table.parquet"]}, InputError, "Parquet"),
    ({"sources": ["page.html"]}, InputError, "no columns"),
    ({"sources": ["bytes.csv"]}, InputError, "binary"),
    ({"sources": ["error.json"]}, InputError, "an error body"),
    ({"sources": ["header.csv"]}, InputError, "no record"),
    ({"sources": ["one.json"], "table": "1 x"}, ConfigError, "no table name"),
    ({"sources": ["one.json"], "lake": "s3://bucket"}, ConfigError, "a bucket"),
    ({"sources": ["one.json"], "path": "../{ano:04d}"}, ConfigError, "no folder template"),
    ({"sources": ["one.json"], "path": "Raw/{ano"}, ConfigError, "no folder template"),
    ({"sources": ["one.json"], "path": "Raw/{dia:03d}"}, ConfigError, "no folder template"),
    ({"sources": ["one.json"], "path": "Raw/{1}"}, ConfigError, "no folder template"),
    ({"sources": ["one.json"], "path": "/Raw/{ano}"}, ConfigError, "no folder template"),
    ({"sources": ["one.json"], "path": ""}, ConfigError, "no folder template"),
)


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=lambda one: str(one)[:30])
def test_impossible_calls_are_refused_with_a_hint(
    call: dict[str, Any], error: type[TrustedLakeError], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    contents: dict[str, bytes] = {
        "image.json": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "table.parquet": b"PAR1" + bytes(50),
        "page.html": b"<html>\n<p>x\n",
        "bytes.csv": bytes(range(256)) * 10,
        "error.json": b'{"success": false, "status_code": 7, "status_message": "no"}',
        "header.csv": b"a,b,c\n",
        "one.json": b'[{"id": 1}]',
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(error, match=message) as raised:
        propose_contract(call["sources"], call.get("table", "things"), path=call.get("path"), lake=call.get("lake"))

    assert raised.value.hint


def test_control_characters_in_a_file_reach_neither_contract_nor_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J.json").write_text('{"id": ')
    keys = json.dumps([{"id": 1, "k\x1b]0;x\x07": "v\x1b[0m", "day": "2020-01-01"}])
    (tmp_path / "b.json").write_text(keys)

    proposal = propose_contract([str(tmp_path)], "things")

    assert not [one for one in proposal.text + proposal.told() if not one.isprintable() and one != "\n"]
    properties = yaml.safe_load(proposal.text)["schema"][0]["properties"]
    assert [one["name"] for one in properties] == ["id", "day"]
    assert "1 key with characters that no contract can name" in " ".join(proposal.draft.notes)


def test_the_written_text_describes_the_inferred_contract(lake: Path) -> None:
    draft = propose_contract([str(lake / "Raw")], "vendas").draft
    contract = draft.contract
    table = yaml.safe_load(contract_text(draft))["schema"][0]
    custom = {one["property"]: one["value"] for one in table["customProperties"]}

    assert custom["raw"] == {
        "path": "Raw/vendas/{ano:04d}/{mes:02d}/{dia:02d}",
        "format": "json",
        "records": ["vendas[]", "[]", "."],
        "nulls": ["", "N/A"],
    }
    assert custom["trusted"] == {"path": "Trusted/vendas"}
    for column, told in zip(contract.columns, table["properties"], strict=True):
        assert read_column(told) == told_of(column, contract), told


def told_of(column: Column, contract: Contract) -> dict[str, Any]:
    kept = column.model_dump(mode="json", exclude={"description", "required", "expected"})
    return {**kept, "booleans": dict(sorted(kept["booleans"].items())), "key": column.name in contract.key}


def read_column(told: dict[str, Any]) -> dict[str, Any]:
    """A column as the format of contract files defines it: read here by hand, not by the code that writes it."""
    custom = {one["property"]: one["value"] for one in told.get("customProperties", [])}
    options = told.get("logicalTypeOptions", {})
    booleans = custom.get("booleans", {})

    def type_of(one: dict[str, Any]) -> str:
        names = {"integer": "bigint", "number": "double"}
        return str(one.get("physicalType") or names.get(one["logicalType"], one["logicalType"]))

    formats = [options["format"]] if "format" in options else []
    return {
        "name": told["name"],
        "type": f"array<{type_of(told['items'])}>" if told["logicalType"] == "array" else type_of(told),
        "sources": custom.get("sources", []),
        "synonyms": [one["synonym"] for one in told.get("synonyms", [])],
        "not_blank": custom.get("notBlank", False),
        "nulls": custom.get("nulls"),
        "minimum": options.get("minimum"),
        "maximum": options.get("maximum"),
        "min_length": options.get("minLength"),
        "pattern": options.get("pattern"),
        "enum": [],
        "unique": told.get("unique", False),
        "formats": [*formats, *custom.get("formats", [])],
        "decimal": custom.get("decimal", "."),
        "grouping": custom.get("grouping", ""),
        "split": custom.get("split"),
        "booleans": dict(
            sorted([(w, True) for w in booleans.get("true", [])] + [(w, False) for w in booleans.get("false", [])])
        ),
        "key": told.get("primaryKey", False),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("old.bak/a.json", "copy~/a.json", "drafts.tmp/a.json", "lost+found/a.json", "_drafts/a.json", ".git/a.json"),
        *("~$a.json", "a.json.old", "a.json.part", "a.json (1)", "._a.json", "#a.json#", "a.json.orig", "_a.json"),
    ],
)
def test_init_reads_only_files_that_a_run_reads(lake: Path, name: str) -> None:
    stray = lake / "Raw" / "vendas" / name
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text(json.dumps([{"other": 1}]), encoding="utf-8")

    out, _ = run("--from", str(lake / "Raw"), "--table", "vendas", "--json")

    told = json.loads(out)
    assert (told["files"], "other" in told["columns"]) == (1, False)
    if "/" not in name:
        with pytest.raises(InputError, match="runs never read a file of this name"):
            propose_contract([str(stray)], "vendas")
