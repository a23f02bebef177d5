"""pyarrow is kept from pandas in one thread, and only for a moment: other threads can import it."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys, threading
from trustedlake.adapters.local import without_pandas as module

found = []
def other():
    import pandas
    found.append(pandas.__name__)

class Arrow:
    @staticmethod
    def array(values):
        thread = threading.Thread(target=other)  # an engine that starts at this very moment
        thread.start()
        thread.join()
        try:
            del sys.modules["pandas"]
            import pandas
        except ModuleNotFoundError as error:
            found.append(error.name)

module.pa = Arrow
module.without_pandas()
import pandas
print(*found, pandas.__name__)
"""


def test_another_thread_can_import_pandas_meanwhile() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout == "pandas pandas pandas\n"
