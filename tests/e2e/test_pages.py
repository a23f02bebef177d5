"""Every command on a page is run as written, or a table says why not and which test covers it instead.

A page is run section by section of `PLAYS`, or as a whole: its blocks in order, in one folder, in their own processes.
The contents of that folder, and what the page's made-up names stand for, is the play's setting
(`tests/support/page_settings.py`). Lines with `pip install` are left out: the tests' environment has it all, and
`tests/e2e/test_bare_install.py` installs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support import page_settings as settings
from tests.support.page_stage import Stage
from tests.support.pages import Block, all_pages, blocks_of
from tests.support.trials import REPO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.support.page_stage import Setting

CLEAN = "clean: each record of Raw is where the ledger says, exactly once"
COMMANDS = {"bash", "sh", "zsh", "fish", "python", "sql"}


@dataclass(frozen=True)
class Play:
    """A page, or sections of it, and what they are run with.

    Attributes:
        page: path in the repository.
        setting: makes what the reader has before the first block, and looks at what there is after the last.
        parts: headings of the sections; without them all that no other play has.
        says: what must stand in what the blocks print, `…` for anything.
        exits: exit codes of lines that do not end with 0.
        shown: each block of text is what the block before it prints.
        rest: takes long, so `make test` leaves it out.
    """

    page: str
    setting: Setting
    parts: Sequence[str] = ()
    says: Sequence[str] = ()
    exits: Mapping[str, int] = field(default_factory=dict)
    shown: bool = False
    rest: bool = False

    def __str__(self) -> str:
        return " ".join([self.page.removeprefix("docs/"), *self.parts[:1]])


PLAYS: Sequence[Play] = (
    Play(
        "README.md", settings.served_tmdb_with_a_key, says=["…complete", "tmdb_movies published…"], parts=["From TMDB"]
    ),
    Play(
        "README.md",
        settings.trips,
        parts=["Your own table"],
        says=["trips: 2 partition(s), 6 rows, 0 rejected (0.0%)…"],
    ),
    Play(
        "README.md",
        settings.fixture_lake,
        parts=["Films and series"],
        says=["tmdb_movies published…", "tmdb_series published…", "local_movies published…", "local_series published…"],
    ),
    Play("README.md", settings.library, parts=["As a library"], says=["…trusted=36…"]),
    Play("docs/tutorial.md", settings.nothing, shown=True),
    Play("docs/how-to/audit.md", settings.lake_to_audit, rest=True),
    Play("docs/how-to/aws.md", settings.lake_in_a_bucket, rest=True),
    Play("docs/how-to/bad-input.md", settings.drifted_lake, exits={"trustedlake status --check": 3}),
    Play("docs/how-to/be-called.md", settings.told, rest=True),
    Play("docs/how-to/buckets.md", settings.bucket_on_aws, parts=["On AWS"], rest=True, says=[CLEAN]),
    Play(
        "docs/how-to/buckets.md",
        settings.bucket_on_minio,
        parts=["Try it without an account"],
        rest=True,
        says=["…complete", "tmdb_movies published…", "…this machine fetched…", "…vote_average", CLEAN],
    ),
    Play("docs/how-to/build-your-own-job.md", settings.own_job, rest=True),
    Play("docs/how-to/catalog.md", settings.bucket_and_catalog, rest=True),
    Play("docs/how-to/cluster.md", settings.session_on_a_cluster, rest=True),
    Play("docs/how-to/doctor.md", settings.fixture_lake),
    Play("docs/how-to/engines.md", settings.fixture_lake, rest=True),
    Play(
        "docs/how-to/fix-a-record.md",
        settings.wrong_record,
        parts=["Fix a record"],
        rest=True,
        says=["…rejected: vote_average|range (1)", "…corrected by…zz_fix_001.json#0)"],
    ),
    Play("docs/how-to/fix-a-record.md", settings.corrected_the_day_after, parts=["Which record wins"], rest=True),
    Play("docs/how-to/from-a-glue-job.md", settings.glue_job, rest=True),
    Play("docs/how-to/ingest.md", settings.offline_tmdb, rest=True),
    Play("docs/how-to/look-at-the-lake.md", settings.fixture_lake, exits={"trustedlake status --check": 3}, rest=True),
    Play("docs/how-to/offline-tmdb.md", settings.served_tmdb, says=["tmdb_movies published…", "…calls for details,…"]),
    Play("docs/how-to/quarantine.md", settings.published_lake, rest=True),
    Play(
        "docs/how-to/query-state.md",
        settings.lake_with_a_past,
        says=["2025-06-16,0.14285714285714285", "tmdb_movies,2025-06-17"],
    ),
    Play("docs/how-to/query.md", settings.lake_to_query, rest=True),
    Play("docs/how-to/reruns-and-crashes.md", settings.two_runs, rest=True),
    Play("docs/how-to/status.md", settings.drifted_lake, exits={"trustedlake status --check": 3}, rest=True),
    Play("docs/how-to/your-own-files.md", settings.other_folders, parts=["Where they are"], rest=True),
    Play("docs/how-to/your-own-files.md", settings.unreadable_file, parts=["When a file can't be read"], rest=True),
    Play("docs/how-to/your-own-files.md", settings.vanished_file, parts=["When raw files are gone"], rest=True),
    Play("docs/how-to/your-own-table.md", settings.orders, shown=True),
    Play("docs/reference/contract-file.md", settings.contract_files),
)


@dataclass(frozen=True)
class Elsewhere:
    """Blocks of a page that are not run here, by how they begin, and the test that does it or holds them."""

    page: str
    starts: str | tuple[str, ...]
    why: str
    test: str


AWS = ("make package", "output() ", "aws ", "ask() ", "LAKE=", "import sys")
ELSEWHERE: Sequence[Elsewhere] = (
    Elsewhere("README.md", "make demo", "the demo, and all tests", ".ci/run"),
    Elsewhere("CONTRIBUTING.md", "make install", "the environment, and all tests", ".ci/run"),
    Elsewhere("docs/benchmarks.md", "make bench", "takes an hour", "tests/e2e/test_benchmarks.py"),
    Elsewhere("docs/how-to/aws.md", AWS, "needs an AWS account", "tests/deploy/test_aws_page.py"),
    Elsewhere("docs/how-to/buckets.md", "make minio", "a server that stays", "tests/support/minio.py"),
    Elsewhere("docs/how-to/catalog.md", "SELECT", "Athena's names", "tests/e2e/test_catalog_command.py"),
    Elsewhere("docs/how-to/cluster.md", ("spark-submit", "export"), "needs a cluster", "tests/e2e/test_cluster.py"),
    Elsewhere(
        "docs/how-to/container.md", ("make image", "docker "), "needs Docker", "tests/unit/test_container_files.py"
    ),
    Elsewhere("docs/how-to/engines.md", "make parity", "asks for a lake", "tests/e2e/test_parity.py"),
    Elsewhere("docs/how-to/glue.md", "import sys", "runs where Glue's versions are", "tests/glue/test_glue_job.py"),
    Elsewhere(
        "docs/how-to/schedule.md",
        ("aws ", '"""Films'),
        "needs Airflow, an AWS account",
        "tests/unit/test_schedule_page.py",
    ),
    Elsewhere(
        "docs/how-to/shell-completion.md",
        ("eval ", "_TRUSTEDLAKE"),
        "a line for each shell",
        "tests/e2e/test_shell_completion.py",
    ),
)


def commands_of(page: str) -> Sequence[Block]:
    return [block for block in blocks_of(page) if block.language in COMMANDS]


def row_for(block: Block) -> Elsewhere | None:
    return next((row for row in ELSEWHERE if row.page == block.page and block.code.startswith(row.starts)), None)


def play_of(block: Block) -> Play | None:
    """Who runs a block; a play of its section goes before one of the whole page."""
    here = [play for play in PLAYS if play.page == block.page]
    ranked = [play for play in here if block.heading in play.parts] + [play for play in here if not play.parts]
    return ranked[0] if ranked else None


def is_translated(block: Block) -> bool:
    """Is it a block of an English page, which is run? `tests/unit/test_portuguese.py` holds them to that."""
    return "pt-BR" in block.page and block.code in ENGLISH


PAGES = [page.relative_to(REPO).as_posix() for page in all_pages()]
ENGLISH = {block.code for page in PAGES if "pt-BR" not in page for block in commands_of(page)}


def is_run(block: Block, play: Play | None) -> bool:
    return play is not None and play == play_of(block) and not is_translated(block) and not row_for(block)


@pytest.mark.parametrize("page", PAGES)
def test_each_command_on_a_page_is_run_or_listed_with_a_reason(page: str) -> None:
    for block in commands_of(page):
        known = is_translated(block) or row_for(block) or play_of(block)
        assert known, f"{block}\nneeds a play in PLAYS, or a row in ELSEWHERE"


@pytest.mark.parametrize("row", ELSEWHERE, ids=str)
def test_each_listed_exception_has_a_block_on_its_page_and_a_test(row: Elsewhere) -> None:
    assert any(row is row_for(block) for block in commands_of(row.page)), "no block begins so"
    assert (REPO / row.test).exists()


@pytest.mark.parametrize(
    "play", [pytest.param(p, marks=[pytest.mark.rest] if p.rest else [], id=str(p)) for p in PLAYS]
)
def test_each_page_runs_as_written(play: Play, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    stage = Stage(tmp_path, request, exits=play.exits)
    said = [""]
    blocks = [block for block in blocks_of(play.page) if play_of(block) is play]
    commands = [block for block in blocks if block.language in COMMANDS and is_run(block, play)]
    assert commands, "nothing of it is run"
    with stage.ready(play.setting):
        stage.require_used("".join(block.code for block in commands))
        for block in blocks:
            if block in commands:
                said.append(stage.run(block.language, block.code))
            elif play.shown and block.language == "text" and len(said) > 1:
                require_shown(block.code, said[-1], str(block))
        said.append(stage.run_python())
    for sign in play.says:
        require_shown(sign, "".join(said), str(play))


def require_shown(shown: str, said: str, where: str) -> None:
    """Fail unless each line is in the output, in this order; `…` stands for anything, spaces count once."""
    rest = [" ".join(line.split()) for line in said.splitlines()]
    for line in filter(None, (" ".join(line.split()) for line in shown.splitlines())):
        wanted = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        found = next((number for number, real in enumerate(rest) if wanted.fullmatch(real)), None)
        assert found is not None, f"{where}\nno line {line!r} in\n{said}"
        rest = rest[found + 1 :]
