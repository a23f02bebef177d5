"""`trustedlake report --html` on a real lake: the page has the numbers of the lake and the proof of each file."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

import trustedlake
from tests.support.damage import (
    add_a_published_file,
    lose_the_ledger,
    publish_two_days,
    remove_a_raw_file,
    rename_the_partition,
)
from tests.support.page_parts import english_messages, numbers_of, parse_page
from tests.support.trials import CSV, FIXTURES, MOVIES, Trial, film, films
from trustedlake.entrypoints.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY_20, DAY_21, NAME_20 = f"{MOVIES}/2025/06/20", f"{MOVIES}/2025/06/21", "ano=2025/mes=06/dia=20"


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and screen of the command."""
    screen = io.StringIO()
    with pytest.raises(SystemExit) as left, redirect_stdout(screen), redirect_stderr(screen):
        run(arguments)
    return int(left.value.code or 0), screen.getvalue()


@pytest.fixture
def week(lake: Trial) -> Trial:
    """Two published days, a truncated file, and a file that waits."""
    lake.put(f"{DAY_20}/filmes_001.json", b'[{"movie_id": 2')
    assert lake.run(entity="movies").exit_code == 3
    lake.put(f"{DAY_21}/filmes_001.json", films(2))
    return lake


def test_the_page_shows_the_numbers_of_the_lake_and_the_next_commands(week: Trial, tmp_path: Path) -> None:
    file = tmp_path / "pages" / "lake.html"
    before = week.snapshot()
    code, said = command("report", "--html", str(file), "--lake", str(week.lake))
    assert (code, said) == (0, f"{file}: open it in a browser\n")
    assert week.snapshot() == before
    assert [one.name for one in file.parent.iterdir()] == ["lake.html"]
    page = parse_page(file.read_text(encoding="utf-8"))
    facts = {one.find("dt")[0].text: one.find("dd")[0].text for one in page.find("dl")[0].find("div")}
    assert (facts["table"], facts["partitions"], facts["rows in Trusted"]) == ("1", "2", "10")
    points = page.find("ul", "points")[0]
    assert [one.text for one in points.find("span", "chip")] == [
        "refused", "open warnings", "waits in Raw",
    ]  # fmt: skip
    assert f"unreadable: {DAY_20}/filmes_001.json" in points.text
    assert f"{DAY_21}/filmes_001.json" in points.text
    again = f"trustedlake to-trusted --table tmdb_movies --lake {week.lake}"
    assert [one.text for one in points.find("code")] == [
        f"trustedlake quarantine --table tmdb_movies --partition ano=2025/mes=06/dia=20 --lake {week.lake}",
        again,
        f"trustedlake accept tmdb_movies ano=2025/mes=06/dia=17 quarantine --why ... --lake {week.lake}",
        again,
    ]
    days = [one.find("title")[0].text for one in page.find("g")]
    assert [day[:10] + day[13:].partition(" · ")[0] for day in days] == [
        "2025-06-17with rejected", "2025-06-18published", "2025-06-19missing", "2025-06-20refused", "2025-06-21pending",
    ]  # fmt: skip
    assert page.find("div", "rank")[0].text == "vote_average out of bounds1"


def test_the_page_shows_the_proof_of_each_file_as_the_run_counted_it(week: Trial) -> None:
    code, page = command("report", "--html", "-", "--lake", str(week.lake))
    assert code == 0
    rows = [row for row in parse_page(page).find("table", "proof")[0].find("tr") if len(row.find("td")) > 1]
    shown = [(row.find("td")[0].text, numbers_of(row)[:5]) for row in rows]
    assert shown == [
        ("filmes_001.json", [5, 3, 1, 1, 0]),
        ("filmes_002.json", [4, 4, 0, 0, 0]),
        ("filmes_001.json", [3, 3, 0, 0, 0]),
        ("filmes_001.json", [0, None, None, None, None]),
    ]
    written = Counter(row["file_path"].rpartition("/Movies/")[2] for row in week.rows())
    assert list(written.values()) == [3, 4, 3]
    assert [row.text[-1] for row in rows[:3]] == ["\N{CHECK MARK}"] * 3
    assert rows[3].text.endswith("not published")


def test_a_file_that_trustedlake_did_not_make_is_not_overwritten(lake: Trial, tmp_path: Path) -> None:
    own = tmp_path / "index.html"
    own.write_text("mine")
    for name, message in (
        (str(own), "trustedlake did not make it"),
        ("20260617T1011", "must end in .html"),
        (str(own / "x.html"), "can't write"),
        (str(tmp_path), "must end in .html"),
    ):
        code, said = command("report", "--html", name, "--lake", str(lake.lake))
        assert (code, message in said.replace("\n", " ")) == (2, True), said
    assert own.read_text() == "mine"
    for _ in range(2):
        assert command("report", "--html", str(tmp_path / "p.html"), "--lake", str(lake.lake))[0] == 0
    assert command("report", "--html", str(tmp_path / "p.html"), "--list", "--lake", str(lake.lake))[0] == 2


def test_a_damaged_ledger_still_leaves_the_other_tables_on_the_page(lake: Trial) -> None:
    lake.put("Raw/TMDB/JSON/Series/2025/06/17/series_001.json", [{"series_id": 1, "name": "A"}])
    (ledger,) = (lake.lake / "_trustedlake/ledger").iterdir()
    ledger.write_text("{")
    code, page = command("report", "--html", "-", "--lake", str(lake.lake))
    assert code == 0
    parsed = parse_page(page)
    assert [one.text for one in parsed.find("span", "chip")] == ["1 open point", "problem", "waits in Raw", "exit 0"][
        :3
    ]
    assert "This table can't be looked at." in parsed.text


def test_each_reason_why_a_file_is_unreadable_is_in_portuguese(trial: Trial) -> None:
    for number, file in enumerate(sorted((FIXTURES / "hostile").rglob("*.*"))):
        day = date(2025, 6, 1) + timedelta(days=number)
        folder = MOVIES if file.parent.name == "json" else CSV
        trial.put(f"{folder}/{day:%Y/%m/%d}/{file.name}", file.read_bytes())
    for source in ("tmdb", "csv"):
        trial.run(source, "movies")
    page = parse_page(command("report", "--html", "-", "--lake", str(trial.lake))[1])
    told = {
        one.text.split(": ", maxsplit=2)[2] for one in page.find("p", "message") if one.text.startswith("unreadable")
    }
    assert len(told) > 15, told
    assert english_messages(page) == []


@pytest.mark.parametrize("happens", [add_a_published_file, lose_the_ledger, remove_a_raw_file, rename_the_partition])
def test_a_failed_run_says_why_in_portuguese(trial: Trial, happens: Callable[[Trial], None]) -> None:
    publish_two_days(trial)
    happens(trial)
    trial.put(f"{DAY_20}/filmes_001.json", films(2))
    assert trial.run(entity="movies").exit_code == 1
    page = parse_page(command("report", "--html", "-", "--lake", str(trial.lake))[1])
    assert "problem" in {one.text for one in page.find("span", "chip")}
    assert english_messages(page) == []


def test_hostile_titles_names_and_paths_are_shown_as_text(trial: Trial) -> None:
    evil = "<script>alert(1)</script>"
    trial.put(f'{MOVIES}/2025/06/17/{evil.replace("/", "")}\u202e".json', [film(1), film(2, vote_average=evil)])
    trial.run(entity="movies", max_rejected=1.0)
    page = command("report", "--html", "-", "--lake", str(trial.lake))[1]
    assert len(parse_page(page).find("script")) == 1
    assert r"&lt;script&gt;alert(1)&lt;script&gt;\u202e&quot;.json" in page


def test_a_notebook_shows_what_the_status_command_prints(week: Trial) -> None:
    status = trustedlake.status(week.lake)
    assert status.tables[0].counts.trusted == 10
    shown = parse_page(status._repr_html_())
    assert "1 refused, 1 warning(s), 1 file(s) pending" in shown.text
    code, screen = command("status", "--lake", str(week.lake))
    assert code == 0
    assert shown.find("pre")[0].text.splitlines() == screen.splitlines()
    assert "do: trustedlake accept" in screen.replace("or trustedlake", "do: trustedlake")
    assert trustedlake.status(week.lake).model_dump_json() == status.model_dump_json()
