"""The peer: pandapipes, bidirectional mode, heat consumers by heat and return temperature.

pandapipes is not among our dependencies. Where this interpreter lacks it, the one named by
``PANDAPIPES_PYTHON`` solves the cases; where there is none, the case says so. The time is CPU time
of `pipeflow`, to 1e-6 kg/s and bar and 1e-5 K, with the network built before: the better of
two. The answers are of another solution, to 1e-9 kg/s.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path

import numpy as np
from draw import (
    GROUND_C,
    OUTLET_C,
    RETURN_PA,
    SUPPLY_C,
    SUPPLY_PA,
    TABLE_C,
    Town,
    drawn,
    properties,
)

KELVIN = 273.15


def solve(case: dict) -> dict:
    """CPU seconds of one solution, and figures of its pressures and temperatures."""
    if importlib.util.find_spec("pandapipes"):
        return solve_here(case)
    other = os.environ.get("PANDAPIPES_PYTHON")
    if not other:
        return {"absent": "pandapipes is not installed and PANDAPIPES_PYTHON names no Python"}
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
    import pandapipes

    town = drawn(case)
    net = network(pandapipes, town)
    options = {name: 100 for name in ("max_iter_bidirect", "max_iter_hyd", "max_iter_therm")}
    options |= {"mode": "bidirectional", "friction_model": "nikuradse"}
    options |= {"ambient_temperature": GROUND_C + KELVIN}
    usual = {"tol_p": 1e-6, "tol_m": 1e-6, "tol_T": 1e-5, "tol_res": 1e-3}
    strict = {"tol_p": 1e-9, "tol_m": 1e-9, "tol_T": 1e-8, "tol_res": 1e-6}
    taken = []
    for _ in range(2):
        begun = time.process_time()
        pandapipes.pipeflow(net, **options, **usual)
        taken.append(time.process_time() - begun)
    pandapipes.pipeflow(net, **options, **strict)
    found = net.res_junction
    supply, back = found.iloc[: town.nodes], found.iloc[town.nodes :]
    return {"seconds": min(taken), "answer": figures(
        supply.t_k.to_numpy() - KELVIN, supply.p_bar.to_numpy(),
        back.t_k.to_numpy() - KELVIN, back.p_bar.to_numpy(), town,
    )}  # fmt: skip


def figures(
    supply_c: np.ndarray,
    supply_bar: np.ndarray,
    back_c: np.ndarray,
    back_bar: np.ndarray,
    town: Town,
) -> dict:
    """Six houses' and the plant's temperatures, and pressures in hundredths of a bar.

    A difference of 1e-6 is then 1e-6 K or 1e-8 bar, and beyond 1 that share of the figure.
    """
    some = town.house[:: max(town.house.size // 6, 1)][:6]
    answer = {"return K": back_c[0]}
    for house in some.tolist():
        answer[f"house {house} K"] = supply_c[house] - SUPPLY_C
        answer[f"house {house} supply bar/100"] = 100 * (supply_bar[house] - SUPPLY_PA / 1e5)
        answer[f"house {house} return bar/100"] = 100 * (back_bar[house] - RETURN_PA / 1e5)
    return {name: float(value) for name, value in answer.items()}


def network(pandapipes: object, town: Town) -> object:
    """Supply junctions, then return junctions; the plant is a circulation pump."""
    from pandapipes.properties.fluids import Fluid, FluidPropertyConstant, FluidPropertyInterExtra

    names = ("density", "viscosity", "heat_capacity")
    columns = {name: FluidPropertyInterExtra(TABLE_C + KELVIN, column)
               for name, column in zip(names, properties(), strict=True)}  # fmt: skip
    constants = {"molar_mass": 18.0, "compressibility": 1.0, "der_compressibility": 0.0}
    columns |= {name: FluidPropertyConstant(value) for name, value in constants.items()}
    net = pandapipes.create_empty_network()
    loss = town.loss_w_per_m_k / (np.pi * town.diameter_m)
    net.fluid = Fluid("water", "liquid", **columns)
    count = town.nodes
    pandapipes.create_junctions(net, 2 * count, pn_bar=5.0, tfluid_k=SUPPLY_C + KELVIN)
    for start, end in ((town.start, town.end), (town.end + count, town.start + count)):
        pandapipes.create_pipes_from_parameters(
            net, start, end, town.length_m / 1e3, town.diameter_m * 1e3,
            k_mm=town.roughness_m * 1e3, u_w_per_m2k=loss,
            text_k=GROUND_C + KELVIN, outer_diameter_mm=town.diameter_m * 1e3,
        )  # fmt: skip
    pandapipes.create_heat_consumers(
        net, town.house, town.house + count, qext_w=town.heat_w, treturn_k=OUTLET_C + KELVIN
    )
    pandapipes.create_circ_pump_const_pressure(
        net, count, 0, p_flow_bar=SUPPLY_PA / 1e5, plift_bar=(SUPPLY_PA - RETURN_PA) / 1e5,
        t_flow_k=SUPPLY_C + KELVIN,
    )  # fmt: skip
    return net
