"""What an OpenLineage event says about many raw files, and how it names a folder."""

from __future__ import annotations

import pytest

from trustedlake.adapters.openlineage.facets import MOST_FILES, dataset_of, of_files
from trustedlake.models.ledger import Counts
from trustedlake.ports.observers import ProvenFile, ProvenPartition

FOLDER = "s3://films/lake/Raw"


def test_of_many_files_those_that_failed_come_first_and_the_rest_is_one_line() -> None:
    good = [ProvenFile(f"{n}.json", FOLDER, 10, Counts(framed=1, trusted=1)) for n in range(MOST_FILES + 5)]
    bad = ProvenFile("bad.json", FOLDER, 10, Counts(framed=1), "truncated")
    partition = ProvenPartition("dia=17", "unreadable: bad.json", (*good, bad), (), ())
    facets = of_files(dataset_of(FOLDER), [partition])
    gate, first, *others, rest = facets["dataQualityAssertions"].assertions  # type: ignore[attr-defined]
    assert (gate.assertion, gate.success) == ("gate", False)
    assert (first.name, first.success, first.description) == ("bad.json", False, "truncated")
    assert len(others) == MOST_FILES - 1
    assert (rest.name, rest.success) == ("6 more files", True)
    assert facets["dataQualityMetrics"].fileCount == MOST_FILES + 6  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "namespace", "name"),
    [
        ("/data/lake/Raw", "file", "/data/lake/Raw"),
        ("s3://films/lake/Raw", "s3://films", "lake/Raw"),
        ("s3://films", "s3://films", "/"),
    ],
)
def test_a_folder_is_named_as_openlineage_names_datasets(address: str, namespace: str, name: str) -> None:
    assert dataset_of(address) == (namespace, name)
