"""Write the page of a lake to a file: all or nothing, and never over a file that trustedlake did not make."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from trustedlake.entrypoints.lake.compose import Home

_OURS = b'<meta name="generator" content="trustedlake '
_HEAD_BYTES = 4096


def page_file(name: str) -> Path:
    """Check and return the file to write.

    Raises:
        ConfigError: the name does not end in .html, or another file has it.
    """
    file = Path(name).expanduser()
    if file.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(
            f"--html {name}: the page's name must end in .html",
            hint="the page is about the whole lake: a run's name does not go with it",
        )
    try:
        with file.open("rb") as there:
            if _OURS not in there.read(_HEAD_BYTES):
                raise ConfigError(
                    f"{name} exists, and trustedlake did not make it", hint="name another file, or remove this one"
                )
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _refused(name, error) from error
    return file


def write_page(home: Home, file: Path) -> None:
    """Read the lake and write its page.

    Raises:
        ConfigError: the file can't be written.
    """
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    page = page_text(home)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(page, encoding="utf-8", newline="\n")
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise _refused(str(file), error) from error


def page_text(home: Home) -> str:
    """Render the page of the lake."""
    from trustedlake.core.page.page import page_of

    return page_of(home.overview())


def _refused(name: str, error: OSError) -> ConfigError:
    return ConfigError(f"can't write {name}: {error.strerror}", hint="name a file in a folder that you may write to")
