"""The page of a lake: one HTML file that loads nothing, sends nothing, and runs only its own script."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.page.calendar import css
from trustedlake.core.page.day_states import State
from trustedlake.core.page.points import Point, points_of
from trustedlake.core.page.run_durations import runs_section
from trustedlake.core.page.style import POLICY, SCRIPT, STYLE
from trustedlake.core.page.table import table_section
from trustedlake.core.page.words import formatted, message, name, number, said, say
from trustedlake.core.partition_name import date_of
from trustedlake.markup import Markup, join, tag
from trustedlake.models.ledger import Counts
from trustedlake.wording import share, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.overview import Overview
    from trustedlake.models.status import TableChange

POINTS_OPEN = 3
CHANGES_OPEN = 3
DONE_OPEN = 12
PARTITIONS_NAMED = 3


def page_of(lake: Overview) -> str:
    """Return the page as the text of a UTF-8 file."""
    points = points_of(lake)
    anchors = [f"table-{place}" for place in range(len(lake.tables))]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content=f"trustedlake {lake.trustedlake}"),
        tag("title", f"{_short(lake.lake)} \N{MIDDLE DOT} trustedlake"),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        said("a", "Skip to the tables", class_="skip", href="#tables"),
        _header(lake, points),
        tag(
            "main",
            _glance(lake),
            _points(points),
            _changes(lake),
            _links(lake, anchors),
            *(
                table_section(table, lake.runs, anchor=anchor)
                for table, anchor in zip(lake.tables, anchors, strict=True)
            ),
            runs_section(lake.runs),
            id="tables",
        ),
        _footer(lake),
        tag("script", Markup(SCRIPT)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _short(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2] or address


def _header(lake: Overview, points: Sequence[Point]) -> Markup:
    open_points = [point for point in points if point.kind != State.PENDING]
    worst = open_points[0].kind if open_points else State.PUBLISHED
    told = (
        join(number(len(open_points)), " ", say("open point" if len(open_points) == 1 else "open points"))
        if open_points
        else say("Nothing is open")
    )
    return tag(
        "header",
        tag(
            "div",
            tag("span", "trustedlake", class_="brand"),
            tag("button", type="button", id="language", hidden=True),
            class_="bar-top",
        ),
        tag("h1", name(_short(lake.lake))),
        tag(
            "p",
            tag("span", told, class_=f"chip {css(worst)}"),
            tag("span", say("Looked at"), " ", tag("time", f"{lake.made:%Y-%m-%d %H:%M} UTC"), class_="soft"),
            class_="lead",
        ),
    )


def _glance(lake: Overview) -> Markup:
    if not lake.tables:
        return tag("section", said("p", "Nothing is published, and nothing waits in Raw."), class_="sheet")
    counts = sum((table.status.counts for table in lake.tables), Counts())
    last = lake.status.last_run
    tables = len(lake.tables)
    facts = [
        ("table" if tables == 1 else "tables", number(tables)),
        ("partitions", number(sum(table.status.partitions for table in lake.tables))),
        ("rows in Trusted", number(counts.trusted)),
        ("records rejected", formatted(share(counts.rejected_share))),
        ("of Parquet", formatted(size(sum(table.status.bytes for table in lake.tables)))),
        (
            "last run" if last else "no run yet",
            tag("time", f"{last.started:%Y-%m-%d}") if last else "\N{EN DASH}",
        ),
    ]
    return tag(
        "section",
        tag("dl", *(tag("div", said("dt", what), tag("dd", value)) for what, value in facts), class_="facts"),
        class_="sheet",
    )


def _points(points: Sequence[Point]) -> Markup | None:
    if not points:
        return None
    groups = [list(members) for _, members in groupby(points, key=lambda one: (one.kind, one.table, one.commands))]
    return tag(
        "section",
        said("h2", "What needs you", id="points"),
        tag("ul", *map(_together, groups), class_="points"),
        class_="sheet",
        aria_labelledby="points",
    )


def _changes(lake: Overview) -> Markup | None:
    """Show what the last runs changed, table by table, newest first."""
    items = [
        item
        for table in lake.tables
        for item in _folded([_change(table.status.table, one) for one in table.status.changes], CHANGES_OPEN, "points")
    ]
    if not items:
        return None
    return tag(
        "section",
        said("h2", "What changed last", id="changes"),
        tag("ul", *items, class_="points"),
        class_="sheet",
        aria_labelledby="changes",
    )


def _change(table: str, change: TableChange) -> Markup:
    """Show what one run did with a table."""
    when = (tag("time", f"{change.started:%Y-%m-%d %H:%M} UTC"), " ") if change.started else ()
    sentences = [tag("li", message(sentence)) for sentence in change.done]
    run = tag("span", *when, tag("code", change.run_id), class_="soft")
    return tag(
        "li",
        tag("div", tag("b", name(table)), run, class_="where"),
        tag("ul", *_folded(sentences, DONE_OPEN, "done"), class_="done"),
    )


def _folded(items: Sequence[Markup], shown: int, kind: str) -> Sequence[Markup]:
    """Return the first few items of a list, and one in which the reader can unfold the others."""
    more = items[shown:]
    if not more:
        return items
    summary = tag("summary", number(len(more)), " ", say("more"))
    return (*items[:shown], tag("li", tag("details", summary, tag("ul", *more, class_=kind))))


def _together(points: Sequence[Point]) -> Markup:
    """Show points of one table that need the same commands."""
    first = points[0]
    kind = "waits in Raw" if first.kind == State.PENDING else first.kind
    chip = said("span", str(kind), class_=f"chip {css(first.kind)}")
    lines = [(say(what), tag("div", _command(line))) for what, line in first.commands]
    shown, folded = points[:POINTS_OPEN], points[POINTS_OPEN:]
    more = tag("details", tag("summary", number(len(folded)), " ", say("more")), *map(_point, folded))
    return tag(
        "li",
        tag(
            "div",
            chip,
            tag("b", name(first.table or "Raw")),
            class_="where",
        ),
        *map(_point, shown),
        more if folded else None,
        tag("div", *(part for line in lines for part in line), class_="type") if lines else None,
    )


def _command(line: str) -> Markup:
    """Show a command that breaks between its words: a line must not end at a hyphen in a word."""
    return tag("code", join(*(tag("span", word) for word in line.split(" ")), by=" "))


def _point(point: Point) -> Markup:
    since = (say("since"), " ", tag("time", f"{point.since:%Y-%m-%d}")) if point.since else ()
    where = _named(point.partitions) if point.partitions else None
    return tag(
        "div",
        tag("div", tag("b", where) if where else None, tag("span", *since, class_="soft"), class_="where"),
        tag("p", message(point.message, lang=None if point.kind == State.PENDING else "en"), class_="message"),
        tag("p", message(point.hint), class_="message soft") if point.hint else None,
        class_="point",
    )


def _named(partitions: Sequence[str]) -> Markup:
    """Name the last few of the partitions."""
    shown = [_label(one) for one in partitions[-PARTITIONS_NAMED:]]
    more = len(partitions) - PARTITIONS_NAMED
    rest = join(" ", say("and"), " ", number(more), " ", say("more")) if more > 0 else None
    return join(join(*shown, by=", "), rest)


def _label(partition: str) -> Markup:
    """Name a partition by its day, else by its folder name."""
    if not partition:
        return say("the whole table")
    return tag("time", day) if (day := date_of(partition)) else name(partition)


def _links(lake: Overview, anchors: Sequence[str]) -> Markup | None:
    if len(lake.tables) < 2:  # noqa: PLR2004
        return None
    names = [table.status.table for table in lake.tables]
    links = [tag("li", tag("a", name(one), href=f"#{anchor}")) for one, anchor in zip(names, anchors, strict=True)]
    return tag("nav", said("span", "tables", id="links", class_="skip"), tag("ul", *links), aria_labelledby="links")


def _footer(lake: Overview) -> Markup:
    return tag(
        "footer",
        tag("p", say("Made by"), f" trustedlake {lake.trustedlake} · ", name(lake.lake)),
        said("p", "One file, which loads nothing and sends nothing."),
    )
