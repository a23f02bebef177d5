"""The messages on the page in Portuguese: every sentence that may come onto it has one, and each is the right one."""

from __future__ import annotations

import re
import time
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.support.sentences import BLANK, left_in_english, sentences_of
from tests.support.trials import REPO
from trustedlake.core.page.portuguese.phrases import PHRASES
from trustedlake.core.page.portuguese.translate import (
    LONGEST,
    MESSAGES,
    TRANSLATIONS,
    Translation,
    one_line,
    translated,
)
from trustedlake.core.run_steps import RUN_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = REPO / "src/trustedlake"
TOLD = ("adapters", "app", "core", "core/inferring/notation.py", "errors.py")
"""Where the texts come from that the page shows: its phrases, warnings, advice, refusals, and why a table failed."""

UNTOLD = {
    "adapters/auditing": "for `audit`",
    "adapters/aws": "for `catalog` and `ingest-tmdb`",
    "adapters/doctor": "for `doctor`",
    "adapters/contracts": "contract files are read before a run",
    "adapters/duckdb": "for `query`",
    "adapters/openlineage": "for OpenLineage",
    "adapters/parquet/parquet_columns.py": "for `audit` and `query`",
    "adapters/s3/probes.py": "for `doctor`",
    "adapters/spark/spark_records.py": "for jobs of one's own",
    "adapters/tmdb": "for `ingest-tmdb`",
    "app/auditing": "for `audit`",
    "app/cataloging.py": "for `catalog`",
    "app/doctor.py": "for `doctor`",
    "app/history.py": "for `report --diff`",
    "app/ingesting": "for `ingest-tmdb`",
    "app/quarantine.py": "what `quarantine` refuses",
    "app/querying.py": "for `query`",
    "app/trusted/observed_table.py": "for OpenLineage",
    "core/cataloging": "for `catalog`",
    "core/contract_changes.py": "for `contract diff`",
    "core/genres.py": "for `ingest-tmdb`",
    "core/ignored.py": "names of files",
    "core/inferring": "for `contract init`",
    "core/judging": "SQL",
    "core/page/portuguese": "the translations",
    "core/page/style.py": "the style and the script",
    "core/partition.py": "for the check of contracts",
    "core/partition_name.py": "for the check of options",
    "core/run_steps.py": "for the terminal, except the names, which have their own test",
    "core/state_tables.py": "descriptions of columns",
    "core/table_schema.py": "descriptions of columns",
}
"""Modules and rooms there whose sentences don't come onto the page."""

NOT_ON_PAGE = (
    # notes of a run
    f"{BLANK} raw file(s) come from outside the lake", f"{BLANK} judged again because", f"since {BLANK}:",
    f"{BLANK} rejected record(s) are corrected by others", f"{BLANK} optional column(s) that",
    "rows kept beside a later delivery", f"{BLANK} rejected record(s) correct nothing",
    # refused before the first table
    f"--accept-unreadable {BLANK} is not a raw file of", "give the path that the report shows",
    f"{BLANK} names {BLANK}: ", f"give {BLANK} the file with",
    # what other commands refuse
    f"no run {BLANK} in", "no run yet in", f"{BLANK} runs begin with", "give more of the name", "look again: trusted",
    f"{BLANK} is not open:", f"{BLANK} is not an open place in Raw",
    f"{BLANK} has no partition", f"{BLANK} {BLANK} has no open warning",
    # names of commands, code
    "trustedlake contract init --from FILE", "pip install", "Mapping[",
    "column (?P<column>", "#!/bin/sh", "import sys;", "path string,", "aws:kms:dsse",
    # what other programs say
    "Invalid header value", "Failed to parse", "Tunnel connection failed", "No such file", "Could not reserve",
    "Invalid maximum heap", "invalid null input", "No module named",
    # caught before anybody sees them
    "time does not go back", "an answer without an ETag", "an answer that is not a list", "no workspace is open",
    "pandas is not looked for",
)  # fmt: skip
"""How the sentences there begin that don't come onto the page."""


def modules() -> Iterator[Path]:
    for place in TOLD:
        found = [PACKAGE / place] if place.endswith(".py") else sorted((PACKAGE / place).rglob("*.py"))
        yield from (one for one in found if place.endswith(".py") or not is_untold(one))


def is_untold(module: Path) -> bool:
    inside = module.relative_to(PACKAGE)
    return any(one.as_posix() in UNTOLD for one in (inside, *inside.parents))


def filled(sentence: str) -> Iterator[str]:
    """The sentence with each of a few values in its blanks."""
    blanks = sentence.count(BLANK)
    for values in product(("7", "x.json", "") if blanks < 6 else ("7", "x.json"), repeat=blanks):
        rest = iter(values)
        yield re.sub(BLANK, lambda _, rest=rest: next(rest), sentence)  # type: ignore[misc]


def is_translated(sentence: str) -> bool:
    if sentence in PHRASES:
        return True
    said = [portuguese for text in filled(sentence) if (portuguese := translated(text))]
    return any(not left_in_english(sentence, portuguese) for portuguese in said)


def test_every_sentence_that_may_come_onto_the_page_has_a_translation() -> None:
    missing, seen = [], set()
    for module in modules():
        for one in sentences_of(module):
            sentence = one_line(one.text).lstrip(" ;,").rstrip(" ;")
            if sentence.startswith(NOT_ON_PAGE):
                seen.add(next(start for start in NOT_ON_PAGE if sentence.startswith(start)))
            elif not is_translated(sentence):
                place = f"{module.relative_to(REPO)}:{one.line}"
                missing.append(f"{place}: add {sentence.replace(BLANK, '{}')!r} to core/page/portuguese/")
    assert not missing, "\n".join(["no Portuguese for these messages:", *missing])
    assert not set(NOT_ON_PAGE) - seen, "nothing begins like that any more"
    assert [one for one in UNTOLD if not (PACKAGE / one).exists()] == []


def test_every_name_of_a_step_of_a_run_has_a_translation() -> None:
    assert {step.name for step in RUN_STEPS.values()} - set(PHRASES) == set()


def test_a_sentence_without_a_translation_is_found() -> None:
    for sentence in (f"{BLANK} birds sit on the fence", f"unreadable: {BLANK}: the bird flew away from it"):
        assert not is_translated(sentence)


HOLE = re.compile(r"\{[a-z]+[0-9]*\}")
SAMPLES = {"n": "3", "say": "the file is empty", "any": "x", "some": "a.json, b.json"}


def sample(hole: str) -> str:
    name = hole.strip("{}")
    return SAMPLES.get(name.rstrip("0123456789"), f"<{name}>")


@pytest.mark.parametrize("english", MESSAGES)
def test_each_template_is_the_one_that_its_own_message_gets(english: str) -> None:
    portuguese = MESSAGES[english]
    assert set(HOLE.findall(english)) == set(HOLE.findall(portuguese))
    assert len(HOLE.findall(english)) == len(set(HOLE.findall(english)))
    text = HOLE.sub(lambda hole: sample(hole[0]), english)
    assert translated(text) == Translation(english, portuguese).render(text, 8)


def test_no_translation_is_english() -> None:
    same = [english for english, portuguese in MESSAGES.items() if english == portuguese]
    assert same == ["{some}: {say}"]
    assert TRANSLATIONS[-1].english == same[0], "what fits almost every text comes last"


BROKEN = "the array that begins at line 1 column 1 is still open at the end of the file: it is truncated"
CUT = "o array que começa na linha 1 coluna 1 ainda está aberto no fim do arquivo: ele está cortado"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        # one and several
        ("all 1 records rejected", "o único registro foi rejeitado"),
        ("all 1,234 records rejected", "todos os 1.234 registros foram rejeitados"),
        ("1 file(s) in Raw that no table takes: a.csv", "1 arquivo na Raw que nenhuma tabela lê: a.csv"),
        (
            "12 file(s) in Raw that no table takes: a.csv, b.csv, c.csv and 9 more",
            "12 arquivos na Raw que nenhuma tabela lê: a.csv, b.csv, c.csv e mais 9",
        ),
        (
            "1 record(s) are in Quarantine, rejected: vote_average|range (1)",
            "1 registro rejeitado está na Quarentena: vote_average|range (1)",
        ),
        (
            "2 record(s) are in Quarantine, rejected: title|missing (2); 1 more are corrected by later records",
            "2 registros rejeitados estão na Quarentena: title|missing (2); mais 1 foi corrigido por registros"
            " posteriores",
        ),
        # numbers and shares
        (
            "1,200 of 20,000 records rejected (6.0%, allowed 5.0%)",
            "registros rejeitados: 1.200 de 20.000 (6,0%; o permitido é 5,0%)",
        ),
        (
            "110 of 900,000 records rejected (<0.1%, allowed <0.1%)",
            "registros rejeitados: 110 de 900.000 (<0,1%; o permitido é <0,1%)",
        ),
        # parts, and messages in messages
        (
            f"unreadable: Raw/a.json: line 1 column 9: Expecting value; {BROKEN}",
            f"ilegível: Raw/a.json: linha 1 coluna 9: falta um valor; {CUT}",
        ),
        (
            "refused: ano=2025/mes=06/dia=17: unreadable: 4 files, a.json, b.json, c.json and 1 more: the file is empty"
            "; d.csv: byte 1,024: not UTF-8 (0xff); and 2 other problem(s)",
            "recusada: ano=2025/mes=06/dia=17: ilegível: 4 arquivos, a.json, b.json, c.json e mais 1: o arquivo está"
            " vazio; d.csv: byte 1.024: não é UTF-8 (0xff); e mais 2 problemas",
        ),
        (
            "refused: 1,204 partitions, ano=2025/mes=06/dia=18 to ano=2028/mes=10/dia=03: in the last one: unreadable:"
            " d.csv: the file is empty",
            "recusada: 1.204 partições, de ano=2025/mes=06/dia=18 a ano=2028/mes=10/dia=03: na última: ilegível: d.csv:"
            " o arquivo está vazio",
        ),
        (
            "refused: 4 partitions, tema=a to tema=d: still open",
            "recusada: 4 partições, de tema=a a tema=d: ainda em aberto",
        ),
        (
            "published: 4 partitions, ano=2025 to ano=2028 (contract)",
            "publicada: 4 partições, de ano=2025 a ano=2028 (o contrato mudou)",
        ),
        (
            "published again: the table: Raw/Black and White.json is new, b.json is changed and 3 more",
            "publicada de novo: a tabela: Raw/Black and White.json é novo, b.json mudou e mais 3",
        ),
        (
            "column vote_average is absent from every record of a.json and 1 more file(s); unknown there: x, y",
            "a coluna vote_average não está em nenhum registro de a.json e mais 1 arquivo; lá, fora do contrato: x, y",
        ),
        (
            "column vote_average is absent from every record of a.json and 1,204 more; unknown there: x",
            "a coluna vote_average não está em nenhum registro de a.json e mais 1.204; lá, fora do contrato: x",
        ),
        ("s3://bucket/lake: there is no such bucket", "s3://bucket/lake: esse bucket não existe"),
        ("/lake/Raw: Permission denied", "/lake/Raw: permissão negada"),
        # an unknown part stays as it is
        ("unreadable: a.json: an elder version's reason", "ilegível: a.json: an elder version's reason"),
        (
            "run again: the state is safe; see the moon",
            "execute de novo: nada se perdeu; see the moon",
        ),
        # lines
        (
            "day: what sail wrote is not what was read:\n  a.json: lost rows: 5 records were read, 4 were written"
            " (4 trusted, 0 rejected, 0 duplicates)\n  and 2 more",
            "day: o que sail gravou não é o que foi lido: a.json: linhas perdidas: registros lidos: 5, gravados: 4"
            " (4 aceitos, 0 rejeitados, 0 duplicados); e mais 2",
        ),
        # unknown
        ("an elder version's message", None),
        ("Raw/a.json", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_message_is_translated_by_its_parts(message: str, expected: str | None) -> None:
    assert translated(one_line(message)) == expected


HOSTILE = [
    "a: " * 1300, " and 1 more" * 360, "unreadable: " * 330, "formats x or " * 300, ": ; " * 900, "x is new; " * 390,
    "x is being published by process " + " on , since  UTC (run " * 180, ", is new" * 490, "1 " * 1990, "9" * 3990,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:12] for text in HOSTILE])
def test_a_file_name_that_looks_like_messages_takes_no_time(text: str) -> None:
    assert len(text) < LONGEST
    start = time.perf_counter()
    translated(text)
    assert time.perf_counter() - start < 1
    assert translated(text * 10) is None
