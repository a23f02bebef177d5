"""Open the store that holds a lake, and choose how Spark reaches it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.local.network import require_bundle, require_certificates
from trustedlake.entrypoints.lake.address import named_outside, published_folders
from trustedlake.entrypoints.lake.lazy import boto_needed
from trustedlake.entrypoints.settings import environment
from trustedlake.errors import ConfigError, FatalRemoteError, InputError
from trustedlake.models.lake import STATE, is_lake, join
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trustedlake.adapters.s3.meter import Meter
    from trustedlake.adapters.s3.store import S3Store
    from trustedlake.entrypoints.lake.address import Folder, Roots
    from trustedlake.entrypoints.lake.bucket_address import BucketFolder
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.models.choices import EngineName, StorageName
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Clock, ObjectStore


_DIRECT = "reading and writing the bucket itself"


def choose_storage(
    asked: StorageName, root: Folder, *, engine: EngineName, master: str | None
) -> tuple[Literal["staged", "direct"], str]:
    """Choose how to reach this lake, and say why; `master` is spark-submit's, None if it did not start this process.

    Raises:
        ConfigError: the requested options don't work together.
    """
    cluster = master is not None and not master.startswith("local") and engine != "sail"
    if isinstance(root, Path):
        return _folder(asked, root, cluster=master if cluster else None)
    if asked == "staged" and cluster:
        raise ConfigError(
            f"--storage staged keeps what Spark reads on this machine, where the executors of {master} can't see it",
            hint="leave --storage out, or run on --master 'local[*]'",
        )
    if asked == "direct" and engine == "sail":
        raise ConfigError(
            "--storage direct means that Spark reads and writes the bucket, but --engine is sail",
            hint="leave one of the two out",
        )
    if asked == "direct":
        return "direct", _DIRECT
    if cluster:
        return "direct", f"{_DIRECT}, since it runs on {master}"
    return "staged", ""


def _folder(asked: StorageName, root: Path, *, cluster: str | None) -> tuple[Literal["staged"], str]:
    if asked == "direct":
        raise ConfigError(
            f"--storage direct is for a lake in a bucket, but {root} is a folder",
            hint="leave --storage out, or name the lake s3://bucket/prefix",
        )
    if cluster is not None:
        raise ConfigError(
            f"the lake {root} is a folder of this machine, which the executors of {cluster} can't see",
            hint="name a lake in a bucket with --lake s3://bucket/prefix, or run on --master 'local[*]'",
        )
    return "staged", ""


CERTIFICATES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name the certificate authorities a call to AWS trusts."""


@contextmanager
def store_at(
    roots: Roots,
    settings: Settings,
    clock: Clock,
    *,
    contracts: Iterable[Contract] = (),
    direct: bool = False,
    meter: Meter | None = None,
) -> Iterator[ObjectStore]:
    """Open the store that holds a lake and the user's other folders; its connections are closed at the end.

    `contracts` say where tables are published, so that links are not followed there. `direct`: the engine itself
    writes the staged files into the bucket. `meter` counts the network traffic.

    Raises:
        MissingExtraError: the lake is in a bucket, and boto3 is not installed.
        ConfigError: there is no such AWS profile, or no endpoint.
    """
    root = roots.root
    if isinstance(root, Path):
        named = [root / key for key in named_outside(roots)]
        state = root / roots.lake / STATE
        yield LocalStore(root, clock, state=state, published=published_folders(roots, contracts), named=named)
        return
    store = bucket_store(root, settings, clock, direct=direct, meter=meter)
    try:
        yield store
    finally:
        store.close()


def bucket_store(
    root: BucketFolder, settings: Settings, clock: Clock, *, direct: bool = False, meter: Meter | None = None
) -> S3Store:
    """Open the store of a bucket's folder. Raises the same errors as `store_at`."""
    with boto_needed(str(root)):
        from trustedlake.adapters.s3.client import make_client
        from trustedlake.adapters.s3.direct_store import DirectStore
        from trustedlake.adapters.s3.store import S3Store
        from trustedlake.adapters.s3.transfer import Transfers
    client = make_client()
    require_aws_certificates(client)
    transfers = Transfers(client, root.bucket, writes=write_parameters(settings), meter=meter)
    return (DirectStore if direct else S3Store)(transfers, root.prefix, clock)


def require_aws_certificates(client: Any) -> None:  # noqa: ANN401 - boto3 makes its classes at run time
    """Check the variables that name trusted certificate authorities for boto3, if the client uses https.

    Raises:
        ConfigError: one of them does not name a file with certificates.
    """
    from trustedlake.adapters.s3.client import ca_bundle

    if client.meta.endpoint_url.startswith("https:"):
        require_certificates(CERTIFICATES, environment())
        if bundle := ca_bundle():
            require_bundle("AWS_CA_BUNDLE (or ca_bundle in AWS's settings)", bundle)


def write_parameters(settings: Settings) -> dict[str, str]:
    """Return boto3's parameters for each write: how to encrypt it; empty leaves the choice to the bucket.

    Raises:
        ConfigError: a key is set, and the method takes none.
    """
    method, key = settings.s3_sse, settings.s3_kms_key
    if key and method == "AES256":
        raise ConfigError(
            "TRUSTEDLAKE_S3_KMS_KEY is set, but TRUSTEDLAKE_S3_SSE is AES256, which takes no key",
            hint="set TRUSTEDLAKE_S3_SSE=aws:kms, or remove the key",
        )
    if key:
        return {"ServerSideEncryption": method or "aws:kms", "SSEKMSKeyId": key}
    return {"ServerSideEncryption": method} if method else {}


def existence(root: Folder, store: ObjectStore) -> Callable[[str], bool]:
    """Return a function that says whether a folder exists; in a bucket: whether any object is below it."""
    if isinstance(root, Path):
        return lambda key: (root / key).is_dir()
    return cast("S3Store", store).has_any


def refuse_missing(roots: Roots, store: ObjectStore) -> None:
    """Check that the bucket, the lake and the inputs exist; for local folders that was checked before.

    Raises:
        FatalRemoteError: there is no such bucket, or no permission to list it.
        InputError: nothing is there.
    """
    if isinstance(roots.root, Path):
        return
    is_there = existence(roots.root, store)
    if not is_there(roots.lake) and not any(is_there(key) for key in roots.inputs):
        raise InputError(
            f"no such lake: there is nothing below {roots.root / roots.lake}",
            hint="name it with --lake s3://bucket/prefix; its raw files belong in s3://bucket/prefix/Raw/...",
        )
    for key in roots.inputs:
        if not is_there(key):
            raise InputError(f"no such input: there is nothing below {roots.root / key}", hint="check --input")


def refuse_no_lake(roots: Roots, store: ObjectStore, contracts: Iterable[Contract]) -> None:
    """Check that the lake's folder is a lake (`is_lake`), unless the caller names a table's own folders.

    Raises:
        InputError: it is not; a disk that is not mounted is an empty folder.
    """
    if roots.inputs or roots.target is not None or is_lake(tops := store.folders(roots.lake), contracts):
        return
    place = roots.root / roots.lake
    there = f"its folders: {some(tops)}" if tops else "it has no folders"
    raise InputError(
        f"{place} is not a lake: there is neither {STATE} nor a folder with raw files (Raw) in it; {there}",
        hint=f"check that it is mounted and that --lake is right; raw files belong in {place}/Raw/...",
    )


def require_bucket(root: Folder, store: ObjectStore) -> None:
    """Check that the bucket exists and can be read, before anything else; local folders are created when needed.

    Raises:
        FatalRemoteError: there is no such bucket, or no permission to list it.
    """
    existence(root, store)("")


@contextmanager
def explained(root: Folder, store: ObjectStore) -> Iterator[None]:
    """If the first request is refused, explain it with a second one: errors to HEAD have no body, errors to a list do.

    Raises:
        FatalRemoteError: the server does not speak S3, or the block's own error.
    """
    try:
        yield
    except FatalRemoteError:
        require_bucket(root, store)
        raise


def require_conditions(root: Folder, lake: str, store: ObjectStore, *, single_writer: bool) -> None:
    """Refuse to publish to a bucket that ignores conditional writes, unless the user says that nobody else writes.

    Raises:
        ConfigError: the store ignores the conditions.
        TrustedLakeError: the lake can't be written to.
    """
    if isinstance(root, Path) or single_writer:
        return
    from trustedlake.adapters.s3.probes import keeps_conditions

    if not keeps_conditions(cast("S3Store", store), join(lake, STATE)):
        raise ConfigError(
            f"{root / lake}: the store ignores conditions on writes, so two runs at once could both publish",
            hint="make sure that only one run writes at a time, and say so with --single-writer",
        )
