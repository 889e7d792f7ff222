"""The peer: Ciw (Palmer, Knight, Harper, Hawa 2019), given the very same patients.

Ciw has no cleaning after a patient: the scan is as long as scan and cleaning, which delays the
same patients by the same time. Its schedules relieve all servers at a change of shift, so that
new ones start while old ones finish; ours go on, so plans that change are not compared.
"""

from __future__ import annotations

import time

import ciw
import numpy as np
from draw import figures, patients


class OfPatient(ciw.dists.Distribution):
    """The duration written down for the patient being served."""

    def __init__(self, minutes: list[float]) -> None:
        self.minutes = minutes

    def sample(self, t: float | None = None, ind: object = None) -> float:
        return self.minutes[ind.id_number - 1]


class Onward(ciw.routing.NodeRouting):
    """To the scanner or home, as written down for the patient."""

    def __init__(self, needs_scan: list[bool]) -> None:
        self.needs_scan = needs_scan

    def next_node(self, ind: object) -> object:
        return self.simulation.nodes[2 if self.needs_scan[ind.id_number - 1] else -1]


def solve(case: dict) -> dict:
    """Seconds that Ciw takes for the case's patients, and their waits."""
    drawn = patients(case)
    simulation = ciw.Simulation(build(case, drawn))
    begun = time.perf_counter()
    simulation.simulate_until_max_time(drawn.arrival_min[-1] + 1e5)
    records = simulation.get_all_records()
    seconds = time.perf_counter() - begun
    waits = np.full((2, drawn.arrival_min.size), np.nan)
    for record in records:
        waits[record.node - 1, record.id_number - 1] = record.waiting_time
    return {"seconds": seconds, "answer": figures(drawn, *waits)}


def build(case: dict, drawn: object) -> ciw.network.Network:
    """Two nodes, one class a priority, every draw replaced by what is written down."""
    classes = [int(grade) for grade in np.unique(drawn.urgency)]
    consultation = OfPatient(drawn.consultation_min.tolist())
    scan = OfPatient((drawn.scan_min + case.get("turnaround_min", 0.0)).tolist())
    names = {grade: f"class {grade}" for grade in classes}
    return ciw.create_network(
        arrival_distributions={names[g]: [arrivals(drawn, g), None] for g in classes},
        service_distributions={name: [consultation, scan] for name in names.values()},
        number_of_servers=[case["doctors"], case.get("scanners", 1)],
        priority_classes={names[g]: g for g in classes},
        routing={
            name: ciw.routing.NetworkRouting(
                routers=[Onward(drawn.needs_scan.tolist()), ciw.routing.Leave()]
            )
            for name in names.values()
        },
    )


def arrivals(drawn: object, grade: int) -> ciw.dists.Distribution:
    """The gaps between the arrivals of one class, then no more."""
    times = drawn.arrival_min[drawn.urgency == grade]
    return ciw.dists.Sequential([*np.diff(times, prepend=0.0).tolist(), float("inf")])
