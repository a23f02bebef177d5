"""The reader of arguments, with its traps."""

from __future__ import annotations

import argparse

RESERVED = ("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION")


class GlueArgumentError(Exception):
    """An argument that is missing or may not be declared."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, str]:  # noqa: N802 - its name there
    """The declared arguments, each of them required; beside them what Glue itself passed."""
    if taken := set(options) & set(RESERVED):
        msg = f"Using reserved arguments {sorted(taken)}"
        raise GlueArgumentError(msg)
    parser = _Parser(allow_abbrev=False)
    for name in RESERVED:
        parser.add_argument(f"--{name}")
    parser.add_argument("--job-bookmark-option", default="job-bookmark-disable")
    parser.add_argument("--TempDir")
    for name in options:
        parser.add_argument(f"--{name}", required=True)
    found, _ = parser.parse_known_args(args[1:])
    return {name: value for name, value in vars(found).items() if value is not None}
