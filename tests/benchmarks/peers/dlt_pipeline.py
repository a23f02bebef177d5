"""dlt: its filesystem source into its filesystem destination, as Parquet.

Its layout can't take a folder from a row, only from a table's name: each day is a table, and a placeholder makes
`ano=/mes=/dia=` of that name. Lists stay in their row, as JSON (`max_table_nesting=0`), for the layout asked for has no
tables below tables; a value of another type goes to a column of its own, as dlt does by default. Merging by key is not
there for Parquet files, so duplicates stay. All processors normalise.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.destinations import filesystem as parquet_files
from dlt.sources.filesystem import filesystem, read_csv_duckdb

from tests.benchmarks.generator import CSV, MOVIES
from tests.benchmarks.peers import CSV_COLUMNS, INGESTED

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__WORKERS": str(os.cpu_count()),
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",  # of its own files in between
}
HINTS = {"release_date": {"data_type": "text"}, "collection": {"data_type": "text"}}


@dlt.transformer(max_table_nesting=0, columns=HINTS)
def films(items: list[Any]) -> Iterator[Any]:
    """The films of each file, for the table of its day."""
    for item in items:
        found = re.search(INGESTED, item["file_url"])
        assert found, item["file_url"]
        with item.open() as file:
            yield dlt.mark.with_table_name(json.load(file), f"movies_{'_'.join(found.groups())}")


def day(_schema: str, table: str, *_: str) -> str:
    """The folder of a day's table; dlt's own tables have one beside them."""
    found = re.search(r"(\d{4})_(\d{2})_(\d{2})$", table)
    return f"ano={found[1]}/mes={found[2]}/dia={found[3]}" if found else "dlt"


def main(job: str, lake: Path) -> None:
    """Run the pipeline, with its state in a folder of its own."""
    with tempfile.TemporaryDirectory() as state:
        place = "TMDB" if job == "movies" else "Local"
        layout = "{table_name}/{day}/{load_id}.{file_id}.{ext}"
        target = parquet_files(str(lake / "Trusted" / place), layout=layout, extra_placeholders={"day": day})
        pipeline = dlt.pipeline("raw_to_trusted", state, destination=target, dataset_name="parquet")
        if job == "movies":
            source = filesystem(str(lake / MOVIES), file_glob="**/*.json") | films
        else:
            lines = read_csv_duckdb(
                use_pyarrow=True,  # batches of columns, which dlt writes as they are
                columns=CSV_COLUMNS,
                header=True,
                delimiter="|",
                quotechar="",
                escapechar="",
                na_values=[r"\N", ""],
            )
            source = (filesystem(str(lake / CSV), file_glob="**/*.csv") | lines).with_name("movies")
        pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()


if __name__ == "__main__":
    os.environ.update(SETTINGS)  # noqa: TID251 - dlt is told so
    main(sys.argv[1], Path(sys.argv[2]).absolute())
