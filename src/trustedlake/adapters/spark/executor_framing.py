"""Framing on executors: we send them our modules, and they turn each file, one row of bytes, into framed rows."""

from __future__ import annotations

import atexit
import hashlib
import io
import shutil
import sys
import tempfile
import zipfile
from collections import Counter
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

from pyspark.sql import functions as F

from trustedlake.core.facts import REPLACED
from trustedlake.core.framing.explode import FACTS_INDEX, ListedFile, frame_binary_files, read_facts
from trustedlake.core.judging.schema import framed_ddl
from trustedlake.errors import EngineError, RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from pyspark import SparkContext
    from pyspark.sql import DataFrame, DataFrameReader, SparkSession
    from pyspark.sql.pandas._typing import ArrowMapIterFunction

    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.ports import RawInput


_SINGLE = ("__init__.py", "errors.py", "wording.py", "core/__init__.py", "core/facts.py", "core/file_names.py")
_FOLDERS = ("core/framing", "types")
_WHEN = (1980, 1, 1, 0, 0, 0)

_sent: WeakSet[SparkContext] = WeakSet()


_PYTHON = "python3"
"""Executors run this if nobody names a Python: the first `python3` on their PATH, whatever is installed for it."""


@contextmanager
def able_to_frame(session: SparkSession) -> Iterator[None]:
    """Make the framing modules, and on this machine pyarrow, available to plans made in the block.

    This is for classic sessions. A Connect session is left unchanged: its server's Python must have this package.
    """
    if "connect" in type(session).__module__:
        yield
        return
    context: Any = session.sparkContext
    send_framing(context)
    before = context.pythonExec
    if before == _PYTHON and context.master.startswith("local"):
        context.pythonExec = sys.executable
    try:
        yield
    finally:
        context.pythonExec = before


def send_framing(context: SparkContext) -> None:
    """Let the executors import what framing needs, once per context; new executors get it too."""
    if context in _sent:
        return
    content = framing_zip()
    # Spark serves the file from this folder as long as it runs.
    folder = Path(tempfile.mkdtemp(prefix="trustedlake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / f"trustedlake-framing-{hashlib.sha256(content).hexdigest()[:12]}.zip"
    archive.write_bytes(content)
    context.addPyFile(str(archive))
    # Only executors need the zip: on our own path it would hide the whole package from the processes we start.
    sys.path[:] = [entry for entry in sys.path if Path(entry).name != archive.name]
    _sent.add(context)


def framing_zip() -> bytes:
    """Build a zip of exactly the modules that `core.framing` imports; the same modules give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, source in _modules():
            info = zipfile.ZipInfo(f"trustedlake/{name}", _WHEN)
            archive.writestr(info, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _modules() -> Iterator[tuple[str, Traversable]]:
    package = files("trustedlake")
    for name in _SINGLE:
        yield name, package.joinpath(name)
    for folder in _FOLDERS:
        for module in sorted(package.joinpath(folder).iterdir(), key=lambda one: one.name):
            if module.name.endswith(".py"):
                yield f"{folder}/{module.name}", module


LARGEST = 512 << 20
"""Largest raw file, in bytes, that an executor can take: the file becomes one row there, and Spark copies it."""

_AT_ONCE = 32 << 20
_MOST_FILES = 64
_UNSAYABLE = {"", ".", ".."}


def literal(reader: DataFrameReader) -> DataFrameReader:
    """Make the reader take addresses literally: `[x]*.json` is a file name, not a pattern."""
    return reader.option("__globPaths__", "false")  # the name of DataSource.GLOB_PATHS_KEY, since Spark 3.1


def files_at_once(files: Sequence[RawInput]) -> int:
    """Return how many files one Arrow batch may hold, so that their contents don't pile up in an executor's Python."""
    return max(1, min(_MOST_FILES, _AT_ONCE // max(1, *(file.size for file in files))))


def fits_a_row(file: RawInput) -> bool:
    """Return whether an executor can take the file: Hadoop can express its name, and it fits into a row."""
    return file.size <= LARGEST and _UNSAYABLE.isdisjoint(file.key.split("/"))


def frame_objects(
    spark: SparkSession,
    objects: Mapping[str, RawInput],
    contract: Contract,
    out: str,
    others: Sequence[Contract] = (),
) -> Sequence[FileFacts]:
    """Write the records of `objects` (address -> file) as framed Parquet below the address `out`; return their facts.

    Every file must fit into a row. Grain of the output: one row per record, plus one row per file with its facts
    (record_index FACTS_INDEX).

    Raises:
        EngineError: the engine left a file out, or read it twice.
        RetriableError: a file's size changed while it was read.
    """
    listed = {address: ListedFile(file.path, file.partition, file.others) for address, file in objects.items()}
    frame = cast("ArrowMapIterFunction", frame_binary_files(contract.framing(others), listed))
    schema = framed_ddl(contract)
    rows = _contents(spark, objects).mapInArrow(frame, schema)
    if replaced := [file.path for file in objects.values() if file.replaced]:
        of_one = F.col("file_path").isin(replaced) & (F.col("record_index") >= 0)
        rows = rows.withColumn("problem", F.when(of_one, REPLACED).otherwise(F.col("problem")))
    rows.write.mode("append").option("compression", "zstd").parquet(out)
    written = literal(spark.read).schema(schema).parquet(out).where(f"record_index = {FACTS_INDEX}")
    return _checked([read_facts(row["problem"]) for row in written.select("problem").collect()], objects.values())


def _contents(spark: SparkSession, objects: Mapping[str, RawInput]) -> DataFrame:
    """Return one row per object, `path string, content binary`."""
    full = [address for address, file in objects.items() if file.size]
    empty = [address for address, file in objects.items() if not file.size]
    # Spark silently leaves out empty files, but we have to report them as unreadable.
    rows = spark.createDataFrame([(address, bytearray()) for address in empty], "path string, content binary")
    if not full:
        return rows
    reader = literal(spark.read.format("binaryFile")).option("recursiveFileLookup", "true")
    contents = reader.load(full).select("path", "content")
    return contents.unionAll(rows) if empty else contents


def _checked(found: Sequence[FileFacts], files: Iterable[RawInput]) -> Sequence[FileFacts]:
    """Check the facts and return them in the order of the files."""
    facts, times = {one.path: one for one in found}, Counter(one.path for one in found)
    listed = list(files)
    for file in listed:
        if times[file.path] != 1:
            raise EngineError(
                f"{file.path}: Spark read it {times[file.path]} times",
                hint="nothing was published; run again; if it happens again, use --storage staged",
            )
        if facts[file.path].size != file.size:
            raise RetriableError(
                f"{file.path}: listed with {file.size} bytes, read {facts[file.path].size}: it changed during the run",
                hint="run again once nothing writes to Raw",
            )
    return [facts[file.path] for file in listed]
