"""The peer: EPANET 2.2, through wntr's toolkit, to the accuracy that it allows at most.

wntr is not among our dependencies. Where this interpreter lacks it, the one named by
``WNTR_PYTHON`` solves the cases; where there is none, the case says so.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from draw import HEAD_M, ROUGHNESS_M, Mesh, drawn, figures

ACCURACY = 1e-5
_HEAD = 10  # EN_HEAD


def solve(case: dict) -> dict:
    """CPU seconds of one hydraulic solution from a cold start, and its figures."""
    if importlib.util.find_spec("wntr"):
        return solve_here(case)
    other = os.environ.get("WNTR_PYTHON")
    if not other:
        return {"absent": "wntr is not installed and WNTR_PYTHON names no Python"}
    process = elsewhere(other)
    process.stdin.write(json.dumps(case) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def elsewhere(python: str) -> subprocess.Popen:
    """Another interpreter that solves our cases; it ends with us."""
    side = Path(__file__).parent.parent / "side.py"
    return subprocess.Popen(
        [python, str(side), __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def solve_here(case: dict) -> dict:
    from wntr.epanet.toolkit import ENepanet

    mesh = drawn(case)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "mesh.inp"
        given.write_text(inp(mesh), encoding="utf-8")
        epanet = ENepanet()
        epanet.ENopen(str(given), str(given.with_suffix(".rpt")), str(given.with_suffix(".bin")))
        epanet.ENopenH()
        taken = []
        for _ in range(10):
            epanet.ENinitH(10)  # flows from the start, nothing saved
            begun = time.process_time()
            epanet.ENrunH()
            taken.append(time.process_time() - begun)
        head = [
            epanet.ENgetnodevalue(epanet.ENgetnodeindex(f"n{node}"), _HEAD)
            for node in range(mesh.draw_l_per_s.size)
        ]
        epanet.ENcloseH()
        epanet.ENclose()
    return {"seconds": min(taken), "answer": figures(np.array(head))}


def inp(mesh: Mesh) -> str:
    """The mesh as EPANET reads it."""
    nodes = range(1, mesh.draw_l_per_s.size)
    junctions = "\n".join(f"n{node} 0 {mesh.draw_l_per_s[node]:.9g}" for node in nodes)
    pipes = "\n".join(
        f"p{number} n{one} n{other} {length:.9g} {1000 * bore:.9g} {1000 * ROUGHNESS_M} 0 Open"
        for number, (one, other, length, bore) in enumerate(
            zip(mesh.start, mesh.end, mesh.length_m, mesh.diameter_m, strict=True)
        )
    )
    return f"""[JUNCTIONS]
{junctions}
[RESERVOIRS]
n0 {HEAD_M}
[PIPES]
{pipes}
[OPTIONS]
Units LPS
Headloss D-W
Viscosity 1.0
Specific Gravity 1.0
Accuracy {ACCURACY}
Trials 200
[TIMES]
Duration 0
[END]
"""
