"""How long the parts take to import, next to Panel alone: batch commands must not pay for the web server.

The segmentation engine is compared with scikit-learn too, also when its classifier is really loaded.

Each import runs in a new interpreter, five times; the middle one counts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.report import Row, print_table
from segmentation.classifier import CONFIGURATION

REPEATS = 5
AIMS = {  # at least this many times faster than importing Panel
    "import brushlink.cli": 5.0,
    "import dashboards": 5.0,
    "import data_sources": 1.0,
    "import segmentation": 1.0,
}
BESIDE_SKLEARN = {  # at most twice the time
    "import segmentation": 0.5,
    "from segmentation import PixelClassifier, FeatureBank": 0.5,
}


def import_ms(statement: str) -> float:
    """Return the median time in ms of an interpreter that runs `statement`, less that of an empty one."""

    def once(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (time.perf_counter() - start) * 1000

    times = [once(statement) - once("pass") for _ in range(REPEATS)]
    return max(statistics.median(times), 0.1)


def main() -> int:
    """Measure and print; 1 if an aim was missed."""
    reference = import_ms("import panel")
    rows = [Row(statement, import_ms(statement), reference, "ms", aim) for statement, aim in AIMS.items()]
    panel = print_table("Imports, next to `import panel`", rows)
    learn = import_ms("import sklearn")
    beside = [
        Row(f"{CONFIGURATION}: {code}", import_ms(code), learn, "ms", aim)
        for code, aim in BESIDE_SKLEARN.items()
    ]
    return 0 if print_table("Imports, next to `import sklearn`", beside) and panel else 1


if __name__ == "__main__":
    sys.exit(main())
