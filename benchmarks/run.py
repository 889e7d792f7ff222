"""`make bench AREA=ledger`: run an area's cases, print and keep the results.

An area's ``cases.toml`` may name a `peer`, the module beside ``ours.py`` that solves the same
cases: then each side has a process of its own (`side.py`), answers are compared before anything
is timed, and the sides take turns. Without a peer, ``ours.py`` is run by itself. A timing never
decides a test.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent
REPEATS = 5


def main(area: str) -> int:
    """0 where every case ran and, beside a peer, every answer agreed."""
    folder = ROOT / area
    if not (folder / "ours.py").is_file():
        areas = sorted(p.parent.name for p in ROOT.glob("*/ours.py"))
        sys.stderr.write(f"AREA={area}: there is {', '.join(areas)}\n")
        return 2
    cases = folder / "cases.toml"
    setup = tomllib.loads(cases.read_text(encoding="utf-8")) if cases.is_file() else {}
    results = beside(folder, setup) if "peer" in setup else alone(folder)
    for case in results:
        goal = f"  (goal {case['goal']})" if case.get("goal") else ""
        sys.stdout.write(f"{case['name']:<34} {case['shown']}{goal}\n")
    keep(area, results)
    return int(any(case.get("differences") for case in results))


def alone(folder: Path) -> list[dict]:
    """The results that ``ours.py`` prints."""
    done = subprocess.run(
        [sys.executable, str(folder / "ours.py")], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


class Side:
    """A process that solves cases one after the other."""

    def __init__(self, module: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "side.py"), str(module)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def solve(self, case: dict) -> dict:
        """What the module's ``solve(case)`` gave, with the process's peak memory."""
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the side ended early with code {self.process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        """Tell the process that there are no more cases, and wait for it."""
        self.process.communicate()


def beside(folder: Path, setup: dict) -> list[dict]:
    """Each case on both sides: the answers first (which also warms both up), then the times."""
    ours, peer = (Side(folder / f"{name}.py") for name in ("ours", setup["peer"]))
    results = [compare(case, setup, ours, peer) for case in setup["case"]]
    ours.close()
    peer.close()
    return results


def compare(case: dict, setup: dict, ours: Side, peer: Side) -> dict:
    """Median, spread and ratio of one case, or the differences that make times meaningless.

    A case may know its `answer`, which then stands for the peer's; it may be ours `alone`, and a
    peer may be `absent`: then our times stand by themselves.
    """
    found = ours.solve(case)
    expected = {"absent": "no peer"} if case.get("alone") else peer.solve(case)
    right = case["answer"] if "answer" in case else expected["answer"]
    differences = disagreements(found["answer"], right, case["tolerance"])
    goal = case.get("goal", setup.get("goal"))
    result = {"name": case["name"], "goal": goal, "differences": differences}
    if differences:
        return {**result, "shown": f"answers differ: {'; '.join(differences)}"}
    notes = "".join(f" · {side['note']}" for side in (found, expected) if "note" in side)
    if "absent" in expected:
        runs = [ours.solve(case) for _ in range(REPEATS)]
        seconds, peak_mb = [run["seconds"] for run in runs], max(run["peak_mb"] for run in runs)
        shown = f"{expected['absent']}: ours {spread(seconds)}, {peak_mb:,.0f} MB{notes}"
        sides = {"ours": {"seconds": seconds, "peak_mb": peak_mb}}
        return {**result, "sides": sides, "answer": found["answer"], "shown": shown}
    turns = [(ours.solve(case), peer.solve(case)) for _ in range(max(REPEATS, setup["repeats"]))]
    sides = {}
    for name, runs in zip(("ours", setup["peer"]), zip(*turns, strict=True), strict=True):
        seconds = [run["seconds"] for run in runs]
        sides[name] = {"seconds": seconds, "peak_mb": max(run["peak_mb"] for run in runs)}
    (mine, theirs), names = (statistics.median(s["seconds"]) for s in sides.values()), list(sides)
    shown = " · ".join(f"{name} {spread(side['seconds'])}" for name, side in sides.items())
    if "work" in found:
        shown += f" · {found['work'] / mine:,.0f} against {found['work'] / theirs:,.0f}"
        shown += f" {setup['work']}/s"
    return {
        **result, "sides": sides, "answer": found["answer"], "ratio": theirs / mine,
        "shown": f"{theirs / mine:7.1f} × as fast as {names[1]}: {shown}{notes}",
    }  # fmt: skip


def disagreements(found: dict, expected: dict, tolerance: float) -> list[str]:
    """The figures that differ by more than `tolerance`, relative above 1 and absolute below."""
    if found.keys() != expected.keys():
        return [f"figures {sorted(found)} against {sorted(expected)}"]
    return [
        f"{name} {found[name]:.9g} against {value:.9g}"
        for name, value in expected.items()
        if not abs(found[name] - value) <= tolerance * max(1.0, abs(value))
    ]


def spread(seconds: list[float]) -> str:
    """Median and range, in milliseconds."""
    low, middle, high = (1000 * f(seconds) for f in (min, statistics.median, max))
    return f"{middle:.4g} ms ({low:.4g}–{high:.4g})"


def keep(area: str, results: list[dict]) -> None:
    """Write the results where git does not look, by day and commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()
    kept = ROOT.parent / "build" / "bench" / area
    kept.mkdir(parents=True, exist_ok=True)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    (kept / f"{day}-{commit}.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "ledger"))
