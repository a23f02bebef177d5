"""The page of a lake: what it says, that it works everywhere, and that no text of a lake becomes part of its code."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.page_parts import Element, numbers_of, parse_page
from tests.support.year_of_days import DAYS, MISSING, REFUSED, WARNED, year_of_days
from trustedlake.core.advice import what_shows
from trustedlake.core.page.day_states import State, days_of, parts_of
from trustedlake.core.page.page import page_of
from trustedlake.core.page.points import points_of
from trustedlake.core.page.style import DARK, LIGHT, SCRIPT
from trustedlake.models.ledger import Counts, Ledger, Partition, RawFile, Refusal, Warned
from trustedlake.models.overview import Overview, TableOverview
from trustedlake.models.report import Headlined, PartitionReport, PartitionStatus, RunReport, TableReport
from trustedlake.models.status import Failure, LakeStatus, LastRun, TableChange, TableStatus

NOW = datetime(2025, 6, 20, 5, tzinfo=UTC)
MEGABYTE = 1_000_000
DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def year() -> str:
    return page_of(year_of_days(tables=4))


@pytest.fixture(scope="module")
def parsed(year: str) -> Element:
    return parse_page(year)


def lake_of(*tables: TableOverview, runs: tuple[RunReport, ...] = (), lake: str = "lake") -> Overview:
    status = LakeStatus(tables=tuple(table.status for table in tables))
    return Overview(lake=lake, made=NOW, trustedlake="0", status=status, tables=tables, runs=runs)


def table_of(
    partitions: dict[str, Partition],
    *,
    held: dict[str, Failure] | None = None,
    refused_hints: dict[str, str] | None = None,
    **told: object,
) -> TableOverview:
    """A table with these partitions, and a status that says the same."""
    status = TableStatus(
        table="films",
        refused={name: one.refusal.message for name, one in partitions.items() if one.refusal},
        warnings={name: one.open_warnings for name, one in partitions.items() if one.open_warnings},
        held=held or {},
        refused_hints=refused_hints or {},
    )
    return TableOverview.model_validate(
        {"status": status, "ledger": Ledger(table="films", partitions=partitions), **told}
    )


def run_of(day: int, message: str = "") -> RunReport:
    """A run on a day of June 2025."""
    started = datetime(2025, 6, day, 4, tzinfo=UTC)
    table = TableReport(table="films", contract=1, status="failed" if message else "x", message=message)
    return RunReport(
        run_id=f"r{day}", command="x", trustedlake="0", started=started, finished=started + timedelta(seconds=3),
        exit_code=1, tables=(table,),
    )  # fmt: skip


def entry(framed: int = 10, rejected: int = 0, **more: object) -> Partition:
    counts = Counts(framed=framed, trusted=framed - rejected, rejected=rejected)
    return Partition.model_validate({"contract": 1, "counts": counts, **more})


REFUSAL = Refusal(gate="empty", max_rejected=0.05, message="no record", counts=Counts(), contract=1, raw=())
WARNING = Warned(id="drift-a", since=NOW, message="column a is gone")


def test_the_page_of_a_year_of_four_tables_is_below_a_megabyte(year: str) -> None:
    assert len(year.encode()) < MEGABYTE


def test_the_page_loads_nothing(year: str, parsed: Element) -> None:
    """Every attribute with an address is an anchor in the page, and the page's policy allows nothing else."""
    elements = parsed.every()
    addresses = {"href", "src", "srcset", "action", "formaction", "poster", "data", "background", "cite", "ping"}
    named = {one.attributes[name] for one in elements for name in addresses & set(one.attributes)}
    assert named
    assert all(re.fullmatch(r"#[a-z0-9-]+", str(one)) for one in named)
    assert {one[1:] for one in map(str, named)} <= {one.attributes.get("id") for one in elements}
    assert not [name for one in elements for name in one.attributes if name.startswith("on") or name == "style"]
    assert not {one.name for one in elements} & {
        "link",
        "iframe",
        "img",
        "object",
        "embed",
        "base",
        "form",
        "image",
        "use",
    }
    assert not re.search(r"https?:|url\(|@import", year)
    (policy,) = (one for one in elements if one.attributes.get("http-equiv") == "Content-Security-Policy")
    (style,), (script,) = parsed.find("style"), parsed.find("script")
    checksums = {
        kind: base64.b64encode(hashlib.sha256(one.text.encode()).digest()).decode()
        for kind, one in (("style", style), ("script", script))
    }
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{checksums['style']}'; script-src 'sha256-{checksums['script']}';"
        " base-uri 'none'; form-action 'none'"
    )


def test_each_picture_has_a_title_or_is_hidden_from_screen_readers(parsed: Element) -> None:
    for picture in parsed.find("svg"):
        told = picture.inside[0].name == "title" and picture.attributes.get("role") == "img"
        assert told or picture.attributes.get("aria-hidden") == "true"


def test_scrolling_and_folded_parts_can_be_reached_by_keyboard(parsed: Element) -> None:
    assert all(one.attributes.get("tabindex") == "0" for one in parsed.find("div", "scroll"))
    assert all(one.inside[0].name == "summary" for one in parsed.find("details"))
    ids = {one.attributes.get("id") for one in parsed.every()}
    assert {name for one in parsed.every() if (name := one.attributes.get("aria-labelledby"))} <= ids


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_marks_have_enough_contrast(scheme: dict[str, str]) -> None:
    """WCAG 2.2 asks for 4.5 for texts and 3 for graphics."""
    texts = [
        *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "sheet")),
        *(("ink", "code"), ("good-ink", "good"), ("warn-ink", "warn"), ("bad-ink", "bad"), ("wait", "sheet")),
    ]
    marks = ["mark", "bad", "wait", "bar", "soft", *(f"step-{number}" for number in range(8))]
    weak = [(a, b) for a, b in texts if contrast(scheme[a], scheme[b]) < 4.5]
    weak += [(a, "sheet") for a in marks if contrast(scheme[a], scheme["sheet"]) < 3]
    weak += [("mark", ground) for ground in ("good", "warn") if contrast(scheme["mark"], scheme[ground]) < 3]
    assert weak == []


def test_states_of_days_differ_in_shape_not_only_in_colour(parsed: Element) -> None:
    """Without their classes the shapes of the states are still six different drawings."""
    drawn = {}
    for cell in parsed.find("svg"):
        if cell.attributes.get("viewbox") == "0 0 20 20":
            shapes = [(one.name, {k: v for k, v in one.attributes.items() if k != "class"}) for one in cell.inside]
            drawn[cell.attributes["class"]] = repr(shapes)
    assert set(drawn) == {str(state).replace(" ", "-") for state in State}
    assert len(set(drawn.values())) == len(drawn)


def test_the_calendar_shows_the_state_of_each_day(parsed: Element) -> None:
    """In the first table every day has its own text, and their numbers match the legend."""
    section = parsed.find("section")[2]
    days = {title[:10]: title[13:] for group in section.find("g") for title in [group.find("title")[0].text]}
    assert len(days) == DAYS
    first = date(2024, 7, 1)
    for number in (*MISSING, *REFUSED, WARNED[0], 3):
        said = days[str(first + timedelta(days=number))]
        state = (
            "missing" if number in MISSING else "refused" if number in REFUSED
            else "open warnings" if number in WARNED else "published"
        )  # fmt: skip
        assert said.partition(" · ")[0] == state, (number, said)
    assert [one.text for one in section.find("ul", "legend")[0].find("li")] == [
        "missing 2", "published 319", "with rejected 30", "pending 1", "open warnings 12", "refused 2",
    ]  # fmt: skip


def test_the_proof_of_each_file_adds_up(parsed: Element) -> None:
    rows = [row for table in parsed.find("table", "proof") for row in table.find("tr") if len(row.find("td")) > 1]
    published = [row for row in rows if "off" not in str(row.attributes.get("class"))]
    assert len(published) == 2 * 361 * 4
    assert len(rows) - len(published) == 2 * len(REFUSED) * 4
    for row in published:
        framed, *written, _ = numbers_of(row)
        assert framed == sum(count or 0 for count in written)
        assert row.text.endswith("✓")


def test_a_file_without_known_counts_has_no_check_mark() -> None:
    raw = RawFile(path="Raw/a.json", size=1, sha256="0", tag="", records=10)
    cut = raw.model_copy(update={"path": "Raw/b.json", "trusted": 9, "rejected": 0, "duplicates": 0})
    page = parse_page(page_of(lake_of(table_of({"": entry(20, raw=(raw, cut))}))))
    rows = [row.text for row in page.find("table", "proof")[0].find("tr")[2:]]
    assert rows == [f"a.json10{DASH * 3}0", "b.json109000"]


@pytest.mark.parametrize(
    ("paths", "folder", "names"),
    [
        (["Raw/F/17/a.json", "Raw/F/17/b.json"], "Raw/F/17", ["a.json", "b.json"]),
        (["s3://b/Raw/A/17/a.json", "s3://b/Raw/F/17/a.json"], "s3://b/Raw", ["A/17/a.json", "F/17/a.json"]),
        (["s3://b/a.json", "s3://c/a.json"], "", ["s3://b/a.json", "s3://c/a.json"]),
        (["/in/a.json", "Raw/a.json"], "", ["/in/a.json", "Raw/a.json"]),
        (["/in/a.json", "/out/a.json"], "", ["/in/a.json", "/out/a.json"]),
        (["a.json"], "", ["a.json"]),
    ],
)
def test_the_proof_names_the_folder_that_files_share_once(paths: list[str], folder: str, names: list[str]) -> None:
    raw = tuple(RawFile(path=path, size=1, sha256=path, tag="", records=1) for path in paths)
    page = parse_page(page_of(lake_of(table_of({"dt=2025-06-17": entry(len(raw), raw=raw)}))))
    day, *rows = page.find("table", "proof")[0].find("tr")[1:]
    assert day.text == f"2025-06-17{folder}"
    assert [row.find("td")[0].text for row in rows] == names


EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)> &lt;b&gt; \u202egnp.\u2066\x1b[31m </style>\udcff"


def evil_lake(text: str) -> Overview:
    """A lake whose every name and message is `text`."""
    raw = RawFile(path=f"Raw/{text}/a.json", size=1, sha256="0", tag="", records=10)
    name = f"tema={text}".replace("/", "%2F")
    part = entry(
        10, 1, raw=(raw,), reasons={f"{text}|type": 1}, refusal=REFUSAL.model_copy(update={"message": text}),
        warnings=(Warned(id=text, since=NOW, message=text),),
    )  # fmt: skip
    table = table_of({name: part, "dt=2025-06-17": part}, description=text, pending={name: (text,)})
    told = {
        "table": text,
        "pending": (text,),
        "problem": text,
        "refused_hints": {name: text},
        "held": {f"{name}/x=1": Failure(since=NOW, message=text, hint=text)},
        "changes": (TableChange(run_id=text, started=NOW, done=(text,) * 20),),
    }
    status = table.status.model_copy(update=told)
    table = table.model_copy(update={"status": status})
    lake = lake_of(table, table, runs=(run_of(17), run_of(18, message=text)), lake=text)
    last = LastRun(run_id=text, started=NOW, exit_code=1)
    return lake.model_copy(update={"status": lake.status.model_copy(update={"last_run": last})})


def test_no_text_in_a_lake_becomes_markup_or_a_control_character() -> None:
    page, harmless = page_of(evil_lake(EVIL)), page_of(evil_lake(re.sub("[^ ]+", "word", EVIL)))
    shape = [(one.name, sorted(one.attributes)) for one in parse_page(page).every()]
    assert shape == [(one.name, sorted(one.attributes)) for one in parse_page(harmless).every()]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page)
    assert r"\u202egnp.\u2066\u001b[31m" in page
    page.encode()


def test_the_script_contains_no_tag() -> None:
    assert "<" not in SCRIPT.replace("[<\\d", "").replace("", "")


DAY = "ano=2025/mes=06/dia={:02}"


@pytest.mark.parametrize(
    ("filed", "missing"),
    [
        ([2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 19, 20], [18]),  # Monday to Friday: no Saturday is missing
        ([2, 3, 5, 6], [4]),  # a young lake
        ([5, 6, 9], []),
        ([1, 8, 15, 29], [22]),  # each Sunday
        ([17], []),
    ],
)
def test_a_day_is_missing_if_its_weekday_mostly_has_data(filed: list[int], missing: list[int]) -> None:
    days = days_of(parts_of(table_of({DAY.format(day): entry() for day in filed})))
    assert [day.day.day for day in days if day.state is State.MISSING] == missing
    assert len(days) == 30


def test_the_calendar_leaves_out_years_without_data() -> None:
    days = days_of(parts_of(table_of({"dt=1970-01-01": entry(), "dt=2025-06-17": entry()})))
    assert {(day.day.year, day.day.month) for day in days} == {(1970, 1), (2025, 6)}


def test_a_day_with_several_partitions_shows_the_worst_state() -> None:
    names = [f"tema={one}/dt=2025-06-17" for one in "abcd"]
    parts = parts_of(
        table_of(dict(zip(names, (entry(), entry(9, 1), entry(warnings=(WARNING,)), entry()), strict=True)))
    )
    assert [part.state for part in parts] == [State.PUBLISHED, State.REJECTED, State.WARNING, State.PUBLISHED]
    assert [part.day for part in parts] == [date(2025, 6, 17)] * 4
    same_day = [f"tema={one}/ano=2025/mes=06/dia=17" for one in "ab"]
    held = {same_day[1]: Failure(since=NOW, message="x", hint="")}
    (day,) = (one for one in days_of(parts_of(table_of(dict.fromkeys(same_day, entry()), held=held))) if one.parts)
    assert (day.state, day.counts.trusted) == (State.REFUSED, 20)


def test_open_points_show_their_start_and_the_command_to_type() -> None:
    names = [DAY.format(day) for day in (17, 18, 19)]
    table = table_of(
        {
            names[0]: entry(warnings=(WARNING,)),
            names[1]: entry(refusal=REFUSAL, warnings=(WARNING,)),
            names[2]: entry(),
        },
        pending={DAY.format(20): ("Raw/x.json",)},
        held={names[2]: Failure(since=NOW, message="a.json is gone", hint="restore it")},
        refused_hints={names[1]: "put records into it"},
    )
    pending = table.status.model_copy(update={"pending": ("Raw/x.json",)})
    lake = lake_of(table.model_copy(update={"status": pending}), lake="my lake")
    told = [
        (one.kind, one.partitions, one.since and one.since.day, one.message, one.hint[:10]) for one in points_of(lake)
    ]
    assert told == [
        (State.REFUSED, (names[1],), None, "no record", "put record"),
        (State.REFUSED, (names[2],), 20, "a.json is gone", "restore it"),
        (State.WARNING, (names[0], names[1]), 20, "column a is gone", "restore th"),
        (State.PENDING, (DAY.format(20),), None, "Raw/x.json", ""),
    ]
    lines = [line for one in points_of(lake) for _, line in one.commands]
    assert lines == [
        f"trustedlake quarantine --table films --partition {names[1]} --lake 'my lake'",
        "trustedlake to-trusted --table films --lake 'my lake'",
        "trustedlake to-trusted --table films --lake 'my lake'",
        "trustedlake accept films all drift-a --why ... --lake 'my lake'",
        "trustedlake to-trusted --table films --lake 'my lake'",
    ]


def test_open_points_of_a_whole_table_come_first() -> None:
    failure = Failure(since=NOW, message="no such folder", hint="make it")
    told = {"failure": failure, "unknown": tuple("abcd"), "vanished": ("x",)}
    table = table_of({DAY.format(17): entry()})
    table = table.model_copy(update={"status": table.status.model_copy(update=told)})
    assert [(one.kind, one.since, one.message) for one in points_of(lake_of(table))] == [
        ("problem", NOW, "no such folder"),
        ("problem", None, "4 file(s) that no run published: a, b, c and 1 more"),
        ("problem", None, "1 raw file(s) that are published are gone: x"),
    ]


def test_runs_that_fail_because_of_files_that_are_gone_are_one_point() -> None:
    failure = Failure(since=NOW, message="1 raw file(s) of films vanished since they were published: x", hint="choose")
    table = table_of({DAY.format(17): entry()})
    table = table.model_copy(
        update={"status": table.status.model_copy(update={"failure": failure, "vanished": ("x",)})}
    )
    assert [(one.since, one.message) for one in points_of(lake_of(table))] == [
        (NOW, "1 raw file(s) that are published are gone: x")
    ]


def test_the_page_of_an_empty_lake_says_that_it_is_empty() -> None:
    page = parse_page(page_of(lake_of()))
    assert "Nothing is published, and nothing waits in Raw." in page.text
    assert "Nothing is open" in page.text


def test_many_years_are_drawn_as_few_bars() -> None:
    first = date(2019, 1, 1)
    days = [first + timedelta(days=number) for number in range(2_000)]
    page = parse_page(page_of(lake_of(table_of({f"dt={day}": entry() for day in days}))))
    (chart,) = page.find("svg", "chart")
    assert chart.find("title")[0].text == f"{days[0]} {DASH} {days[-5]} · 50 highest"
    assert chart.find("path")[0].attributes["d"].count("M") == 400  # type: ignore[union-attr]


def test_status_and_report_are_tables_in_a_notebook_and_one_line_as_text() -> None:
    lake = year_of_days(tables=2)
    assert repr(lake.status) == (
        f"<LakeStatus: 2 table(s), {sum(one.counts.trusted for one in lake.status.tables):,} rows, 2 with open points,"
        " last run 2025-07-02 04:00 exit 3>"
    )
    assert str(lake.runs[-1]) == repr(lake.runs[-1])
    assert re.fullmatch(r"<RunReport: 20250702T\S+, exit 3, 2 table\(s\), [\d,]+ rows, 5.6 s>", repr(lake.runs[-1]))
    rows = [row.text for row in parse_page(lake.status._repr_html_()).find("tr")]
    assert len(rows) == 3
    assert "2 refused, 12 warning(s), 1 file(s) pending" in rows[1]
    evil = evil_lake(EVIL)
    for shown in (evil.status.with_lines([EVIL, "  x"]), evil.runs[-1].with_lines([EVIL, "  x"])):
        page = parse_page(shown._repr_html_())
        assert {one.name for one in page.every()} == {"div", "p", "b", "table", "tr", "th", "td", "pre"}
        first, second = page.find("pre")[0].text.split("\n")
        assert (first.startswith("\"'><script>alert(1)</script>"), second) == (True, "  x")


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            TableReport(table="films", contract=1, status="published", counts=Counts(trusted=1234), warnings=("a",)),
            "<TableReport: films published, 0 partition(s), 1,234 rows, 1 warning(s)>",
        ),
        (
            PartitionReport(partition="", status=PartitionStatus.REFUSED, files=2, counts=Counts(framed=3)),
            "<PartitionReport: whole table refused, 2 file(s), 0 rows>",
        ),
        (
            TableStatus(table="films", partitions=3, refused={"a": "x"}, pending=("b",)),
            "<TableStatus: films, 3 partition(s), 0 rows, 1 refused, 1 file(s) pending>",
        ),
    ],
)
def test_the_parts_of_a_report_and_of_a_status_are_short_as_text(shown: Headlined, told: str) -> None:
    assert (repr(shown), str(shown)) == (told, told)


def test_each_table_shows_its_newest_changes_and_folds_the_others() -> None:
    changes = [TableChange(run_id=f"r{n}", started=NOW, done=(f"published: dia={n} (new)",)) for n in range(5)]
    table = table_of({DAY.format(17): entry()})
    busy = table.model_copy(update={"status": table.status.model_copy(update={"changes": tuple(changes)})})
    page = parse_page(page_of(lake_of(busy, busy)))
    (section,) = (one for one in page.find("section") if one.attributes.get("aria-labelledby") == "changes")
    folded = section.find("details")
    assert [one.find("summary")[0].text for one in folded] == ["2 more"] * 2
    assert [one.text for one in section.find("code")] == [f"r{n}" for n in range(5)] * 2
    assert [one.text for part in folded for one in part.find("code")] == ["r3", "r4"] * 2


def test_the_quarantine_command_of_a_table_without_partitions_names_no_partition() -> None:
    assert what_shows("films", "", "lake") == "trustedlake quarantine --table films --lake lake"
    assert what_shows("films", DAY.format(17), None).endswith(f"--table films --partition {DAY.format(17)}")


def test_a_message_brings_its_translation_and_one_without_says_that_it_is_english() -> None:
    known = entry(warnings=(Warned(id="x", since=NOW, message="column a is absent from every record of b.json"),))
    unknown = entry(warnings=(Warned(id="y", since=NOW, message="an elder version's\n  message"),))
    page = parse_page(
        page_of(lake_of(table_of({"dt=2025-06-17": known, "dt=2025-06-18": unknown}, description="Filmes")))
    )
    (first,), (second,) = (one.find("p", "message")[0].inside for one in page.find("div", "point"))
    assert first.text == "column a is absent from every record of b.json"
    assert first.attributes == {"data-pt": "a coluna a não está em nenhum registro de b.json"}
    assert (second.text, second.attributes) == ("an elder version's; message", {"lang": "en"})
    (description,) = (one for one in page.find("bdi") if one.text == "Filmes")
    assert description.attributes == {}, "who wrote it knows its language"
