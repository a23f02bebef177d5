"""Who works on something in the lake: the process that holds a claim."""

from __future__ import annotations

from trustedlake.models.base import Frozen


class Owner(Frozen):
    """The process that writes.

    Attributes:
        token: made for this claim alone; only the process that knows it may continue.
        host, boot: the machine and its current boot.
        pid, started: the process; `started` distinguishes it from a later process with the same number.
    """

    token: str
    host: str
    boot: str
    pid: int
    started: str

    def is_same_process(self, other: Owner) -> bool:
        """Whether both claims belong to the same process."""
        return self.model_copy(update={"token": other.token}) == other
