"""One side of a comparison: ``side.py <module.py>`` reads a case a line, writes a result a line.

The module offers ``solve(case) -> {"seconds", "answer", …}``; it times its own solving and leaves
out what both sides share, such as drawing the inputs. The process's peak memory is added.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path


def main(module: Path) -> None:
    """Solve until the input ends."""
    sys.path[0] = str(module.parent)
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is not an answer
    solve = import_module(module.stem).solve
    for line in sys.stdin:
        result = solve(json.loads(line))
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answers.write(json.dumps({"peak_mb": peak_kb / 1024, **result}) + "\n")
        answers.flush()


main(Path(sys.argv[1]))
