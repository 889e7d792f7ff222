"""Our side: the meshes through `songhua.engines.circuits`."""

from __future__ import annotations

import time

import numpy as np
from draw import GRAVITY_M_PER_S2, HEAD_M, ROUGHNESS_M, VISCOSITY_M2_PER_S, drawn, figures

from songhua.engines.circuits.circuit import Circuit
from songhua.engines.circuits.solving import Boundary
from songhua.engines.circuits.solving import solve as settle
from songhua.engines.hydraulics.water import fluid

DENSITY = 1000.0
WATER = fluid(0.0, 100.0, [DENSITY] * 2, [DENSITY * VISCOSITY_M2_PER_S] * 2, [4190.0] * 2)


def solve(case: dict) -> dict:
    """CPU seconds of one solution from a cold start, and its figures."""
    mesh = drawn(case)
    zero, no = np.zeros(mesh.start.size), np.zeros(mesh.start.size, bool)
    circuit = Circuit(
        np.zeros(mesh.draw_l_per_s.size), mesh.start, mesh.end, mesh.length_m, mesh.diameter_m,
        zero + ROUGHNESS_M, zero, zero, no, no,
    )  # fmt: skip
    begun = time.process_time()
    assert circuit.pattern.row.size
    note = f"ordered once in {1e3 * (time.process_time() - begun):.0f} ms"
    weight = DENSITY * GRAVITY_M_PER_S2
    ends = Boundary(
        np.array([0]), np.array([HEAD_M * weight]), mesh.draw_l_per_s * DENSITY / 1000, 20.0
    )
    settle(circuit, ends, "swamee_jain", WATER)
    taken = []
    for _ in range(10):
        begun = time.process_time()
        state = settle(circuit, ends, "swamee_jain", WATER)
        taken.append(time.process_time() - begun)
    assert state.settled
    note += f", worst residual {state.residual_pa:.0e} Pa"
    return {"seconds": min(taken), "answer": figures(state.pressure_pa / weight), "note": note}
