"""`contract init` finds the folder template, and with it the partition."""

from __future__ import annotations

import pytest

from trustedlake.core.inferring.folder_template import find_template, stem

DAY = "{ano:04d}/{mes:02d}/{dia:02d}"
CASES: tuple[tuple[list[str], str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ["Raw/a/2025/06/17/x.json", "Raw/a/2025/06/18/y.json"],
        f"Raw/a/{DAY}",
        ("ano", "mes", "dia"),
        ("2025", "06", "17"),
    ),
    (["Raw/a/2025/6/7/x.json"], f"Raw/a/{DAY}", ("ano", "mes", "dia"), ("2025", "06", "07")),
    (["Raw/a/2025/06/x.json", "Raw/a/2025/07/x.json"], "Raw/a/{ano:04d}/{mes:02d}", ("ano", "mes"), ("2025", "06")),
    (["Raw/a/2024/x.json", "Raw/a/2025/x.json"], "Raw/a/{ano:04d}", ("ano",), ("2024",)),
    (
        ["Raw/a/year=2025/month=06/day=17/x.json"],
        "Raw/a/year={year:04d}/month={month:02d}/day={day:02d}",
        ("year", "month", "day"),
        ("2025", "06", "17"),
    ),
    (["Raw/a/2025-06-17/x.json"], "Raw/a/{ano:04d}-{mes:02d}-{dia:02d}", ("ano", "mes", "dia"), ("2025", "06", "17")),
    (["Raw/a/20250617/x.json"], "Raw/a/{ano:04d}{mes:02d}{dia:02d}", ("ano", "mes", "dia"), ("2025", "06", "17")),
    (["Raw/a/dt=2025-06-17/x.json"], "Raw/a/dt={dt}", ("dt",), ("2025-06-17",)),
    (
        ["Raw/Drama/2025/06/17/x.json", "Raw/Crime/2025/06/17/x.json"],
        f"Raw/{{tema}}/{DAY}",
        ("tema", "ano", "mes", "dia"),
        ("Drama", "2025", "06", "17"),
    ),
    (
        ["Raw/a/2025/06/17/Drama/x.json", "Raw/a/2025/06/17/Crime/x.json"],
        f"Raw/a/{DAY}/{{tema}}",
        ("ano", "mes", "dia", "tema"),
        ("2025", "06", "17", "Drama"),
    ),
    (
        ["Raw/a/2025/06/17/x.json", "Raw/a/2025/06/17/1894/x.json"],
        f"Raw/a/{DAY}",
        ("ano", "mes", "dia"),
        ("2025", "06", "17"),
    ),
    (["Raw/north/x.csv", "Raw/south/y.csv"], "Raw/{tema}", ("tema",), ("north",)),
    (["Raw/region=north/x.csv", "Raw/region=south/y.csv"], "Raw/region={region}", ("region",), ("north",)),
    (["Raw/a/x.csv"], "Raw/a", (), ()),
    (["Raw/a/x.csv", "Raw/a/b/y.csv"], "Raw/a", (), ()),
    (
        ["Raw/a/f_2025-06-17.json", "Raw/a/f_2025-06-18.json"],
        "Raw/a/f_{ano:04d}-{mes:02d}-{dia:02d}.json",
        ("ano", "mes", "dia"),
        ("2025", "06", "17"),
    ),
    (["Raw/a/2025/13/40/x.json"], "Raw/a/{ano:04d}", ("ano",), ("2025",)),
    (
        ["RAW/a/2025/06/17/x.json", "raw/a/2025/06/17/y.json"],
        f"RAW/a/{DAY}",
        ("ano", "mes", "dia"),
        ("2025", "06", "17"),
    ),
)


@pytest.mark.parametrize(("paths", "template", "names", "first"), CASES)
def test_the_folder_template_is_inferred_from_paths(
    paths: list[str], template: str, names: tuple[str, ...], first: tuple[str, ...]
) -> None:
    found = find_template(paths)

    assert (found.path, found.names) == (template, names)
    assert found.values[paths[0]] == first


def test_files_beside_the_dated_folders_are_reported() -> None:
    found = find_template(["Raw/a/2025/06/17/x.json", "Raw/a/2025/06/18/x.json", "Raw/a/z.json"])

    assert found.outside == ("Raw/a/z.json",)


def test_the_file_pattern_replaces_numbers_and_dates() -> None:
    assert [stem(one) for one in ("a/pessoas_001.json", "f_2025-06-17.json.gz", "x.json")] == [
        "pessoas_*.json", "f_*.json.gz", "x.json",
    ]  # fmt: skip
