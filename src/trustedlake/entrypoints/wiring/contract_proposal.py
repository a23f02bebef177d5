"""Read raw files on this machine and propose a contract for them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustedlake.core.file_names import COMPRESSED, ENDINGS, has_ending
from trustedlake.core.ignored import is_ignored
from trustedlake.entrypoints.lake.lazy import pyarrow_needed
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.contract import TABLE_NAME
from trustedlake.terminal import printable
from trustedlake.types.path_template import PLACEHOLDER, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.core.inferring.draft import Draft
    from trustedlake.core.inferring.foreign_files import ForeignFile


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed contract.

    Attributes:
        text: the contract file's text.
        written: path of the written file; None if it was only shown.
        lake: folder that the path template is relative to.
        moved: raw files outside of a lake, and the folder that they must be copied to; None if there are none.
    """

    draft: Draft
    text: str
    written: Path | None
    lake: Path
    moved: tuple[Path, Path] | None

    @property
    def commands(self) -> list[str]:
        """The commands to run next."""
        table, lake = self.draft.contract.table, str(self.lake)
        file = str(self.written) if self.written else f"{table}.odcs.yaml"
        commands = []
        if self.moved:
            source, target = self.moved
            copy = f"{source}/." if source.is_dir() else str(source)
            commands.append(
                f"mkdir -p {shlex.quote(str(target))} && cp -r {shlex.quote(copy)} {shlex.quote(str(target))}"
            )
        load = ["trustedlake", "to-trusted", "--table", table, "--lake", lake]
        if not self.written or self.written.resolve().parent != (self.lake / "contracts").resolve():
            load += ["--contracts", file]
        return [*commands, shlex.join(["trustedlake", "contract", "check", file]), shlex.join(load)]

    def told(self) -> str:
        """Describe what was found, and the next commands."""
        from trustedlake.core.inferring.names import counted

        draft = self.draft
        counts = (draft.files, "file"), (draft.records, "record"), (len(draft.contract.columns), "column")
        found = ", ".join(counted(*one) for one in counts)
        if draft.refused:
            found += f"; {counted(len(draft.refused), 'file')} can't be read (named in the contract)"
        lines = [found]
        if draft.builtin:
            lines.append(f"recognised as the built-in table {draft.builtin}")
        if self.written:
            lines.append(f"written: {printable(str(self.written))}; its comments say what was not sure")
        return "\n".join([*lines, "next:", *(f"  {printable(one)}" for one in self.commands)])

    def document(self) -> dict[str, Any]:
        """Return the same for programs."""
        draft = self.draft
        return {
            "exit_code": 0,
            "table": draft.contract.table,
            "files": draft.files,
            "records": draft.records,
            "builtin": draft.builtin or None,
            "key": list(draft.contract.key),
            "columns": {column.name: column.type for column in draft.contract.columns},
            "notes": draft.notes,
            "column_notes": draft.column_notes,
            "unreadable": [{"path": one.path, "why": one.why} for one in draft.refused],
            "contract": self.text,
            "written": str(self.written) if self.written else None,
            "next": self.commands,
        }


def propose_contract(
    sources: Sequence[str], table: str, *, path: str | None = None, lake: str | None = None, output: str | None = None
) -> Proposal:
    """Read all records of the files and propose a contract; write it to `output` if given.

    Raises:
        ConfigError: an invalid name, path or template.
        InputError: there is no file, or none that can be read.
    """
    if not re.fullmatch(TABLE_NAME, table):
        raise ConfigError(f"--table {printable(table)!r}: no table name", hint="letters, digits and _, e.g. trips_2025")
    if path is not None and not _is_template(path):
        raise ConfigError(
            f"--path {printable(path)!r}: no folder template below the lake",
            hint="e.g. Raw/trips/{ano:04d}/{mes:02d}/{dia:02d}",
        )
    target = Path(output).expanduser() if output else None
    if target is not None and target.exists():
        raise ConfigError(f"{printable(str(target))} exists", hint="name another file with -o, or remove this one")
    if lake is not None and "://" in lake:
        raise ConfigError(
            f"{printable(lake)} is a bucket", hint="init looks at files on this machine: leave --lake out"
        )
    given = [_given(source) for source in sources]
    files = sorted({file for source in given for file in _files(source)})
    if not files:
        raise InputError(
            f"no JSON or CSV file in {', '.join(printable(one) for one in sources)}",
            hint=f"names end in {', '.join(ENDINGS)}, or these and {COMPRESSED}",
        )
    home, raw_files, moved = _placed(given, files, table, lake)
    with pyarrow_needed("spark"):
        from trustedlake.core.inferring.draft import infer
        from trustedlake.core.inferring.yaml_text import contract_text
    from trustedlake.models.built_in import CONTRACTS

    draft = infer(raw_files, table, CONTRACTS.values(), path=path)
    text = contract_text(draft)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    return Proposal(draft, text, target, home, moved)


def _given(source: str) -> Path:
    if "://" in source:
        raise ConfigError(
            f"--from {printable(source)}: a bucket", hint="init looks at files on this machine: copy a few of them"
        )
    found = Path(source).expanduser()
    if not found.exists():
        raise InputError(
            f"--from {printable(source)}: no such file or folder", hint="name a file, or a folder with files"
        )
    if found.is_dir():
        # In a lake, look only at Raw.
        return next((one for one in sorted(found.iterdir()) if one.name.casefold() == "raw" and one.is_dir()), found)
    return found


def _files(source: Path) -> Iterator[Path]:
    """Yield the file, or the files of a folder that a run would read."""
    if not source.is_dir():
        if is_ignored(source.name):
            raise InputError(f"--from {printable(str(source))}: runs never read a file of this name", hint="rename it")
        yield source
        return
    for file in source.rglob("*"):
        below = file.relative_to(source).as_posix()
        if has_ending(below) and not below.endswith(".odcs.json") and not is_ignored(below) and file.is_file():
            yield file


def _placed(
    given: Sequence[Path], files: Sequence[Path], table: str, lake: str | None
) -> tuple[Path, list[ForeignFile], tuple[Path, Path] | None]:
    """Return the lake, the files with their paths in it, and where to copy them if they are in no lake."""
    from trustedlake.core.inferring.folder_template import table_folder
    from trustedlake.core.inferring.foreign_files import ForeignFile

    home = Path(lake).expanduser() if lake else _before_raw(files)
    if home is not None and all(file.absolute().is_relative_to(home.absolute()) for file in files):
        placed = [ForeignFile(file.absolute().relative_to(home.absolute()).as_posix(), _opener(file)) for file in files]
        return home, placed, None
    folder = table_folder(table)
    home = home or Path("lake")
    roots = [one if one.is_dir() else one.parent for one in given]
    placed = []
    for file in files:
        root = next(one for one in roots if file.is_relative_to(one))
        placed.append(ForeignFile(f"{folder}/{file.relative_to(root).as_posix()}", _opener(file)))
    return home, placed, (given[0], home / folder)


def _before_raw(files: Sequence[Path]) -> Path | None:
    """Return the folder that contains Raw, if it is the same for all files."""
    found = set()
    for file in files:
        parts = file.parts[:-1]
        at = next((place for place, part in enumerate(parts) if part.casefold() == "raw"), None)
        if at is None:
            return None
        found.add(Path(*parts[:at]))
    return found.pop() if len(found) == 1 else None


def _opener(file: Path) -> Any:  # noqa: ANN401 - a function that opens
    return lambda: file.open("rb")


def _is_template(path: str) -> bool:
    """Whether a contract can have this path: a folder below the lake, with proper placeholders."""
    is_below = path != "" and not path.startswith("/") and ".." not in path.split("/")
    names_columns = all(name.isascii() and name.isidentifier() for name in placeholders(path))
    return is_below and names_columns and not {"{", "}"} & {*PLACEHOLDER.sub("", path)}
