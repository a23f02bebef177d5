"""Names that are never data, and similar names that are."""

from __future__ import annotations

import pytest

from trustedlake.core.ignored import is_ignored

FOLDERS = (
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
    "@eaDir",
    "#recycle",
    "_drafts",
    ".git",
    "old.bak",
)
STRAY = (
    *("f.json~", "f.json.BAK", "f.bak", "f.json_bak", "f.json.bkp", "f.json.orig", "f.json.old", "f.json.save"),
    *("f.json.swp", "f.json.rej", "f.json.copy", "#f.json#", "f.json (1)", "f.csv (2)", "f.json.gz (1)"),
    *(
        "f.json.part",
        "f.json.partial",
        "f.json.crdownload",
        "f.json.download",
        "f.json.filepart",
        "f.json.tmp",
    ),
    *("Thumbs.db", "THUMBS.DB", "Thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "Desktop.ini", "Icon\r"),
    *("~$f.json", "f.json.lnk", "f.json:Zone.Identifier", "f.json\uf03aZone.Identifier", "f.json:com.apple.quarantine"),
    *(".DS_Store", "._f.json", "_SUCCESS", ".~lock.f.json#", "17_$folder$"),
)
DATA = (
    *(
        "f.json",
        "f.JSON",
        "f",
        "f.txt",
        "f.json.gz",
        "part-00000",
        "f.json.1",
        "f (1).json",
        "f - Copy.json",
        "#1.json",
    ),
    *("2025-06-17T10:30:00.json", "old.json", "new.csv", "thumbs.json", "Dr. No (1)", "copy", "100%.csv", "a#", "icon"),
    *("lost+found.json", "bak", "desktop.ini.json", "f.json (10)", "com.apple.json", "50%", "brand.new"),
)


@pytest.mark.parametrize("name", STRAY)
@pytest.mark.parametrize("folder", ["", "Movies/2025/06/17/"])
def test_a_stray_file_is_ignored(folder: str, name: str) -> None:
    assert is_ignored(f"{folder}{name}")


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("folder", ["", "Movies/2025/06/17/"])
def test_a_name_similar_to_an_ignored_one_is_data(folder: str, name: str) -> None:
    assert not is_ignored(f"{folder}{name}")


@pytest.mark.parametrize("folder", FOLDERS)
def test_files_in_an_ignored_folder_are_ignored(folder: str) -> None:
    assert is_ignored(f"Movies/{folder}/2025/f.json")


@pytest.mark.parametrize(
    "folder", ["50%", "brand.new", "w_bak", "Vol.part", "Mr. Old", "the.old", "x.copy", "a.download"]
)
def test_a_folder_whose_name_may_be_a_partition_value_is_read(folder: str) -> None:
    assert not is_ignored(f"Movies/{folder}/2025/f.json")


def test_a_key_that_ends_with_a_slash_is_ignored() -> None:
    assert is_ignored("Movies/2025/")
