"""The key to TMDB: it signs requests and appears in no message or log."""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

_MASK = "***"
_URL_LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")
_SHORT_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class TmdbKey:
    """A read token, sent as a header; or an API key, which TMDB accepts only in the URL.

    Raises:
        ConfigError: it can't be a key: it is empty, or has characters that no header can carry.
    """

    _secret: str = field(repr=False)
    is_token: bool = True

    def __post_init__(self) -> None:
        if not self._secret or not all("!" <= character <= "~" for character in self._secret):
            raise ConfigError(
                f"{self._name} can't be a key: it is empty, or contains spaces, line breaks or accented letters",
                hint="copy it again from https://www.themoviedb.org/settings/api",
            )

    @property
    def _name(self) -> str:
        return "TMDB_TOKEN" if self.is_token else "TMDB_API_KEY"

    @property
    def advice(self) -> str:
        """Return what to do when TMDB refuses the key."""
        if self.is_token and _SHORT_KEY.fullmatch(self._secret):
            return "TMDB_TOKEN is the long read access token; the short API key goes into TMDB_API_KEY"
        return f"check {self._name}: https://www.themoviedb.org/settings/api shows the right one"

    def sign(self, request: PreparedRequest) -> PreparedRequest:
        """Put the key into a request."""
        if self.is_token:
            request.headers["Authorization"] = f"Bearer {self._secret}"
        else:
            request.prepare_url(request.url, {"api_key": self._secret})
        return request

    def masked(self, text: str) -> str:
        """Return the text without the key, also if the key is URL-encoded there."""
        for form in {self._secret, quote(self._secret, safe=""), quote_plus(self._secret)}:
            text = text.replace(form, _MASK)
        return text

    @contextmanager
    def hidden_from_logs(self) -> Iterator[None]:
        """Keep the key out of the URLs that the HTTP library logs."""
        loggers = [logging.getLogger(name) for name in _URL_LOGGERS]
        for logger in loggers:
            logger.addFilter(self._mask_record)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeFilter(self._mask_record)

    def _mask_record(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.masked(record.getMessage()), ()
        return True
