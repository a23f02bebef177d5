"""Where films and series come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trustedlake.models.lake import Entity
    from trustedlake.models.listing import Listing, Page


class MovieSource(Protocol):
    """Films and series of TMDB. Each method is one call; whoever asks decides on pace and retries.

    Safe to share between threads. No error, and nothing it logs, holds the key.

    Every method raises:
        BusyError: the call failed in a way that passes, or fails for this film only: 429, 5xx, a broken line, a body
            that is not what was asked for, or has no end. `wait_s` is what the answer's `Retry-After` says.
        FatalRemoteError: the key is wrong or has no rights, or the call itself is refused.
        ConfigError: a proxy of the environment can't be used.
    """

    @property
    def address(self) -> str:
        """Where it is, without any key."""
        ...

    def page(self, listing: Listing, number: int) -> Page:
        """Page `number` (1 to 500) of a list, 20 items a page; beyond its end there are none."""
        ...

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """The film or series with its keywords: the body as it was sent, as one line of UTF-8 JSON.

        It is an object with that `id`. None: TMDB no longer has it (404).
        """
        ...

    def hang_up(self) -> None:
        """End the calls that other threads wait for, now: each raises BusyError. Later calls are made as ever."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...
