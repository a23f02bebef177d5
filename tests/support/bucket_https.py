"""An https server with an untrusted certificate."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.loopback import LoopbackServer, QuietHandler, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def https_server(folder: Path) -> Iterator[int]:
    """A server whose certificate nobody trusts; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    server = LoopbackServer(QuietHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with listening(server):
        yield server.server_port


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 in the folder: `private.key`, `public.crt`, and both in one file."""
    from cryptography import x509  # noqa: PLC0415 - moto brings it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + datetime.timedelta(days=36500)
    ).add_extension(address, critical=False)
    certificate = built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "private.key").write_bytes(secret)
    (folder / "public.crt").write_bytes(certificate)
    (folder / "both.pem").write_bytes(secret + certificate)
    return folder / "both.pem"
