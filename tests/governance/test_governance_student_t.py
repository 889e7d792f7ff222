"""Student's t agrees with the published table and with itself."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.student_t import cdf, quantile

# One-sided critical values, NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
TABLE = {
    1: (3.078, 6.314, 12.706, 31.821, 63.657),
    2: (1.886, 2.920, 4.303, 6.965, 9.925),
    3: (1.638, 2.353, 3.182, 4.541, 5.841),
    4: (1.533, 2.132, 2.776, 3.747, 4.604),
    5: (1.476, 2.015, 2.571, 3.365, 4.032),
    7: (1.415, 1.895, 2.365, 2.998, 3.499),
    10: (1.372, 1.812, 2.228, 2.764, 3.169),
    15: (1.341, 1.753, 2.131, 2.602, 2.947),
    20: (1.325, 1.725, 2.086, 2.528, 2.845),
    30: (1.310, 1.697, 2.042, 2.457, 2.750),
    100: (1.290, 1.660, 1.984, 2.364, 2.626),
}


@pytest.mark.parametrize("dof", TABLE)
def test_the_published_table(dof):
    for p, value in zip((0.90, 0.95, 0.975, 0.99, 0.995), TABLE[dof], strict=True):
        assert quantile(p, dof) == pytest.approx(value, abs=5.1e-4)


@given(st.floats(0.001, 0.999), st.integers(1, 60))
def test_quantile_and_cdf_undo_each_other(p, dof):
    assert cdf(quantile(p, dof), dof) == pytest.approx(p, abs=1e-12)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 60))
def test_the_distribution_rises_and_is_symmetric(a, b, dof):
    low, high = sorted((a, b))
    assert 0 <= cdf(low, dof) <= cdf(high, dof) + 1e-15 <= 1 + 2e-15
    assert cdf(a, dof) + cdf(-a, dof) == pytest.approx(1, abs=1e-14)


def test_the_ends():
    assert (quantile(0, 3), quantile(1, 3), cdf(inf, 4)) == (-inf, inf, 1)
    for wrong in (lambda: cdf(0, 0), lambda: quantile(1.1, 3)):
        with pytest.raises(ValueError):
            wrong()
