from __future__ import annotations

import pytest

from trustedlake.core.partition import canonical_twin, ingestion_date, partition_name, partition_values


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Raw/TMDB/JSON/Movies/2025/06/17/filmes_001.json", ("2025", "06", "17")),
        ("2025/06/17/a.json", ("2025", "06", "17")),
        ("/2025/06/17/a.json", ("2025", "06", "17")),
        ("Movies/2025/1/20/a.json", ("2025", "01", "20")),
        ("Movies/ano=2025/mes=01/dia=20/a.json", ("2025", "01", "20")),
        ("Movies/ano=2025/mes=1/dia=2/a.json", ("2025", "01", "02")),
        ("Movies/2024/01/01/2025/06/17/a.json", ("2025", "06", "17")),
        ("Movies/2025/06/17/1894/a.json", ("2025", "06", "17")),
        ("Movies/1894/2025/06/17/a.json", ("2025", "06", "17")),
        ("Movies/2025/06/17/deep/er/a.json", ("2025", "06", "17")),
        ("s3://bucket-2024-01-02/Raw/2025/06/17/a.json", ("2025", "06", "17")),
        ("s3://lake-2024/Raw/Movies/a.json", None),
        ("Movies/2025/06/17/12/01/a.json", ("2025", "06", "17")),
        ("Movies/2023/2025/06/17/a.json", ("2025", "06", "17")),
        ("Movies/2024/02/29/a.json", ("2024", "02", "29")),
        ("Movies/2025/02/29/a.json", None),
        ("Movies/2025/13/01/a.json", None),
        ("Movies/2025/00/10/a.json", None),
        ("Movies/0000/01/01/a.json", None),
        ("Movies/2024/05/06/2025/13/40/a.json", ("2024", "05", "06")),
        ("Movies/12025/06/17/a.json", None),
        ("Movies/2025/06/17", None),
        ("Movies/2025/06/17.json", None),
        ("Movies/2025-06-17/a.json", None),
        ("a.json", None),
        ("", None),
    ],
)
def test_ingestion_date_is_the_last_calendar_date_before_the_file_name(
    path: str, expected: tuple[str, str, str] | None
) -> None:
    assert ingestion_date(path) == expected


def test_partition_names_and_values_are_each_other_s_inverse() -> None:
    assert partition_name("2025", "06", "17") == "ano=2025/mes=06/dia=17"
    assert partition_values("ano=2025/mes=06/dia=17") == ("2025", "06", "17")


@pytest.mark.parametrize(
    "name", ["ano=2025/mes=6/dia=17", "ano=2025/mes=13/dia=01", "ano=2025/mes=06", "mes=06/ano=2025/dia=17", ""]
)
def test_partition_folders_are_read_strictly(name: str) -> None:
    with pytest.raises(ValueError, match="no partition folder"):
        partition_values(name)


@pytest.mark.parametrize(("values"), [("2025", "6", "17"), ("2025", "02", "30"), ("", "", "")])
def test_partition_names_are_made_of_padded_dates_only(values: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="no partition folder"):
        partition_name(*values)


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("ano=2025/mes=6/dia=17", "ano=2025/mes=06/dia=17"),
        ("ano=2025/mes=06/dia=7", "ano=2025/mes=06/dia=07"),
        ("ano=2025/mes=006/dia=17", "ano=2025/mes=06/dia=17"),
        ("ano=2025/mes=06/dia=17", None),
        ("ano=2025/mes=06", None),
        ("part-00000.parquet", None),
    ],
)
def test_a_folder_that_was_written_with_integers_has_a_canonical_twin(name: str, twin: str | None) -> None:
    assert canonical_twin(name) == twin
