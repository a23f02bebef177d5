"""What the names of raw files say."""

from __future__ import annotations

import pytest

from trustedlake.core.file_names import CSV, ENDINGS, JSON, ending_of, has_ending, is_compressed
from trustedlake.core.partition import Template


@pytest.mark.parametrize(
    ("name", "ending", "compressed"),
    [
        ("a.json", ".json", False),
        ("a.b.json", ".json", False),
        ("Raw/2025.06/a.csv", ".csv", False),
        ("a.csv.gz", ".csv.gz", True),
        ("a.CSV.GZ", ".CSV.GZ", True),
        ("a.Gz", ".Gz", True),
        (".gz", ".gz", True),
        ("a.xml", ".xml", False),
        ("a.csv.zip", ".zip", False),
        ("2025.06.17", "", False),
        ("README", "", False),
        ("Raw.csv/README", "", False),
        ("a.", "", False),
        ("a.ação", "", False),
        ("gz", "", False),
    ],
)
def test_a_name_says_how_it_ends_and_whether_the_content_is_compressed(
    name: str, ending: str, compressed: bool
) -> None:
    assert (ending_of(name), is_compressed(name)) == (ending, compressed)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("more", ["", ".gz", ".GZ"])
def test_each_ending_of_a_format_is_known_in_any_writing_with_and_without_compression(ending: str, more: str) -> None:
    for name in (f"a{ending}{more}", f"Raw/b.c{ending.upper()}{more}"):
        assert has_ending(name)
        assert has_ending(name, JSON) == (ending in JSON)
        assert has_ending(name, CSV) == (ending in CSV)
        assert not has_ending(f"{name}.zip")
    assert not has_ending(f"a{more}")
    assert Template(f"Raw/x/{{day}}{ending}{more}").has_file, "not a folder"
