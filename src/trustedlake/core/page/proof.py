"""The proof of each file: what was framed from its bytes, and what of it was found again."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.page.words import name, number, said, say
from trustedlake.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.core.page.days import Part
    from trustedlake.models.ledger import RawFile

_COLUMNS = (("", "framed"), ("= ", "trusted"), ("+ ", "rejected"), ("+ ", "duplicates"), ("+ ", "elsewhere"))


def proof(parts: Sequence[Part], heading: str) -> Markup | None:
    """The files of each partition, month by month where they have days; `heading` is the id of the table's heading."""
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
    head = tag("tr", said("th", "file"), *(tag("th", sign, say(phrase)) for sign, phrase in _COLUMNS), tag("th"))
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
    folders = {file.path.rpartition("/")[0] for file in (*entry.raw, *refused)}
    shared = folders.pop() if len(folders) == 1 else ""
    label = part.day or (name(part.name) if part.name else say("the whole table"))
    folder = tag("bdi", shared) if shared else None
    yield tag("tr", tag("td", label, folder, colspan=len(_COLUMNS) + 2), class_="d")
    for file in entry.raw:
        yield _row(file, shared)
    published = {(file.path, file.sha256) for file in entry.raw}
    for file in refused:
        if (file.path, file.sha256) not in published:
            yield _row(file, shared, refused=True)


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
