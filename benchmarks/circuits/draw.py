"""Meshed networks by seed, and the figures that both sides answer with. Needs numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HEAD_M = 200.0
ROUGHNESS_M = 1e-4
VISCOSITY_M2_PER_S = 1.1e-5 * 0.3048**2  # EPANET's own, and its gravity
GRAVITY_M_PER_S2 = 32.2 * 0.3048


@dataclass(frozen=True)
class Mesh:
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    diameter_m: np.ndarray
    draw_l_per_s: np.ndarray


def drawn(case: dict) -> Mesh:
    """Nodes beside one another on a square, joined by a random tree and some more pipes; bores
    carry the tree's flow at about 1 m/s. Node 0 is the source."""
    rng = np.random.default_rng(case["seed"])
    side = round(case["nodes"] ** 0.5)
    place = np.arange(side * side).reshape(side, side)
    across = np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1)
    down = np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1)
    beside = rng.permutation(np.concatenate([across, down]))
    into, order, rest = tree(beside, side * side)
    need = rng.uniform(0.02, 0.1, side * side)
    need[0] = 0
    carried = need.copy()
    for node in order[:0:-1]:
        carried[into[node]] += carried[node]
    children = np.array(order[1:])
    extra = np.array(rest[: int(case["loops"] * side * side)]).reshape(-1, 2)
    start = np.concatenate([into[children], extra[:, 0]])
    end = np.concatenate([children, extra[:, 1]])
    flow = np.concatenate([carried[children], np.minimum(*carried[extra].T)])
    bore = np.sqrt(4e-3 * flow / np.pi).clip(0.02)
    return Mesh(start, end, rng.uniform(20, 80, start.size), bore, need)


def tree(beside: np.ndarray, nodes: int) -> tuple[np.ndarray, list[int], list[tuple[int, int]]]:
    """Each node's node before, the nodes by distance from node 0, and the pairs left over."""
    near: list[list[int]] = [[] for _ in range(nodes)]
    for one, other in beside.tolist():
        near[one].append(other)
        near[other].append(one)
    into, order = np.full(nodes, -1), [0]
    into[0] = 0
    for node in order:
        for other in near[node]:
            if into[other] < 0:
                into[other] = node
                order.append(other)
    rest = [(a, b) for a, b in beside.tolist() if into[a] != b and into[b] != a]
    return into, order, rest


def figures(head_m: np.ndarray) -> dict:
    """The losses of head, m: mean, greatest and a sum that knows each node."""
    loss = HEAD_M - head_m
    weight = np.cos(np.arange(loss.size))
    return {
        "mean loss m": float(loss.mean()),
        "greatest loss m": float(loss.max()),
        "weighed loss m": float((np.abs(weight) * loss).mean()),
    }
