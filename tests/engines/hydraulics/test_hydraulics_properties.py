"""Water and friction: the standards' figures, and what holds at every Reynolds number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.hydraulics.friction import LAWS, friction_factor
from songhua.engines.hydraulics.water import (
    WATER,
    density,
    enthalpy,
    fluid,
    heat_capacity,
    temperature,
    viscosity,
)
from songhua.kit.errors import InputError


@pytest.mark.parametrize(
    # Saturated or 0.1 MPa liquid, IAPWS-95 and R12-08, as the NIST tables print them.
    ("at_c", "kg_per_m3", "pa_s", "j_per_kg_k"),
    [(20, 998.21, 1.0016e-3, 4184.1), (50, 988.03, 5.465e-4, 4179.6), (90, 965.31, 3.142e-4, 4205)],
)
def test_properties_are_those_of_the_standard(at_c, kg_per_m3, pa_s, j_per_kg_k):
    assert density(WATER, at_c) == pytest.approx(kg_per_m3, rel=1e-3)
    assert viscosity(WATER, at_c) == pytest.approx(pa_s, rel=5e-3)
    assert heat_capacity(WATER, at_c) == pytest.approx(j_per_kg_k, rel=1e-3)


def test_enthalpy_between_two_temperatures_is_that_of_the_steam_table():
    # Saturated water, 632.2 - 209.3 kJ/kg, which includes 0.1 % for its rise in pressure.
    gained = enthalpy(WATER, 150.0) - enthalpy(WATER, 50.0)
    assert gained == pytest.approx(422.9e3, rel=1.5e-3)


@settings(deadline=None)  # the first call compiles
@given(st.floats(-20, 200), st.floats(0, 180))
def test_temperature_undoes_enthalpy(at_c, guess_c):
    assert temperature(WATER, enthalpy(WATER, at_c), guess_c) == pytest.approx(at_c, abs=1e-9)


@pytest.mark.parametrize(
    ("reynolds", "roughness", "factor"),
    [(1e5, 1e-4, 0.0185), (1e5, 0.01, 0.0385), (1e6, 1e-3, 0.0199), (4000, 0.0, 0.0399)],
)  # the Moody diagram
def test_the_turbulent_laws_agree_with_the_moody_diagram(reynolds, roughness, factor):
    for law in ("colebrook", "haaland", "swamee_jain"):
        assert friction_factor(reynolds, roughness, law) == pytest.approx(factor, rel=0.03)


@settings(deadline=None)  # the first call compiles
@given(st.floats(4001, 1e8), st.floats(0, 0.05))
def test_colebrook_satisfies_its_own_equation(reynolds, roughness):
    factor = float(friction_factor(reynolds, roughness, "colebrook"))
    right = -2 * np.log10(roughness / 3.7 + 2.51 / (reynolds * np.sqrt(factor)))
    assert 1 / np.sqrt(factor) == pytest.approx(right, rel=1e-11)


@settings(deadline=None)  # the first call compiles
@given(st.floats(1, 1e7), st.floats(0, 0.05), st.sampled_from(LAWS))
def test_pressure_drop_rises_with_the_flow_without_a_step(reynolds, roughness, law):
    def drop(number):
        return float(friction_factor(number, roughness, law)) * number**2

    assert drop(reynolds) < drop(reynolds * (1 + 1e-6)) < drop(reynolds) * (1 + 2e-5)


def test_a_fluid_needs_sound_columns():
    with pytest.raises(InputError) as caught:
        fluid(0, 0, [1, 2], [1], [0, 1])
    assert len(caught.value.problems) == 3
