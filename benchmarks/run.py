"""`make bench AREA=ledger`: run an area's cases in a process of their own, print and keep results.

A timing never decides a test. Where an area has a peer, answers are compared before times.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent


def main(area: str) -> int:
    """0 where every case ran."""
    folder = ROOT / area
    if not (folder / "ours.py").is_file():
        areas = sorted(p.parent.name for p in ROOT.glob("*/ours.py"))
        sys.stderr.write(f"AREA={area}: there is {', '.join(areas)}\n")
        return 2
    done = subprocess.run(
        [sys.executable, str(folder / "ours.py")], check=True, stdout=subprocess.PIPE, text=True
    )
    results = json.loads(done.stdout)
    for case in results:
        goal = f"  (goal {case['goal']})" if case.get("goal") else ""
        sys.stdout.write(f"{case['name']:<34} {case['shown']}{goal}\n")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    kept = ROOT.parent / "build" / "bench" / area
    kept.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    (kept / f"{day}-{commit}.json").write_text(json.dumps(results, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "ledger"))
