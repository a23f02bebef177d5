"""Proxies and certificates between this machine and another one; no message shows a password."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_LONGEST = 300
_USER = re.compile(r"://[^\s@]*@")
_QUERY = re.compile(r"(://[^\s?]*)\?[^\s)]*")
_BEHIND_HOST = re.compile(r"[/?#]")


def host_of(address: str) -> str:
    """Return scheme, host and port of the address, without a user or password."""
    scheme, _, rest = address.rpartition("://")
    place = _BEHIND_HOST.split(rest.rpartition("@")[2])[0]
    return f"{scheme}://{place}" if scheme else place


def without_passwords(said: str) -> str:
    """Return a library's message on one line, without user, password and query of any address in it."""
    words = " ".join(said.split())[:_LONGEST]
    return _QUERY.sub(r"\1", _USER.sub("://", words))


def proxy_for(url: str) -> str:
    """Return the proxy that the environment sets for this address, without its password; empty for none."""
    try:
        parts = urlsplit(url)
        if not parts.hostname or proxy_bypass(parts.hostname):
            return ""
    except ValueError:
        return ""
    proxies = getproxies()
    given = proxies.get(parts.scheme) or proxies.get("all") or ""
    return host_of(given) or ("without a host" if given else "")


def proxy_hint(url: str) -> str:
    """Return the hint for a proxy that doesn't work for this address."""
    scheme = urlsplit(url).scheme.upper()
    return (
        f"check {scheme}_PROXY (or ALL_PROXY): http://host:port, and http://user:password@host:port where it wants a"
        " password; NO_PROXY=host skips the proxy for that host"
    )


def require_certificates(names: Iterable[str], environ: Mapping[str, str]) -> None:
    """Reject variables whose path is not a file with certificates, before a library fails on them.

    Args:
        names: variables to check.
        environ: the environment.

    Raises:
        ConfigError: the message names the variable and the path.
    """
    for name in names:
        if path := environ.get(name, "").strip():
            require_bundle(name, path)


def require_bundle(name: str, given: str) -> None:
    """Reject a path, set by the variable `name`, that holds no certificates. Raises ConfigError."""
    path = Path(given)
    problem = ""
    try:
        if not path.exists():
            problem = "there is no such file"
        elif path.is_dir():
            problem = "" if name in _MAY_BE_FOLDERS else "it is a folder"
        else:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        problem = "it holds no certificates"
    except (OSError, ValueError) as error:
        problem = f"it can't be read: {getattr(error, 'strerror', None) or error}"
    if problem:
        shown = host_of(given) if "://" in given else given[:_LONGEST]  # a URL may hold a password
        raise ConfigError(
            f"{name} names {shown}: {problem}",
            hint=f"give {name} the file with the authorities' certificates (PEM), or unset it",
        )


_MAY_BE_FOLDERS = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}


def tls_trouble(said: str) -> str:
    """Return why a secure connection failed, derived from the library's message."""
    if "CERTIFICATE_VERIFY_FAILED" in said or "doesn't match" in said:
        return "its certificate is not trusted here"
    if "WRONG_VERSION_NUMBER" in said or "record layer" in said:
        return "it doesn't speak https"
    return "the handshake failed"
