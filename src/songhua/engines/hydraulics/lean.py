"""How inner loops are compiled: without counting who holds an array.

Each time that compiled code takes an array out of a record it counts one holder more, and one less
after: instructions that cost several times a pipe's arithmetic. A loop that makes no arrays does
not need them. Such functions, and those that they call, cannot allocate, nor assign one row of an
array to another; they divide by zero as floating-point numbers do.
"""

from __future__ import annotations

from numba import njit

lean = njit(cache=True, error_model="numpy", _nrt=False)  # type: ignore[call-overload, unused-ignore]
