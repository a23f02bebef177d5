"""A pysail session that idles during long framing is still there when judging begins."""

from __future__ import annotations

import time

import pytest

from trustedlake.adapters.spark import sail_engine

pytest.importorskip("pysail")


@pytest.mark.filterwarnings("ignore")  # pyspark warns in its own deprecated way before it gives up
@pytest.mark.parametrize(("idle_s", "lives"), [(4, False), (sail_engine.IDLE_S, True)])
def test_an_idle_session_lives_as_long_as_configured(idle_s: int, lives: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 15 minutes of framing every partition failed, because the session had ended."""
    monkeypatch.setitem(sail_engine._ALONE, "SAIL_SPARK__SESSION_TIMEOUT_SECS", str(idle_s))
    engine = sail_engine.SailEngine()
    try:
        session = engine.session
        session.sql("SELECT 1").collect()
        time.sleep(12)
        if lives:
            assert session.sql("SELECT 2").collect()[0][0] == 2
        else:
            with pytest.raises(Exception, match=r"is not running|RETRIES_EXCEEDED"):
                session.sql("SELECT 2").collect()
    finally:
        engine.stop()
