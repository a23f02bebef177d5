"""Set up the extractor, for the command and for Lambda. Needs neither pyspark nor pyarrow."""

from __future__ import annotations

import re
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.local.network import require_certificates
from trustedlake.adapters.tmdb.api import TmdbSource
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.app.ingesting.tools import IngestTools, unheard
from trustedlake.core.genres import genre_numbers
from trustedlake.entrypoints.lake.address import Roots, folder, require_lake
from trustedlake.entrypoints.lake.lazy import boto_needed
from trustedlake.entrypoints.lake.open_store import require_bucket, store_at
from trustedlake.entrypoints.settings import Settings, environment, variable
from trustedlake.errors import ConfigError
from trustedlake.models.ingest import Query
from trustedlake.models.lake import Entity
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from trustedlake.app.ingesting.tools import IngestProgress
    from trustedlake.ports import RunObserver

TMDB = "https://api.themoviedb.org/3"
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name the certificate authorities a call to TMDB trusts."""
CONNECTIONS = 12
DEFAULT_GENRES = "Crime,War"
"""The genres that the source's last job used."""

_SECRET = re.compile(r"(?:arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]+:secret:)?[A-Za-z0-9/_+=.@-]{1,512}")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9_.~-]+)*/3")


@contextmanager
def extractor(
    lake: str | None,
    tmdb_url: str | None = None,
    *,
    key: TmdbKey | None = None,
    progress: IngestProgress = unheard,
    observer: RunObserver = UNOBSERVED,
    connect_s: float = 5.0,
    read_s: float = 20.0,
) -> Iterator[IngestTools]:
    """Open the ports of an extraction into the lake; its connections are closed at the end.

    Args:
        lake: the lake's folder, created if missing, or `s3://bucket/prefix`; by default that of the settings.
        tmdb_url: the API's address including `/3`; by default that of the settings.
        key: for TMDB; by default that of the settings.
        progress: receives the progress.
        observer: receives the start and end of a run.
        connect_s: seconds to wait for a connection.
        read_s: seconds to wait for an answer.

    Raises:
        ConfigError: there is no key, or an invalid address.
    """
    settings = Settings()
    clock = SystemClock()
    address = checked_url(tmdb_url) if tmdb_url else _address_of(settings, own_key=key is not None)
    if address.startswith("https:"):
        require_certificates(CERTIFICATES, environment())
    root = folder(lake or settings.lake)
    require_lake(root, new=True)
    with (
        TmdbSource(
            address, key or key_of(settings), clock, connections=CONNECTIONS, connect_s=connect_s, read_s=read_s
        ) as source,
        store_at(Roots(root), settings, clock) as store,
    ):
        require_bucket(root, store)
        yield IngestTools(
            store=store, source=source, host=LocalHost(), clock=clock, progress=progress, observer=observer
        )


def _address_of(settings: Settings, *, own_key: bool) -> str:
    """Return the API's address from the settings. An address from `.env` is only used with a key from the same file.

    The file may have come with somebody else's lake, and must not send the user's key to a foreign address.

    Raises:
        ConfigError: the key comes from elsewhere, or the address is invalid.
    """
    address = checked_url(settings.tmdb_url, by=variable("tmdb_url"))
    used = next((name for name in ("tmdb_token", "tmdb_api_key", "tmdb_secret_arn") if getattr(settings, name)), "")
    beside = used in {"tmdb_token", "tmdb_api_key"} and settings.in_dotenv(used) and not own_key
    if settings.in_dotenv("tmdb_url") and address != TMDB and (used or own_key) and not beside:
        raise ConfigError(
            f"the file .env here sets {address} as TMDB's address, but the key comes from elsewhere:"
            " it is not sent there",
            hint=f"if the address is right, confirm it with --tmdb-url {shlex.quote(address)}; or put its key"
            " into the same file, and remove the other key",
        )
    return address


def key_of(settings: Settings) -> TmdbKey:
    """Return the TMDB key from the settings, or from the secret they name; the token first, since it is not in URLs.

    Raises:
        MissingExtraError: the key is in AWS, and boto3 is not installed.
        TrustedLakeError: there is no key, it is invalid, or its secret can't be read.
    """
    token = settings.tmdb_token.get_secret_value().strip() if settings.tmdb_token else ""
    api_key = settings.tmdb_api_key.get_secret_value().strip() if settings.tmdb_api_key else ""
    if not token and not api_key:
        if settings.tmdb_secret_arn:
            if not _SECRET.fullmatch(settings.tmdb_secret_arn):
                raise ConfigError(
                    "TRUSTEDLAKE_TMDB_SECRET_ARN is neither a secret's ARN nor its name",
                    hint="give it as aws secretsmanager list-secrets shows it; the key itself goes into TMDB_TOKEN",
                )
            return _key_in_aws(settings.tmdb_secret_arn)
        raise ConfigError(
            "no key to TMDB: neither TMDB_TOKEN nor TMDB_API_KEY is set",
            hint="put TMDB_TOKEN=... into the environment or a file .env (https://www.themoviedb.org/settings/api),"
            " or try without an account: trustedlake simulate-tmdb",
        )
    return TmdbKey(token or api_key, is_token=bool(token))


def _key_in_aws(secret: str) -> TmdbKey:
    with boto_needed("TRUSTEDLAKE_TMDB_SECRET_ARN"):
        from trustedlake.adapters.aws.tmdb_secret import read_key
    return read_key(secret)


def checked_url(url: str, *, by: str = "--tmdb-url") -> str:
    """Return the address without a slash at its end; `by` names the option or variable that gave it.

    Raises:
        ConfigError: it is not an API's address.
    """
    given = url.strip().rstrip("/")
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is not None and ("@" in parts.netloc or parts.query or parts.fragment):
        raise ConfigError(
            f"{by} holds more than an address: a user, or something after ? or #",
            hint="keys go into TMDB_TOKEN or TMDB_API_KEY, never into an address",
        )
    # Only plain characters: with others, libraries disagree on where the host name ends.
    if host is None or port == 0 or not _ADDRESS.fullmatch(given):
        raise ConfigError(f"{by} is not an address of TMDB's API", hint=f"give it with its /3: {TMDB}")
    return given


def query_of(
    *,
    entity: str,
    genres: str,
    limit: int | None,
    released_from: date | None,
    released_to: date | None,
    **others: Any,  # noqa: ANN401 - fields of a query that need no check of ours
) -> tuple[Query, list[str]]:
    """Build the query from the user's options, and return it with notes for the user.

    Raises:
        ConfigError: there is no such genre, or the first date is after the last.
    """
    kind = Entity(entity)
    numbers, notes = genre_numbers(genres, kind)
    if released_from and released_to and released_from > released_to:
        raise ConfigError(
            f"--released-from {released_from} is after --released-to {released_to}",
            hint="swap them: both days count",
        )
    query = Query(
        entity=kind, genres=numbers, limit=limit, released_from=released_from, released_to=released_to, **others
    )
    return query, notes
