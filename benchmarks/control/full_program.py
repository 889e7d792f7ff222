"""The whole linear program of a horizon, written out for a general solver: HiGHS through scipy."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import linprog


def least_cost(horizon) -> float:
    """The optimal cost."""
    stations, steps = horizon.most_mw.shape
    sources, rows, hours = horizon.price_per_mwh.shape[0], steps + 1, horizon.step_h
    gain = sparse.block_diag(list(horizon.gain_k_per_mw), format="csr")
    eye = sparse.identity(stations * rows, format="csr")
    least = [-gain, -eye, None, None, None]  # heat, cold, warm, given, unmet
    most = [gain, None, -eye, None, None]
    sent = horizon.sent
    at = np.flatnonzero(sent.ravel() >= 0)
    shape = (steps, stations * steps)
    together = sparse.csr_array((np.ones(at.size), (sent.ravel()[at], at)), shape=shape)
    one = sparse.identity(steps, format="csr")
    balance = [together, None, None, sparse.hstack([-one] * sources), -one]
    matrix = sparse.bmat([least, most, balance], format="csr")
    right = np.concatenate((
        (horizon.base_c - horizon.least_c).ravel(), (horizon.most_c - horizon.base_c).ravel(),
        -horizon.loss_mw,
    ))  # fmt: skip
    cost = hours * np.concatenate((
        np.where(sent < 0, horizon.early_per_mwh, 0.0).ravel(),
        np.repeat(horizon.cold_per_k_h, rows),
        np.repeat(horizon.warm_per_k_h, rows), horizon.price_per_mwh.ravel(),
        np.full(steps, horizon.unmet_per_mwh),
    ))  # fmt: skip
    free = np.full(stations * rows, np.inf)
    upper = np.concatenate((horizon.most_mw.ravel(), free, free, horizon.source_most_mw.ravel(),
                            np.full(steps, np.inf)))  # fmt: skip
    bounds = np.column_stack((np.zeros(upper.size), upper))
    found = linprog(cost, matrix, right, bounds=bounds, method="highs-ipm")
    if found.status != 0:
        raise RuntimeError(found.message)
    return float(found.fun)
