"""How long heat is on its way from the sources to each station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, HeatNetwork

_DENSITY_KG_PER_M3 = 960.0
_STILL_KG_PER_S = 1e-6


def travel_s(network: HeatNetwork, pipe_kg_per_s: Floats) -> Floats:
    """The shortest time that water needs from a source, with the flow, shape (consumers,);
    infinite where none arrives."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    area = np.pi / 4 * network.diameter_m**2
    moving = np.abs(pipe_kg_per_s) > _STILL_KG_PER_S
    time_s = _DENSITY_KG_PER_M3 * (area * network.length_m)[moving]
    time_s = time_s / np.abs(pipe_kg_per_s[moving])
    forward = pipe_kg_per_s[moving] > 0
    start = np.where(forward, network.pipe_start[moving], network.pipe_end[moving])
    end = np.where(forward, network.pipe_end[moving], network.pipe_start[moving])
    nodes = network.height_m.size
    graph = csr_array((time_s, (start, end)), shape=(nodes, nodes))
    arrival = dijkstra(graph, indices=network.source_node, min_only=True)
    return np.asarray(arrival[network.consumer_node])
