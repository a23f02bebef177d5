"""One table on the page: its status, its days, rows and rejections over time, and the proof of its files."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from trustedlake.core.page.bars import Slot, bar, bars, merged
from trustedlake.core.page.calendar import calendar, legend, symbol
from trustedlake.core.page.day_states import Day, State, days_of, months_of, parts_of, without_ends
from trustedlake.core.page.words import formatted, message, name, number, said, say
from trustedlake.core.rules import RULES
from trustedlake.markup import Markup, join, tag
from trustedlake.models.lake import WHOLE_TABLE
from trustedlake.wording import share, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.core.page.day_states import Part
    from trustedlake.models.ledger import RawFile
    from trustedlake.models.overview import TableOverview
    from trustedlake.models.report import RunReport


_COLUMNS = (("", "framed"), ("=", "trusted"), ("+", "rejected"), ("+", "duplicates"), ("+", "elsewhere"))


def proof(parts: Sequence[Part], heading: str) -> Markup | None:
    """List the files of each partition, by month if partitions are days; `heading` is the id of the table's heading."""
    known = [part for part in parts if part.entry and (part.entry.raw or part.entry.refusal)]
    if not known:
        return None
    months = groupby(sorted(known, key=_month, reverse=True), key=_month)
    groups = [(month, list(members)) for month, members in months]
    inside = (
        [_files(groups[0][1], heading)]
        if len(groups) == 1
        else [tag("details", _summary(month, members), _files(members, heading)) for month, members in groups]
    )
    said_what = "Each raw file: what was framed from its bytes is what was found again in the Parquet."
    return tag("details", said("summary", "The proof, file by file"), said("p", said_what, class_="soft"), *inside)


def _month(part: Part) -> str:
    return f"{part.day:%Y-%m}" if part.day else ""


def _summary(month: str, parts: Sequence[Part]) -> Markup:
    files = sum(len(part.entry.raw) for part in parts if part.entry)
    return tag(
        "summary", month or say("Other partitions"), " ", tag("span", number(files), " ", say("files"), class_="soft")
    )


def _files(parts: Iterable[Part], heading: str) -> Markup:
    head = tag(
        "tr",
        said("th", "file"),
        *(tag("th", f"{sign}\N{NO-BREAK SPACE}" if sign else None, say(phrase)) for sign, phrase in _COLUMNS),
        tag("th"),
    )
    rows = [row for part in parts for row in _rows(part)]
    return tag(
        "div",
        tag("table", head, *rows, class_="proof"),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_labelledby=heading,
    )


def _rows(part: Part) -> Iterator[Markup]:
    entry = part.entry
    if entry is None:
        return
    refused = entry.refusal.raw if entry.refusal else ()
    shared = _shared_folder([file.path for file in (*entry.raw, *refused)])
    label = part.day or (name(part.name) if part.name else say("the whole table"))
    folder = tag("bdi", shared) if shared else None
    yield tag("tr", tag("td", label, folder, colspan=len(_COLUMNS) + 2), class_="d")
    for file in entry.raw:
        yield _row(file, shared)
    published = {(file.path, file.sha256) for file in entry.raw}
    for file in refused:
        if (file.path, file.sha256) not in published:
            yield _row(file, shared, refused=True)


def _shared_folder(paths: Sequence[str]) -> str:
    """Return the deepest folder that has all of the files; empty if there is none."""
    folders = (path.split("/")[:-1] for path in paths)
    shared = "/".join(one[0] for one in takewhile(lambda one: len(set(one)) == 1, zip(*folders, strict=False)))
    return "" if shared.endswith("/") else shared  # files of two buckets have only `s3://` in common


def _row(file: RawFile, folder: str, *, refused: bool = False) -> Markup:
    framed = file.records + file.elsewhere
    written = (file.trusted, file.rejected, file.duplicates, file.elsewhere)
    balanced = None not in written and framed == sum(count or 0 for count in written)
    verdict = say("not published") if refused else tag("b", "\N{CHECK MARK}", class_="ok") if balanced else None
    counts = (framed, *written) if not refused else (framed, *["\N{EN DASH}"] * len(written))
    cells = ("\N{EN DASH}" if count is None else f"{count:,}" if isinstance(count, int) else count for count in counts)
    return tag(
        "tr",
        tag("td", tag("bdi", file.path.removeprefix(f"{folder}/") if folder else file.path)),
        *(tag("td", cell) for cell in cells),
        tag("td", verdict),
        class_="off" if refused else None,
    )


MONTHS_OPEN = 12
REASONS_SHOWN = 12
TILES_SHOWN = 60

MEANINGS = {
    "missing": "no value",
    "type": "not of the column's type",
    **{rule.name: rule.meaning for rule in RULES},
    "unique": "a later record has the same value",
    "conflict": "two keys with different values",
}
"""Rule of a column -> what a broken rule means."""


def table_section(table: TableOverview, runs: Sequence[RunReport], *, anchor: str) -> Markup:
    """Show one table."""
    parts = parts_of(table)
    days = days_of(parts)
    heading = f"{anchor}-name"
    return tag(
        "section",
        tag("h2", name(table.status.table), id=heading),
        tag("p", message(table.description, lang=None), class_="soft") if table.description else None,
        _facts(table),
        said("p", "This table can't be looked at.", class_="message") if table.status.problem else None,
        _days(days, parts),
        _over_time(days, table.status.table, runs),
        _reasons(parts),
        proof(parts, heading),
        class_="sheet",
        id=anchor,
        aria_labelledby=heading,
    )


def _facts(table: TableOverview) -> Markup:
    status = table.status
    rejected = share(status.counts.rejected_share)
    return tag(
        "p",
        number(status.counts.trusted),
        " ",
        say("rows"),
        " · ",
        number(status.counts.rejected),
        " ",
        say("rejected"),
        " (",
        formatted(rejected),
        ") · ",
        formatted(size(status.bytes)),
        class_="sum",
    )


def _days(days: Sequence[Day], parts: Sequence[Part]) -> Markup:
    rest = [part for part in parts if part.day is None]
    found = []
    if days:
        months = months_of(days)
        earlier = [day for month in months[:-MONTHS_OPEN] for day in month]
        shown = [day for month in months[-MONTHS_OPEN:] for day in month]
        folded = tag("details", said("summary", "Earlier months"), calendar(earlier)) if earlier else None
        found += [said("h3", "Days"), legend(day.state for day in days if day.state), calendar(shown), folded]
    if [part.name for part in rest] == [WHOLE_TABLE]:
        found.append(tag("ul", tag("li", symbol(rest[0].state), say(rest[0].state)), class_="legend alone"))
    elif rest:
        worst_first = sorted(rest, key=lambda part: list(State).index(part.state))
        tiles = [_tile(part) for part in worst_first[:TILES_SHOWN]]
        more = len(rest) - TILES_SHOWN
        hidden = tag("p", say("and"), " ", number(more), " ", say("more"), class_="soft") if more > 0 else None
        found += [
            said("h3", "Partitions"),
            legend(part.state for part in rest),
            tag("ul", *tiles, class_="tiles"),
            hidden,
        ]
    return join(*found)


def _tile(part: Part) -> Markup:
    state = say(part.state) if part.state is not State.PUBLISHED else None
    return tag(
        "li", symbol(part.state), name(part.name), tag("span", state, class_="soft"), number(part.counts.trusted)
    )


def _over_time(days: Sequence[Day], table: str, runs: Sequence[RunReport]) -> Markup | None:
    """Show rows by day, or by run if the partitions are not days."""
    if days:
        unit, points = "day", merged(without_ends(days))
    else:
        reports = [(run, one) for run in runs for one in run.tables if one.table == table and not one.message]
        unit = "run"
        points = [
            (f"{run.started:%Y-%m-%d %H:%M}", one.counts.trusted, one.counts.rejected, one.counts.own)
            for run, one in reports
        ]
    if not any(trusted or rejected for _, trusted, rejected, _ in points):
        return None
    rows = bars(f"Rows by {unit}", [Slot(when, trusted) for when, trusted, _, _ in points])
    if not any(rejected for _, _, rejected, _ in points):
        return tag("div", rows, class_="charts")
    slots = [Slot(when, 100 * rejected / own if own else 0) for when, _, rejected, own in points]
    return tag("div", rows, bars(f"Rejected share by {unit}", slots, kind="rejected", unit="%"), class_="charts")


def _reasons(parts: Sequence[Part]) -> Markup | None:
    entries = [part.entry for part in parts if part.entry]
    published, refused = Counter[str](), Counter[str]()
    for entry in entries:
        published.update(entry.reasons)
        refused.update(entry.refusal.reasons if entry.refusal else {})
    untold = sum(entry.counts.rejected for entry in entries if not entry.reasons)
    if not (published or refused or untold):
        return None
    found = [said("h3", "Why records were rejected"), _ranked(published)]
    if refused:
        found += [
            said("p", "in refused partitions, which were not published", class_="soft also"),
            _ranked(refused),
        ]
    if untold:
        told = say("counted by an earlier version, without reasons")
        found.append(tag("p", number(untold), " ", told, class_="soft"))
    return join(*found)


def _ranked(reasons: Counter[str]) -> Markup | None:
    if not reasons:
        return None
    ranked = reasons.most_common(REASONS_SHOWN)
    highest = ranked[0][1]
    rest = sum(reasons.values()) - sum(count for _, count in ranked)
    lines = [
        part for reason, count in ranked for part in (tag("span", _reason(reason)), number(count), bar(count, highest))
    ]
    others = (tag("span", say("other")), number(rest), bar(rest, highest)) if rest else ()
    return tag("div", *lines, *others, class_="rank")


def _reason(reason: str) -> Markup:
    column, _, rule = reason.partition("|")
    meaning = "the record itself is at fault" if column in {"record", "line"} else MEANINGS.get(rule)
    shown = reason if meaning is None or column in {"record", "line"} else column
    return join(name(shown), tag("span", " ", say(meaning), class_="soft") if meaning else None)
