"""What tests of the installed command share."""

from __future__ import annotations

import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import trustedlake

BASE = (
    "annotated-types",
    "click",
    "markdown-it-py",
    "mdurl",
    "pydantic",
    "pydantic-core",
    "PyYAML",
    "Pygments",
    "python-dotenv",
    "rich",
    "typing-extensions",
    "typing-inspection",
)
"""What a bare `pip install trustedlake` brings, as far as these commands need it."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The command on a Python that has the base packages and no others."""
    site = tmp_path_factory.mktemp("bare")
    for name in BASE:
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top != ".." and not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    (site / "trustedlake").symlink_to(Path(trustedlake.__file__).parent)
    code = f"import sys; sys.path[:0] = [{str(site)!r}]; from trustedlake.entrypoints.cli.main import run; run()"
    return (sys.executable, "-S", "-I", "-c", code)
