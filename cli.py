"""The command, run from a checkout: `spark-submit cli.py to-trusted --source tmdb --lake ./lake`.

The package need not be installed on the driver; what it depends on must be.
"""

import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))
    import_module("trustedlake.entrypoints.cli.main").run()
