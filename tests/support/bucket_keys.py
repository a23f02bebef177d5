"""A bucket with more keys than one wants to upload: a server that can only list them."""

from __future__ import annotations

from bisect import bisect_left
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from tests.support.bucket_faults import said
from tests.support.loopback import LoopbackServer, QuietHandler, listening
from tests.support.trials import MOVIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE = 1000
"""Keys of a page; S3's own limit."""


def many_keys(count: int, prefix: str) -> Sequence[str]:
    """So many raw files below the prefix, 365 on each of a row of days, in byte order."""
    days = [f"{2000 + day // 336}/{1 + day // 28 % 12:02}/{1 + day % 28:02}" for day in range(-(-count // 365))]
    return [f"{prefix}/{MOVIES}/{days[n // 365]}/filmes_{n % 365:03}.json" for n in range(count)]


@contextmanager
def listing_server(keys: Sequence[str], asked: list[tuple[str, int]] | None = None) -> Iterator[str]:
    """Its address; every bucket has these keys, in pages as ListObjectsV2 gives them.

    Deleting changes nothing, but `asked` gets what each request did (`listed`, `folders`, `deleted`) and with how many.
    """
    handler = type("Handler", (_Handler,), {"keys": keys, "asked": [] if asked is None else asked})
    with listening(LoopbackServer(handler)) as server:
        yield server.url


class _Handler(QuietHandler):
    keys: Sequence[str]
    asked: list[tuple[str, int]]

    def do_GET(self) -> None:
        """A page of keys; there is no object to be had."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if "list-type" not in asked:
            self.say(404, said("NoSuchKey"))
            return
        prefix = asked.get("prefix", "")
        start = int(asked.get("continuation-token") or bisect_left(self.keys, prefix))
        end = min(start + int(asked.get("max-keys", PAGE)), bisect_left(self.keys, f"{prefix}\U0010ffff"))
        if "delimiter" in asked:
            self.say(200, self.folders(prefix))
            return
        more = end < len(self.keys) and self.keys[end].startswith(prefix)
        token = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
        found = "".join(
            f"<Contents><Key>{quote(key)}</Key><LastModified>2025-06-17T10:11:12.000Z</LastModified>"
            f"<ETag>&quot;{number:032x}&quot;</ETag><Size>{1000 + number}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for number, key in enumerate(self.keys[start:end], start)
        )
        self.asked.append(("listed", end - start))
        told = f"<IsTruncated>{str(more).lower()}</IsTruncated><EncodingType>url</EncodingType>{token}"
        self.say(200, f"<?xml version='1.0'?><ListBucketResult>{told}{found}</ListBucketResult>")

    def folders(self, prefix: str) -> str:
        """A list of the folders directly below the prefix; all fit in a page."""
        names, at = [], bisect_left(self.keys, prefix)
        while at < len(self.keys) and self.keys[at].startswith(prefix):
            names.append(prefix + self.keys[at][len(prefix) :].partition("/")[0] + "/")
            at = bisect_left(self.keys, f"{names[-1]}\U0010ffff")
        self.asked.append(("folders", len(names)))
        told = "".join(f"<CommonPrefixes><Prefix>{quote(name)}</Prefix></CommonPrefixes>" for name in names)
        return f"<?xml version='1.0'?><ListBucketResult><EncodingType>url</EncodingType>{told}</ListBucketResult>"

    def do_POST(self) -> None:
        """Objects are deleted, as far as the answer goes."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(("deleted", body.count(b"<Key>")))
        self.say(200, "<?xml version='1.0'?><DeleteResult></DeleteResult>")

    def do_HEAD(self) -> None:
        """There is no object."""
        self.say(404, "")

    def say(self, status: int, text: str) -> None:
        """Answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
