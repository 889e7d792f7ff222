"""DESTEST, common exercise 1: the published heat injection from the published inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from songhua.kit.errors import InputError
from songhua.scenarios.smart_heating.importing.destest import (
    deviation,
    read_inputs,
    simulate_network,
)

CASE = Path(__file__).parents[4] / "shared" / "data" / "heating" / "destest_ce1"
PIPES = """Beginning Node,Ending Node,Length [m],Inner Diameter [m],Insulation Thickness [m],\
U-value [W/mK]
SimpleDistrict_1,d,12,0.02,0.045,0.035
d,i,36,0.05,0.045,0.035
"""
HEAT = "Elapsed time [sec],Building heat demand [W]\n0,10000\n90000,10000\n"


@pytest.mark.skipif(not CASE.exists(), reason="the published case does not lie beside the tree")
def test_the_injected_heat_is_the_published_one():
    texts = [(CASE / name).read_text() for name in
             ("Pipe_data.csv", "heat_profile_1_building_SFH_Network_1.csv")]  # fmt: skip
    found = simulate_network(read_inputs(*texts))
    published = np.genfromtxt(CASE / "AixLib_Plug_Flow_Network_1.csv", delimiter=",", skip_header=1)
    assert (found.time_s == published[:, 0]).all()
    injected_j = 900 * found.injected_w.sum()
    assert abs(found.unaccounted_j) < 1e-9 * injected_j
    for hours in (1, 4):  # every value, and hourly means as the exercise scores them
        ours, theirs = (series[: series.size // hours * hours].reshape(-1, hours).mean(1)
                        for series in (found.injected_w, published[:, 1]))  # fmt: skip
        cvrmse, nmbe = deviation(ours, theirs)
        assert cvrmse <= 5.0
        assert abs(nmbe) <= 1.5


def test_at_rest_the_plant_gives_what_the_house_takes_and_the_pipes_lose():
    found = simulate_network(read_inputs(PIPES, HEAT), days=1.0)
    flow = 10_000 / (4182 * 20)
    loss = [2 * np.pi * 0.035 * length / np.log(1 + 2 * 0.045 / bore)
            for length, bore in ((36, 0.05), (12, 0.02))]  # fmt: skip
    left = np.exp(-sum(loss) / (flow * 4182))
    arriving = 12 + 38 * left
    back = 12 + (arriving - 20 - 12) * left
    assert found.injected_w[-1] == pytest.approx(flow * 4182 * (50 - back), rel=1e-6)


def test_every_cell_that_cannot_be_read_is_named():
    with pytest.raises(InputError) as caught:
        read_inputs(PIPES.replace("0.02", "thick").replace("d,i", ",i"), HEAT.replace("0,1", "0,x"))
    assert {(p.row, p.column) for p in caught.value.problems} >= {
        (2, "Inner Diameter [m]"), (3, "Beginning Node"), (2, "Building heat demand [W]"),
    }  # fmt: skip


def test_pipes_in_a_ring_are_refused():
    ring = PIPES + "SimpleDistrict_1,i,40,0.02,0.045,0.035\n"
    with pytest.raises(InputError, match="importing_not_a_tree"):
        read_inputs(ring, HEAT)
